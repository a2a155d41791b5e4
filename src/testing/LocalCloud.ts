/**
 * A local Alibaba Cloud for tests: STS, the metadata service of an instance, a credentials URI, CloudSSO, OAuth, and a
 * few signed API actions. It checks signatures, timestamps, nonces, tokens and trust policies like the real services,
 * records every request, and fails as a test configures it. It runs in memory (also with a test clock) or as a real
 * server.
 *
 * @example
 * ```ts
 * import * as HttpClient from "@effect/platform/HttpClient"
 * import * as Effect from "effect/Effect"
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 *
 * export const program = Effect.gen(function*() {
 *   const cloud = yield* LocalCloud.LocalCloud
 *   const client = yield* HttpClient.HttpClient
 *   yield* cloud.fault({ service: "uri", kind: "status", status: 503 })
 *   const first = yield* client.get(LocalCloud.defaults.credentialsUri)
 *   const second = yield* client.get(LocalCloud.defaults.credentialsUri)
 *   return [first.status, second.status, yield* cloud.count({ service: "uri" })] // 503, 200, 2
 * }).pipe(Effect.provide(LocalCloud.layer()))
 * ```
 */

import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { Fault } from "./Fault.ts"
import { initialState, issuedSecrets, revoke, type State, withWorld } from "./internal/cloud/state.ts"
import { rotateSecret } from "./internal/services/getSecretValue.ts"
import { rotateInstanceCredential } from "./internal/services/imds.ts"
import { allSecrets, withLifetime } from "./internal/services/list.ts"
import { withMaxSession } from "./internal/services/role.ts"
import { handle } from "./internal/transport/handle.ts"
import * as memory from "./internal/transport/memory.ts"
import * as server from "./internal/transport/server.ts"
import * as traffic from "./internal/transport/traffic.ts"
import type { RequestFilter, RequestRecord } from "./RequestRecord.ts"
import { defaults, type ServiceName, type World } from "./World.ts"

export type * from "./Fault.ts"
export type * from "./RequestRecord.ts"
export * from "./World.ts"

/**
 * The control of the local cloud: a test reads its requests, adds faults and changes its data.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Base URL of the real server, such as `http://127.0.0.1:34567`; `undefined` in memory. */
  readonly url: string | undefined
  /** Every request since the start or the last `clearRequests`, in the order of arrival. */
  readonly requests: Effect.Effect<ReadonlyArray<RequestRecord>>
  /** Deletes the records of all requests. */
  readonly clearRequests: Effect.Effect<void>
  /** The number of requests that match the filter. Without a filter it counts all requests. */
  readonly count: (filter?: RequestFilter) => Effect.Effect<number>
  /** Adds a fault. Faults apply in the order in which they were added, one to each request. */
  readonly fault: (fault: Fault) => Effect.Effect<void>
  /** Removes all faults. */
  readonly clearFaults: Effect.Effect<void>
  /** The current data of the cloud. */
  readonly world: Effect.Effect<World>
  /** Changes the data of the cloud from the next request on. Issued sessions stay valid. */
  readonly update: (change: (world: World) => World) => Effect.Effect<void>
  /** Sets the lifetime of credentials that a service issues from now on. `sts` then ignores `DurationSeconds`. */
  readonly setLifetime: (service: Exclude<ServiceName, "openapi">, lifetime: DurationInput) => Effect.Effect<void>
  /** Sets the maximum session duration of a role. */
  readonly setMaxSession: (roleArn: string, maxSession: DurationInput) => Effect.Effect<void>
  /** Refuses a key from now on: the key of a session as expired, an AccessKey as not found. */
  readonly revoke: (accessKeyId: string) => Effect.Effect<void>
  /** Makes the metadata service issue new credentials at the next request. */
  readonly rotateInstanceCredential: Effect.Effect<void>
  /**
   * Makes a new version of a secret. For `RAMCredentials` the user gets a second key, and the first key stays valid
   * until `revoke`.
   */
  readonly rotateSecret: (name: string) => Effect.Effect<void>
  /** Every secret and token issued so far, for a test that searches logs and errors for them. */
  readonly issuedSecrets: Effect.Effect<ReadonlyArray<string>>
  /** `issuedSecrets` and the secrets in `world`. */
  readonly secrets: Effect.Effect<ReadonlyArray<string>>
}

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 */
export class LocalCloud extends Context.Tag("effect-alicloud-credentials/testing/LocalCloud")<LocalCloud, Service>() {}

/**
 * The initial state of a cloud.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Replaces parts of `defaults.world`. Defaults to none. */
  readonly world?: Partial<World> | undefined
  /** Clouds with the same seed issue the same values in the same order. Defaults to a random seed. */
  readonly seed?: string | undefined
}

const start = (options: Options = {}): Effect.Effect<Ref.Ref<traffic.Traffic>> =>
  Effect.suspend(() => {
    const world = { ...defaults.world, ...options.world }
    return Ref.make(traffic.initialTraffic(initialState(world, options.seed ?? crypto.randomUUID())))
  })

