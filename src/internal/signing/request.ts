/**
 * A request that is ready to be signed: its body gathered and hashed, its URL in canonical form.
 */
import type * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Credentials } from "../../Credentials.ts"
import { secretsOf } from "../provider/credentials.ts"
import { ofCredentials } from "../provider/names.ts"
import { readWhole } from "../wire/bytes.ts"
import { isHeaderSafe } from "../wire/encode.ts"
import { digest } from "../wire/hash.ts"
import { toEffect } from "../wire/result.ts"
import { userAgent } from "../wire/userAgent.ts"
import * as acs3 from "./acs3.ts"
import { secretHeaders } from "./conceal.ts"
import * as signature from "./signature.ts"

/** @internal */
export interface Prepared {
  readonly method: HttpClientRequest.HttpClientRequest["method"]
  readonly url: URL
  /** The URL without its query. */
  readonly address: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: Readonly<Record<string, string>>
  readonly body: HttpBody.HttpBody
  readonly payloadHash: string
}

/** Fails with the reason why the request cannot be signed. @internal */
export const prepare = (
  request: HttpClientRequest.HttpClientRequest,
  maxBody: number
): Effect.Effect<Prepared, string> =>
  Effect.flatMap(toEffect(urlOf(request)), (url) =>
    Effect.flatMap(bodyOf(request.body, maxBody), (bytes) => {
      // A content type that was set after the body takes precedence, as in an unsigned request.
      const body = bytes === undefined
        ? undefined
        : HttpBody.uint8Array(bytes, request.headers["content-type"] ?? request.body.contentType)
      return Effect.map(digest(bytes ?? noBytes), (payloadHash) => ({
        method: request.method,
        url,
        address: url.href.replace(/\?.*/s, ""),
        query: [...url.searchParams],
        headers: headersOf(request.headers, body),
        body: body ?? HttpBody.empty,
        payloadHash
      }))
    }))

const noBytes = new Uint8Array()

const urlOf = (request: HttpClientRequest.HttpClientRequest): Either.Either<URL, string> => {
  // The fragment is dropped, because one client would send it.
  const made = UrlParams.makeUrl(request.url, request.urlParams, Option.none())
  if (Either.isLeft(made)) return Either.left("the address is not valid")
  const url = made.right
  return Either.map(acs3.canonicalPath(url.pathname), (path) => {
    // Each change makes the runtime parse the URL again.
    if (path !== url.pathname) url.pathname = path
    if (url.href.includes("#")) url.hash = ""
    return url
  })
}

const headersOf = (
  given: Headers.Headers,
  body: HttpBody.Uint8Array | undefined
): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = { accept: "application/json", "user-agent": userAgent, ...given }
  for (const name of removedHeaders) if (name in headers) delete headers[name]
  if (body !== undefined) {
    headers["content-type"] = body.contentType
  }
  return headers
}

const removedHeaders = [...secretHeaders, "content-length"]

const bodyOf = (body: HttpBody.HttpBody, max: number): Effect.Effect<Uint8Array | undefined, string> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(undefined)
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      if (typeof body.body === "string") return Effect.succeed(new TextEncoder().encode(body.body))
      if (body.body instanceof Uint8Array) return Effect.succeed(body.body)
      return Effect.fail("a raw body must be text or bytes")
    case "Stream":
      return readWhole(body.stream, max).pipe(
        Effect.mapError(() => "the stream of the body failed"),
        Effect.flatMap(Option.match({
          onNone: () => Effect.fail(`the stream of the body is over ${max} bytes`),
          onSome: Effect.succeed
        }))
      )
    case "FormData":
      return Effect.fail("a multipart body cannot be hashed before it is sent; send bytes")
  }
}

/** The request that is sent, once it is known which headers propagate its trace. @internal */
export type Signed = (traceHeaders: Readonly<Record<string, string>>) => HttpClientRequest.HttpClientRequest

/** @internal */
export const sign = (
  { address, body, headers: given, method, payloadHash, query, url }: Prepared,
  credentials: Credentials,
  service: { readonly name: string },
  now: number
): Either.Either<Signed, string> => {
  // A client that rejects a header may quote it in its error.
  if (!sent(credentials).every(isHeaderSafe)) {
    return Either.left("the credentials contain characters that are not allowed in a header")
  }
  const added = signature.sign({
    method,
    host: url.host,
    path: url.pathname,
    query,
    headers: given,
    payloadHash,
    credentials,
    provider: ofCredentials(service, credentials),
    now,
    nonce: crypto.randomUUID()
  })
  const bare = HttpClientRequest.make(method)(address).pipe(
    HttpClientRequest.setUrlParams(UrlParams.setAll(UrlParams.fromInput(query), added.query)),
    HttpClientRequest.setBody(body)
  )
  // All at once, since each time that headers are set copies all of them.
  return Either.right((trace) => HttpClientRequest.setHeaders(bare, { ...given, ...added.headers, ...trace }))
}

const sent = (credentials: Credentials): ReadonlyArray<string> =>
  credentials._tag === "BearerToken"
    ? secretsOf(credentials)
    : [credentials.accessKeyId, ...secretsOf(credentials).slice(1)]
