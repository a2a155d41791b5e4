/**
 * The request that subjects sign and send: `DescribeRegions` with two parameters, signed with a session. With a body, it
 * has the bytes of a JSON text.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Effect, Layer, ManagedRuntime, Schema } from "effect"
import { CredentialProvider, OpenApi, SignedHttpClient } from "effect-alicloud-credentials"
import * as byHand from "./byHand.ts"
import type { Task } from "./measure.ts"
import { session } from "./sessions.ts"

export const undici = NodeHttpClient.layerUndici

export const clients: Readonly<Record<string, Layer.Layer<HttpClient.HttpClient>>> = {
  undici,
  "node:http": NodeHttpClient.layerWithoutAgent.pipe(
    Layer.provide(NodeHttpClient.makeAgentLayer({ keepAlive: true }))
  ),
  fetch: FetchHttpClient.layer
}

export const query = [["AcceptLanguage", "en-US"], ["ResourceType", "instance"]] as const
const parameters = Object.fromEntries(query)
const action = "DescribeRegions"
const version = "2014-05-26"
export const actionHeaders = { "x-acs-action": action, "x-acs-version": version }
const json = "application/json; charset=utf-8"

const Regions = Schema.Struct({
  Regions: Schema.Struct({ Region: Schema.Array(Schema.Struct({ RegionId: Schema.String })) })
})

/** Sizes of bodies, from 1 KB to 10 MB, and how many requests a round has. */
export const sizes: ReadonlyArray<readonly [bytes: number, count: number]> = [
  [1000, 100],
  [10_000, 100],
  [100_000, 40],
  [1_000_000, 8],
  [10_000_000, 2]
]

export const bodyOf = (bytes: number): Uint8Array => {
  const quotes = 2
  return new TextEncoder().encode(JSON.stringify("a".repeat(bytes - quotes)))
}

const withBody = (request: HttpClientRequest.HttpClientRequest, body: Uint8Array | undefined) =>
  body === undefined ? request : HttpClientRequest.bodyUint8Array(request, body, json)

const request = (server: string, body: Uint8Array | undefined, headers: Readonly<Record<string, string>>) =>
  withBody(HttpClientRequest.post(`${server}/?${byHand.queryString(query)}`, { headers }), body)

/** Neither signed nor decoded. */
export const bare = (server: string, body?: Uint8Array) =>
  Effect.flatMap(
    HttpClient.HttpClient,
    (client) => Effect.flatMap(client.execute(request(server, body, actionHeaders)), ({ text }) => text)
  )

/** Signed by hand, without spans and without checks. */
export const handWritten = (server: string, body?: Uint8Array) =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    Effect.suspend(() => {
      const type: Readonly<Record<string, string>> = body === undefined ? {} : { "content-type": json }
      const { host: _, ...headers } = byHand.sign({
        method: "POST",
        host: new URL(server).host,
        query,
        headers: { accept: "application/json", ...actionHeaders, ...type },
        body
      })
      return Effect.flatMap(client.execute(request(server, body, headers)), (response) => response.json)
    })).pipe(Effect.withTracerEnabled(false))

export const signed = (server: string, body?: Uint8Array) =>
  Effect.flatMap(
    SignedHttpClient.SignedHttpClient,
    (client) => Effect.flatMap(client.execute(request(server, body, actionHeaders)), ({ text }) => text)
  )

export const called = (server: string) =>
  OpenApi.call({ endpoint: server, action, version, parameters, schema: Regions })

type Need = SignedHttpClient.SignedHttpClient | HttpClient.HttpClient

export type Runtime = ManagedRuntime.ManagedRuntime<Need, never>

/** Signs with a session that is cached, and sends with the client. */
export const runtimeOf = (client: Layer.Layer<HttpClient.HttpClient>): Runtime =>
  ManagedRuntime.make(
    SignedHttpClient.layer().pipe(
      Layer.provide(CredentialProvider.layer({ name: "bench", fetch: session })),
      Layer.provideMerge(client)
    )
  )

/** Sends the request so many times, one after the other. */
export const task = (
  runtime: Runtime,
  name: string,
  request: Effect.Effect<unknown, unknown, Need>,
  count: number
): Task => {
  const all = Effect.replicateEffect(request, count, { discard: true })
  return { name, count, run: () => runtime.runPromise(all) }
}
