/**
 * Responses to signed requests. When printed, they show the request as the caller made it, and no body. The beginning
 * of the body can be read ahead, and the caller can still read all of it.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { isEmptyBody } from "../compat/httpError.ts"
import { CustomResponse } from "../compat/response.ts"
import * as streams from "../compat/stream.ts"
import { concat, type Head, type Pull, readHead } from "../wire/bytes.ts"
import { holdsSecret } from "../wire/disguise.ts"
import { parseServerDate } from "../wire/time.ts"

type Response = HttpClientResponse.HttpClientResponse

/** What of an answer stands before its body, without what a server echoes of a secret. */
interface Shown {
  readonly headers: Headers.Headers
  readonly cookies: Cookies.Cookies
}

const shownOf = ({ cookies, headers }: Response, hidden: ReadonlyArray<string>): Shown => {
  const entries = Object.entries(headers)
  const jar = Object.values(cookies.cookies)
  // One look at all of them, since nearly no answer holds a secret.
  const all = [...entries.flat(), ...jar.flatMap(({ name, value, valueEncoded }) => [name, value, valueEncoded])]
  if (!holdsSecret(all.join("\n"), hidden)) return { headers, cookies }
  return {
    headers: Headers.fromInput(
      entries
        .filter(([name]) => !holdsSecret(name, hidden))
        .map(([name, value]) => [name, holdsSecret(value, hidden) ? "<redacted>" : value] as const)
    ),
    cookies: Cookies.fromIterable(jar.filter(({ name, value }) => !holdsSecret(`${name}\n${value}`, hidden)))
  }
}

/** Where the body comes from. */
interface Body {
  readonly stream: Stream.Stream<Uint8Array, unknown>
  readonly text: Effect.Effect<string, unknown>
  readonly arrayBuffer: Effect.Effect<ArrayBuffer, unknown>
  readonly formData: Effect.Effect<FormData, unknown>
}

class SignedResponse extends CustomResponse {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly #original: Response
  readonly #body: Body

  readonly #hidden: ReadonlyArray<string>
  #shown: Shown | undefined

  constructor(
    request: HttpClientRequest.HttpClientRequest,
    original: Response,
    body: Body,
    hidden: ReadonlyArray<string>
  ) {
    super()
    this.request = request
    this.#original = original
    this.#body = body
    this.#hidden = hidden
  }

  static hiddenIn(response: SignedResponse): ReadonlyArray<string> {
    return response.#hidden
  }

  static unseenHeaders(response: SignedResponse): Headers.Headers {
    return response.#original.headers
  }

  /** Looked through when it is read: most callers read only the body. */
  get #safe(): Shown {
    return this.#shown ??= this.#original instanceof SignedResponse
      ? this.#original.#safe
      : shownOf(this.#original, this.#hidden)
  }

  get status(): number {
    return this.#original.status
  }

  get headers(): Headers.Headers {
    return this.#safe.headers
  }

  get cookies(): Response["cookies"] {
    return this.#safe.cookies
  }

