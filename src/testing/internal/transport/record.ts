import type { FaultKind, ServiceName } from "./fault.ts"

/**
 * One request, as it arrived. Nothing is hidden: the cloud holds no secret but its own.
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
  /** Epoch milliseconds of the cloud's clock when the request came. */
  readonly at: number
  readonly method: string
  /** The host that the client asked for, with the port. */
  readonly host: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  /** Query and form together. */
  readonly params: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The access key id that signed, if one did. */
  readonly accessKeyId: string | undefined
  /** Status answered; `undefined` while, or if, there is no answer. */
  readonly status: number | undefined
  /** Error code answered. */
  readonly code: string | undefined
  /** The fault that was in the way. */
  readonly fault: FaultKind | undefined
}

/**
 * Which records to count; a field left out matches all.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestFilter = Partial<Pick<RequestRecord, "service" | "operation" | "method" | "status" | "fault">>

/**
 * @internal
 *
 * @since 0.1.0
 * @category models
 */
export const matches = (filter: RequestFilter) => (record: RequestRecord): boolean =>
  (Object.keys(filter) as Array<keyof RequestFilter>).every((key) =>
    filter[key] === undefined || filter[key] === record[key]
  )
