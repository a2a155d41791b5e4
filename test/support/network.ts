/**
 * HTTP clients in memory.
 */
import { Headers, HttpClient, type HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Effect, Layer, Stream } from "effect"
import type { Texts } from "./variables.ts"

export interface Reply {
  readonly status?: number
  readonly headers?: Texts
  readonly body?: string | Stream.Stream<Uint8Array, HttpClientError.ResponseError>
}

/** What answers a request. */
export type Answering<A> = (
  request: HttpClientRequest.HttpClientRequest,
  url: URL
) => Effect.Effect<A, HttpClientError.HttpClientError>

export type Answer = Answering<Reply>

const clientOf = (answer: Answering<HttpClientResponse.HttpClientResponse>) =>
  Layer.succeed(HttpClient.HttpClient, HttpClient.make((request, url) => answer(request, url)))

/** A network of one's own, read without promises, so that a test clock moves everything. */
export const fakeHttp = (answer: Answer): Layer.Layer<HttpClient.HttpClient> =>
  clientOf((request, url) =>
    Effect.map(answer(request, url), ({ body = "", headers = {}, status = 200 }) => {
      const stream = typeof body === "string" ? Stream.make(new TextEncoder().encode(body)) : body
      const response = { request, status, headers: Headers.fromInput(headers), stream }
      return response as unknown as HttpClientResponse.HttpClientResponse
    })
  )

/** A network of one's own that answers with responses of the platform. */
export const network = (answer: Answering<Response>): Layer.Layer<HttpClient.HttpClient> =>
  clientOf((request, url) =>
    Effect.map(answer(request, url), (response) => HttpClientResponse.fromWeb(request, response))
  )

/** One that gives these answers in turn, then repeats the last, and keeps the requests. */
export const scripted = (...answers: ReadonlyArray<() => Response>) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const layer = network((request) =>
    Effect.sync(() => (answers[Math.min(requests.push(request), answers.length) - 1] ?? (() => Response.error()))())
  )
  return { requests, layer }
}

export const refusing = (code: string, status = 400) => () =>
  Response.json({ Code: code, Message: "no", RequestId: "0-1" }, { status })

/** The fields of a session that ends in an hour of the test clock. */
export const sessionFields = {
  AccessKeyId: "STS.FakeKeyId",
  AccessKeySecret: "fake-session-secret",
  SecurityToken: "fake-session-token",
  Expiration: "1970-01-01T01:00:00Z"
} as const