const makeService = (ref: Ref.Ref<traffic.Traffic>, url: string | undefined): Service => {
  const read = <A>(view: (current: traffic.Traffic) => A) => Effect.map(Ref.get(ref), view)
  const change = (step: (current: traffic.Traffic) => traffic.Traffic) => Ref.update(ref, step)
  const changeCloud = (step: (state: State) => State) =>
    change((current) => ({ ...current, cloud: step(current.cloud) }))
  const update: Service["update"] = (step) => changeCloud((state) => withWorld(state, step))
  return {
    url,
    requests: read(traffic.records),
    clearRequests: change(traffic.withoutRecords),
    count: (filter = {}) => read((current) => traffic.count(current, filter)),
    fault: (fault) => change((current) => traffic.withFault(current, fault)),
    clearFaults: change(traffic.withoutFaults),
    world: read(({ cloud }) => cloud.world),
    update,
    setLifetime: (service, lifetime) => update((world) => withLifetime(world, service, lifetime)),
    setMaxSession: (roleArn, maxSession) => update((world) => withMaxSession(world, roleArn, maxSession)),
    revoke: (accessKeyId) => changeCloud((state) => revoke(state, accessKeyId)),
    rotateInstanceCredential: changeCloud(rotateInstanceCredential),
    rotateSecret: (name) => changeCloud((state) => rotateSecret(state, name)),
    issuedSecrets: read(({ cloud }) => issuedSecrets(cloud)),
    secrets: read(({ cloud }) => allSecrets(cloud))
  }
}

/**
 * A layer that provides the cloud in memory and an `HttpClient` that sends every request to it. The host of a request
 * selects the service. For unknown hosts (`http://localhost/latest/api/token`) the path selects it. Time is the `Clock`
 * of the fiber that sends the request, and answers are read without promises, so a test clock controls everything.
 * Needs nothing, and building it cannot fail.
 *
 * @example
 * ```ts
 * import * as HttpClient from "@effect/platform/HttpClient"
 * import * as Effect from "effect/Effect"
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 *
 * export const role = Effect.gen(function*() {
 *   const client = yield* HttpClient.HttpClient
 *   const answer = yield* client.get("http://100.100.100.200/latest/meta-data/ram/security-credentials/")
 *   return yield* answer.text // LocalCloud.defaults.instanceRole
 * }).pipe(Effect.provide(LocalCloud.layer()))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<LocalCloud | HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.map(start(options), (cloud) =>
      Context.make(LocalCloud, makeService(cloud, undefined)).pipe(
        Context.add(HttpClient.HttpClient, memory.client(handle(cloud)))
      ))
  )

/**
 * A layer that provides the cloud on an HTTP server. Clients call it at `url`, where the path selects the service, or
 * at the real hosts with `layerClient`. Needs an `HttpServer`, and building it cannot fail.
 *
 * @example
 * ```ts
 * import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 * import * as Layer from "effect/Layer"
 * import { createServer } from "node:http"
 *
 * export const Cloud = LocalCloud.layerServer().pipe(
 *   Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServer = (options?: Options): Layer.Layer<LocalCloud, never, HttpServer.HttpServer> =>
  Layer.scoped(
    LocalCloud,
    Effect.gen(function*() {
      const cloud = yield* start(options)
      const closing = yield* Deferred.make<void>()
      const { address } = yield* HttpServer.HttpServer
      yield* HttpServer.serveEffect(server.app(handle(cloud), closing))
      yield* Effect.addFinalizer(() => Deferred.succeed(closing, undefined))
      return makeService(cloud, server.baseUrl(address))
    })
  )

/**
 * A layer that provides an `HttpClient` for `layerServer`. It sends requests for hosts of Alibaba Cloud, and for
 * `http://credentials.local` (the credentials URI), to the local server, which records the original host. A request to
 * any other host fails, so no test calls a real service. Needs `layerServer` and a real `HttpClient`.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import type * as HttpServer from "@effect/platform/HttpServer"
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 * import * as Layer from "effect/Layer"
 *
 * declare const Server: Layer.Layer<HttpServer.HttpServer>
 * export const Cloud = LocalCloud.layerServer().pipe(Layer.provide(Server))
 * export const Test = LocalCloud.layerClient.pipe(Layer.provide(FetchHttpClient.layer), Layer.provideMerge(Cloud))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, LocalCloud | HttpClient.HttpClient> = Layer.effect(
  HttpClient.HttpClient,
  Effect.gen(function*() {
    const { url } = yield* LocalCloud
    const client = yield* HttpClient.HttpClient
    if (url === undefined) {
      return yield* Effect.dieMessage(
        "LocalCloud.layerClient needs LocalCloud.layerServer: provide it instead of LocalCloud.layer"
      )
    }
    return server.redirectingClient(client, url)
  })
)

/**
 * A layer that provides an `HttpClient` for a `layerServer` of another process, by its `url`, for tests of several
 * processes that use one cloud. It redirects and refuses requests as `layerClient` does. Needs a real `HttpClient`.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 * import * as Config from "effect/Config"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const Test = Layer.unwrapEffect(Effect.map(Config.string("CLOUD"), LocalCloud.layerClientAt)).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClientAt = (
  url: string
): Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) => server.redirectingClient(client, url))
  )
