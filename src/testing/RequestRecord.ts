/**
 * What the local cloud records of each request.
 *
 * @since 0.1.0
 */

import type { FaultKind } from "./Fault.ts"
import type { ServiceName } from "./World.ts"

/**
 * A request as it arrived, and how it was answered. Nothing is masked: every secret is one of the local cloud.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestRecord {
  readonly service: ServiceName | "unknown"
  /**
   * The action of an API request (`AssumeRole`, `GetSecretValue` …); `token`, `role` or `credential` of the metadata
   * service; `credential` of the URI; `cloud-credentials`; `token` or `exchange` of OAuth.
   */
  readonly operation: string
  /** When the request arrived, in epoch milliseconds of the cloud's clock. */
  readonly at: number
  readonly method: string
  /** The host that the client sent the request to, with the port. */
  readonly host: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  /** Query and form together. */
  readonly params: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The access key id of the signature, if there is one. */
  readonly accessKeyId: string | undefined
  /** Status of the answer; `undefined` as long as there is no answer. */
  readonly status: number | undefined
  /** Error code of the answer. */
  readonly code: string | undefined
  /** The kind of fault that applied. */
  readonly fault: FaultKind | undefined
}

/**
 * Which records to count. A field that is left out matches all.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestFilter = Partial<Pick<RequestRecord, "service" | "operation" | "method" | "status" | "fault">>
