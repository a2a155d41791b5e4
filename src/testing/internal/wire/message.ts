import { formatHttpDate, fromUtf8, type Params, parseParams } from "./encode.ts"

/**
 * A request, in memory or over a socket.
 *
 * @internal
 */
export interface Request {
  readonly method: string
  /** The host with its port, as the client sent it. */
  readonly host: string
  /** Still encoded, without the query. */
  readonly path: string
  readonly query: Params
  /** Names in lower case, `host` among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** @internal */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The error code of the body, for the record of the request. */
  readonly code?: string | undefined
}

/**
 * An error of a service, which writes it in its own form.
 *
 * @internal
 */
export interface ApiError {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** @internal */
export const apiError = (status: number, code: string, message: string): ApiError => ({ status, code, message })

/** @internal */
export const hostname = (request: Request): string => request.host.replace(/:\d+$/, "").toLowerCase()

/** @internal */
export const bodyText = (request: Request): string => fromUtf8(request.body)

/** @internal */
export const formParams = (request: Request): Params =>
  (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")
    ? parseParams(bodyText(request))
    : []

/** @internal */
export const allParams = (request: Request): Params => [...request.query, ...formParams(request)]

/** @internal */
export const toRecord = (params: Params): Readonly<Record<string, string>> => Object.fromEntries(params)

/** @internal */
export const bearerToken = (request: Request): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1]

/** @internal */
export const json = (status: number, body: unknown, code?: string): Answer => ({
  status,
  headers: { "content-type": "application/json;charset=utf-8" },
  body: JSON.stringify(body),
  code
})

/** @internal */
export const text = (status: number, body: string, contentType = "text/plain"): Answer => ({
  status,
  headers: { "content-type": contentType },
  body
})

/** @internal */
export const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers }
})

/** @internal */
export const withDate = (answer: Answer, millis: number): Answer =>
  withHeaders(answer, { date: formatHttpDate(millis) })
