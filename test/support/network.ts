/**
 * HTTP clients in memory.
 */
import {
  Cookies,
  Headers,
  HttpClient,
  type HttpClientError,
  type HttpClientRequest,
  HttpClientResponse
} from "@effect/platform"
import { Effect, Layer, Stream } from "effect"
import type { Texts } from "./variables.ts"

export interface Reply {
  readonly status?: number
  readonly headers?: Texts
  readonly body?: string | Stream.Stream<Uint8Array, HttpClientError.ResponseError>
}

/** Responds to a request. */
export type Answering<A> = (
  request: HttpClientRequest.HttpClientRequest,
  url: URL
) => Effect.Effect<A, HttpClientError.HttpClientError>

export type Answer = Answering<Reply>

const clientOf = (answer: Answering<HttpClientResponse.HttpClientResponse>) =>
  Layer.succeed(HttpClient.HttpClient, HttpClient.make((request, url) => answer(request, url)))

/** A simulated network, whose responses are read without promises, so that nothing takes real time. */
export const fakeHttp = (answer: Answer): Layer.Layer<HttpClient.HttpClient> =>
  clientOf((request, url) =>
    Effect.map(answer(request, url), ({ body = "", headers = {}, status = 200 }) => {
      const stream = typeof body === "string" ? Stream.make(new TextEncoder().encode(body)) : body
      const response = {
        request,
        status,
        headers: Headers.fromInput(headers),
        cookies: Cookies.empty,
        stream,
        text: typeof body === "string" ? Effect.succeed(body) : undefined,
        arrayBuffer: typeof body === "string" ? Effect.succeed(new TextEncoder().encode(body).buffer) : undefined
      }
      return response as unknown as HttpClientResponse.HttpClientResponse
    })
  )

/** A simulated network with Web API responses. */
export const network = (answer: Answering<Response>): Layer.Layer<HttpClient.HttpClient> =>
  clientOf((request, url) =>
    Effect.map(answer(request, url), (response) => HttpClientResponse.fromWeb(request, response))
  )

/** A simulated network that sends these responses in turn, repeats the last one, and records the requests. */
export const scripted = (...answers: ReadonlyArray<() => Response>) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const layer = network((request) =>
    Effect.sync(() => (answers[Math.min(requests.push(request), answers.length) - 1] ?? (() => Response.error()))())
  )
  return { requests, layer }
}

export const refusing = (code: string, status = 400) => () =>
  Response.json({ Code: code, Message: "no", RequestId: "0-1" }, { status })

/** The fields of a session that expires after an hour of the test clock. */
export const sessionFields = {
  AccessKeyId: "STS.FakeKeyId",
  AccessKeySecret: "fake-session-secret",
  SecurityToken: "fake-session-token",
  Expiration: "1970-01-01T01:00:00Z"
} as const
