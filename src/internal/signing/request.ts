/**
 * A request that is ready to be signed: its body gathered and hashed, its URL in canonical form.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as UrlParams from "@effect/platform/UrlParams"
import { bytesToHex } from "@noble/hashes/utils.js"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Credentials } from "../../Credentials.ts"
import { secretsOf } from "../provider/credentials.ts"
import { ofCredentials } from "../provider/names.ts"
import { readWhole } from "../wire/bytes.ts"
import { isHeaderSafe } from "../wire/encode.ts"
import { toEffect } from "../wire/result.ts"
import { userAgent } from "../wire/userAgent.ts"
import * as acs3 from "./acs3.ts"
import { secretHeaders } from "./conceal.ts"
import * as signature from "./signature.ts"

/** @internal */
export interface Prepared {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: URL
  readonly payloadHash: string
}

/** Fails with the reason why the request cannot be signed. @internal */
export const prepare = (
  request: HttpClientRequest.HttpClientRequest,
  maxBody: number
): Effect.Effect<Prepared, string> =>
  Effect.gen(function*() {
    const url = yield* Effect.mapError(
      // The fragment is dropped, because one client would send it.
      toEffect(UrlParams.makeUrl(request.url, request.urlParams, Option.none())),
      () => "the address is not valid"
    )
    url.hash = ""
    url.pathname = yield* toEffect(acs3.canonicalPath(url.pathname))
    const bytes = yield* bodyOf(request.body, maxBody)
    const headers = Headers.merge(
      Headers.fromInput({ accept: "application/json", "user-agent": userAgent }),
      Headers.remove(request.headers, [...secretHeaders, "content-length"])
    )
    const bare = HttpClientRequest.make(request.method)("", { headers } as HttpClientRequest.Options.NoUrl)
    return {
      request: bytes === undefined ? bare : HttpClientRequest.setBody(bare, withType(request, bytes)),
      url,
      payloadHash: yield* hash(bytes ?? new Uint8Array())
    }
  })

// A content type that was set after the body takes precedence, as in an unsigned request.
const withType = (request: HttpClientRequest.HttpClientRequest, bytes: Uint8Array): HttpBody.HttpBody =>
  HttpBody.uint8Array(bytes, request.headers["content-type"] ?? request.body.contentType)

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

// For smaller bodies WebCrypto is slower, because it is asynchronous.
const large = 64 * 1024

const hash = (bytes: Uint8Array): Effect.Effect<string> =>
  bytes.byteLength <= large || globalThis.crypto?.subtle === undefined
    ? Effect.sync(() => acs3.hash(bytes))
    : Effect.map(
      Effect.promise(() => crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)),
      (digest) => bytesToHex(new Uint8Array(digest))
    )

/** @internal */
export const sign = (
  { payloadHash, request, url }: Prepared,
  credentials: Credentials,
  service: { readonly name: string },
  now: number
): Either.Either<HttpClientRequest.HttpClientRequest, string> => {
  // A client that rejects a header may quote it in its error.
  if (!sent(credentials).every(isHeaderSafe)) {
    return Either.left("the credentials contain characters that are not allowed in a header")
  }
  const { headers, query } = signature.sign({
    method: request.method,
    url,
    headers: request.headers,
    payloadHash,
    credentials,
    provider: ofCredentials(service, credentials),
    now,
    nonce: crypto.randomUUID()
  })
  return Either.right(request.pipe(
    HttpClientRequest.setUrl(url),
    HttpClientRequest.setUrlParams(query),
    HttpClientRequest.setHeaders(headers)
  ))
}

const sent = (credentials: Credentials): ReadonlyArray<string> =>
  credentials._tag === "BearerToken"
    ? secretsOf(credentials)
    : [credentials.accessKeyId, ...secretsOf(credentials).slice(1)]
