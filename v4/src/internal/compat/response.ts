/** The base of responses that no HTTP client made. Effect 4 asks for other members than Effect 3. */
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as UrlParams from "effect/http/UrlParams"
import * as Inspectable from "effect/Inspectable"
import { pipeArguments } from "effect/Pipeable"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

type Response = HttpClientResponse.HttpClientResponse

/** @internal */
export abstract class CustomResponse extends Inspectable.Class implements Response {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  abstract readonly request: HttpClientRequest.HttpClientRequest
  abstract readonly status: number
  abstract readonly headers: Headers.Headers
  abstract readonly cookies: Response["cookies"]
  abstract readonly remoteAddress: Response["remoteAddress"]
  abstract readonly stream: Stream.Stream<Uint8Array, HttpClientError.HttpClientError>
  abstract readonly text: Effect.Effect<string, HttpClientError.HttpClientError>
  abstract readonly arrayBuffer: Effect.Effect<ArrayBuffer, HttpClientError.HttpClientError>
  abstract readonly formData: Effect.Effect<FormData, HttpClientError.HttpClientError>

  /** The error for a body that is not JSON. */
  protected abstract notJson(cause: unknown): HttpClientError.HttpClientError

  get url(): string {
    return this.request.url
  }

  get upgrade(): Response["upgrade"] {
    return Effect.suspend(() => Effect.fail(this.notJson("the connection cannot be upgraded")))
  }

  get json(): Effect.Effect<Schema.Json, HttpClientError.HttpClientError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: () => text === "" ? null : JSON.parse(text) as Schema.Json,
        catch: (cause) => this.notJson(cause)
      }))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.HttpClientError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  pipe() {
    return pipeArguments(this, arguments) as never
  }

  /** Without the body, which may contain credentials. */
  toJSON(): unknown {
    return {
      _id: "effect/http/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status,
      headers: shown(this.headers)
    }
  }
}

const shown = (headers: Headers.Headers): unknown =>
  Object.fromEntries(
    Object.entries(Headers.redact(headers, Headers.CurrentRedactedNames.defaultValue()))
      .map(([name, value]) => [name, Redacted.isRedacted(value) ? "<redacted>" : value])
  )
