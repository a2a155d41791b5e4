/**
 * The records of requests to the local cloud.
 *
 * @since 0.1.0
 */

import type { FaultKind } from "./Fault.ts"
import type { ServiceName } from "./World.ts"

/**
 * A request as it arrived, and its answer. Secrets are not masked, because they are secrets of the local cloud.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestRecord {
  /** The service that answered. */
  readonly service: ServiceName | "unknown"
  /**
   * The action of an API request (`AssumeRole`, `GetSecretValue` …); `token`, `role` or `credential` for the metadata
   * service; `credential` for the URI; `cloud-credentials` for CloudSSO; `token` or `exchange` for OAuth.
   */
  readonly operation: string
  /** When the request arrived, in epoch milliseconds of the cloud's clock. */
  readonly at: number
  /** The HTTP method. */
  readonly method: string
  /** The host that the client sent the request to, with the port. */
  readonly host: string
  /** The path, still encoded. */
  readonly path: string
  /** The decoded parameters of the query. */
  readonly query: Readonly<Record<string, string>>
  /** The decoded parameters of a urlencoded body. */
  readonly form: Readonly<Record<string, string>>
  /** Query and form together. */
  readonly params: Readonly<Record<string, string>>
  /** The headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. */
  readonly body: string
  /** The AccessKey id of the signature, if there is one. */
  readonly accessKeyId: string | undefined
  /** The status of the answer; `undefined` until there is an answer. */
  readonly status: number | undefined
  /** The error code of the answer. */
  readonly code: string | undefined
  /** The kind of fault that applied. */
  readonly fault: FaultKind | undefined
}

/**
 * The records to count. A field that is left out matches everything.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestFilter = Partial<Pick<RequestRecord, "service" | "operation" | "method" | "status" | "fault">>