  get remoteAddress(): Response["remoteAddress"] {
    return this.#original.remoteAddress
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    return Stream.mapError(this.#body.stream, this.#failure)
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return Effect.mapError(this.#body.text, this.#failure)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.mapError(this.#body.arrayBuffer, this.#failure)
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.mapError(this.#body.formData, this.#failure)
  }

  protected notJson(): HttpClientError.ResponseError {
    return this.#decodeError("the body is not JSON")
  }

  #decodeError(description: string): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", description })
  }

  // Only the kind of the client's error is kept, because its cause can quote the signed request.
  readonly #failure = (error: unknown): HttpClientError.ResponseError => {
    if (error === consumed) return this.#decodeError("the body was already streamed, and can be streamed only once")
    return isEmptyBody(error)
      ? new HttpClientError.ResponseError({ request: this.request, response: this, reason: "EmptyBody" })
      : this.#decodeError("the body cannot be read")
  }
}

/** The failure of a stream that is read a second time. */
const consumed: unique symbol = Symbol()

/** The secrets of the request of this response; undefined if the request was not signed. @internal */
export const hiddenIn = (response: Response): ReadonlyArray<string> | undefined =>
  response instanceof SignedResponse ? SignedResponse.hiddenIn(response) : undefined

/** The clock of the server when it answered. @internal */
export const serverDate = (response: Response): number | undefined => {
  const headers = unseenHeaders(response)
  return parseServerDate(headers["date"], headers["age"])
}

/** How many bytes the body has, if that is known before it is read. A compressed body may become any longer. @internal */
export const plainLength = (response: Response): number | undefined => {
  const headers = unseenHeaders(response)
  const length = headers["content-length"] ?? ""
  return /^\d{1,15}$/.test(length) && (headers["content-encoding"] ?? "identity") === "identity"
    ? Number(length)
    : undefined
}

// A number or a date is no secret, so nothing has to be looked through.
const unseenHeaders = (response: Response): Headers.Headers =>
  response instanceof SignedResponse ? SignedResponse.unseenHeaders(response) : response.headers

/** The same response, with the request as the caller made it. @internal */
export const withRequest = (
  request: HttpClientRequest.HttpClientRequest,
  response: Response,
  hidden: ReadonlyArray<string>
): Response => new SignedResponse(request, response, response, hidden)

/** @internal */
export interface Peeked {
  /** Can still be read from its first byte. */
  readonly response: Response
  /** The beginning of the body. */
  readonly head: string
  /** Releases a response that will not be read. */
  readonly discard: Effect.Effect<void>
}

/** Reads up to `limit` bytes of the body ahead. @internal */
export const peek = (
  request: HttpClientRequest.HttpClientRequest,
  response: Response,
  hidden: ReadonlyArray<string>,
  limit: number
): Effect.Effect<Peeked> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const pull: Pull = yield* Scope.extend(streams.toPull(response.stream), scope)
      const head = yield* restore(Effect.map(readHead(pull, limit), orWhole)).pipe(
        Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
      )
      const discard = Scope.close(scope, Exit.void)
      if (head.end === "whole") yield* discard
      const rest = head.end === "whole" ? undefined : restOf(head, pull, scope)
      const body = yield* bodyOf(response, head.bytes, rest)
      const rebuilt = new SignedResponse(request, response, body, hidden)
      const runtime = yield* Effect.runtime()
      if (head.end !== "whole") abandoned?.register(rebuilt, runLater(runtime, discard))
      return { response: rebuilt, head: new TextDecoder().decode(head.bytes), discard }
    })
  )

// A response that is dropped unread would keep its connection open. The garbage collector runs the callback outside of
// any fiber.
const abandoned = "FinalizationRegistry" in globalThis
  ? new FinalizationRegistry<() => void>((close) => close())
  : undefined

// Not a closure inside `peek`, which would hold a reference to the response.
const runLater = (runtime: Runtime.Runtime<never>, effect: Effect.Effect<void>) => () =>
  void Runtime.runFork(runtime)(effect)

// For an empty body, clients fail instead of returning an empty stream.
const orWhole = (head: Head): Head =>
  typeof head.end === "object" && isEmptyBody(head.end.failure) ? { ...head, end: "whole" } : head

const restOf = (head: Head, pull: Pull, scope: Scope.CloseableScope): Stream.Stream<Uint8Array, unknown> =>
  (typeof head.end === "object" ? Stream.fail(head.end.failure) : streams.fromPull(pull)).pipe(
    Stream.ensuring(Scope.close(scope, Exit.void))
  )

const bodyOf = (
  original: Response,
  head: Uint8Array<ArrayBuffer>,
  rest: Stream.Stream<Uint8Array, unknown> | undefined
): Effect.Effect<Body> => {
  const start = head.byteLength === 0 ? Stream.empty : Stream.make(head)
  let isConsumed = false
  let isGathered = false
  const once = Stream.suspend(() => {
    if (isConsumed) return Stream.fail(consumed)
    isConsumed = true
    return rest === undefined ? start : Stream.concat(start, rest)
  })
  const gather = Effect.suspend(() => {
    isGathered = !isConsumed
    return Effect.map(streams.runCollect(once), concat)
  })
  return Effect.map(Effect.cached(gather), (bytes) => ({
    stream: rest === undefined ? start : Stream.suspend(() => isGathered ? Stream.fromEffect(bytes) : once),
    text: Effect.map(bytes, (all) => new TextDecoder().decode(all)),
    arrayBuffer: Effect.map(bytes, (all) => all.slice().buffer),
    formData: Effect.flatMap(
      bytes,
      (all) =>
        Effect.tryPromise(() =>
          new Response(all, { headers: { "content-type": original.headers["content-type"] ?? "" } }).formData()
        )
    )
  }))
}
