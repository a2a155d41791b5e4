/**
 * The default chain with everything that Node.js has for it: files, processes and an HTTP client that knows the proxy
 * variables. The only entry point that runs on Node.js alone; it needs `@effect/platform-node`.
 *
 * @since 0.1.0
 */

import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent, Dispatcher, ProxyAgent } from "@effect/platform-node/Undici"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberHandle from "effect/FiberHandle"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { userInfo } from "node:os"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as DefaultChain from "./DefaultChain.ts"
import { SystemHome } from "./internal/files/home.ts"
import * as proxy from "./internal/wire/proxy.ts"

/**
 * An HTTP client (undici) that goes through the proxy of `HTTPS_PROXY` for https and of `HTTP_PROXY` for http, except
 * to what `NO_PROXY` lists; each of them in upper or lower case. The metadata service and this machine are never asked
 * through a proxy.
 *
 * The rules are those of curl and Go. A proxy without a scheme is one of http. `NO_PROXY` lists names, which include
 * their subdomains, with or without a dot before them, IP addresses, networks such as `10.0.0.0/8`, each with or without
 * a port, and `*` for everything.
 *
 * The variables are read when the layer is built. A request that needs one that is not an address fails; with a source
 * of credentials that is `CredentialsMisconfigured`. Redirects are not followed.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole, RamRoleArn } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/admin" }).pipe(
 *   Layer.provide(EcsRamRole.layer()),
 *   Layer.provide(NodeCredentials.layerHttpClient)
 * )
 * ```
 */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, CredentialsMisconfigured> = Layer.suspend(() =>
  Layer.scoped(HttpClient.HttpClient, httpClient)
)

/**
 * What any source or chain needs on Node.js: files, paths, processes and {@link layerHttpClient}. Where no variable names
 * the home folder, it is the one that the operating system has for the user.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { OidcRoleArn } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Layer } from "effect"
 *
 * const layer = OidcRoleArn.layerEnv.pipe(Layer.provide(NodeCredentials.layerPlatform))
 * ```
 */
export const layerPlatform: Layer.Layer<
  HttpClient.HttpClient | NodeContext.NodeContext,
  CredentialsMisconfigured
> = Layer.suspend(() => Layer.mergeAll(NodeContext.layer, layerHttpClient, systemHome))

/**
 * All that a program on Node.js needs: the default chain, files, processes and {@link layerHttpClient}.
 *
 * `get` fails with `CredentialChainError`. The layer itself fails to build only when the proxy variables cannot be read.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const credentials = yield* CredentialProvider.get
 *   yield* Effect.log(`found by ${credentials.provider}`)
 * })
 *
 * program.pipe(Effect.provide(NodeCredentials.layer), NodeRuntime.runMain)
 * ```
 */
export const layer: Layer.Layer<CredentialProvider.CredentialProvider, CredentialsMisconfigured> = Layer.suspend(() =>
  Layer.provide(DefaultChain.layer, layerPlatform)
)

/**
 * {@link layer} with the rule for production: a link that is set up and fails ends the search.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 *
 * const layer = CredentialProvider.eager(NodeCredentials.layerStrict)
 * ```
 */
export const layerStrict: Layer.Layer<CredentialProvider.CredentialProvider, CredentialsMisconfigured> = Layer.suspend(
  () => Layer.provide(DefaultChain.layerStrict, layerPlatform)
)

/**
 * `CredentialProvider.keepWarm` with a timer that does not keep the process alive, for programs that never close their
 * runtime. Asks at once and then each minute by default. A failure is left to whoever asks next.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Layer } from "effect"
 *
 * const layer = NodeCredentials.keepWarm("30 seconds").pipe(Layer.provideMerge(NodeCredentials.layer))
 * ```
 */
export const keepWarm = (
  every: Duration.DurationInput = "1 minute"
): Layer.Layer<never, never, CredentialProvider.CredentialProvider> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const provider = yield* CredentialProvider.CredentialProvider
    const run = yield* FiberHandle.makeRuntime<never>()
    const ask = () => void run(Effect.exit(provider.get), { onlyIfMissing: true })
    ask()
    yield* Effect.acquireRelease(
      Effect.sync(() => setInterval(ask, Math.min(Duration.toMillis(every), longestTimer)).unref()),
      (timer) => Effect.sync(() => clearInterval(timer))
    )
  }))

// A timer of Node.js that is longer fires at once.
const longestTimer = 2 ** 31 - 1

// The system knows the home folder of its users, also where no variable names it; it may not know this user.
const systemHome = Layer.sync(SystemHome, Option.liftThrowable(() => userInfo({ encoding: "utf8" }).homedir))

// Upper case first, as the official tools do.
const variable = (name: string): Config.Config<string> =>
  Config.nonEmptyString(name).pipe(
    Config.orElse(() => Config.nonEmptyString(name.toLowerCase())),
    Config.withDefault("")
  )

const variables = Config.all({
  http: variable("HTTP_PROXY"),
  https: variable("HTTPS_PROXY"),
  none: variable("NO_PROXY")
}).pipe(
  Effect.catchTag("ConfigError", () =>
    new CredentialsMisconfigured({
      provider: "http client",
      at: "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
      reason: "cannot be read"
    }))
)

/** Sends each request through the proxy that is meant for it. */
class Router extends Dispatcher {
  readonly #variables: proxy.Variables
  readonly #direct = new Agent()
  readonly #proxies = new Map<string, ProxyAgent>()

  constructor(variables: proxy.Variables) {
    super()
    this.#variables = variables
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const address = proxy.proxyFor(this.#variables, new URL(String(options.origin)))
    const found = Either.getOrThrowWith(address, () => new Error("not a proxy"))
    return (found === undefined ? this.#direct : this.#through(found)).dispatch(options, handler)
  }

  #through({ href }: URL): Dispatcher {
    const known = this.#proxies.get(href)
    if (known !== undefined) return known
    const agent = new ProxyAgent(href)
    this.#proxies.set(href, agent)
    return agent
  }

  destroyAll(): Promise<unknown> {
    return Promise.all([this.#direct, ...this.#proxies.values()].map((agent) => agent.destroy()))
  }
}

const httpClient = Effect.gen(function*() {
  const values = yield* variables
  const router = yield* Effect.acquireRelease(
    Effect.sync(() => new Router(values)),
    (router) => Effect.promise(() => router.destroyAll())
  )
  return HttpClient.mapRequestEffect(NodeHttpClient.makeUndici(router), (request) => {
    const url = Either.getOrUndefined(UrlParams.makeUrl(request.url, request.urlParams, request.hash))
    const wrong = url === undefined ? undefined : Option.getOrUndefined(Either.getLeft(proxy.proxyFor(values, url)))
    return wrong === undefined
      ? Effect.succeed(request)
      : new HttpClientError.RequestError({
        request,
        reason: "InvalidUrl",
        cause: wrong,
        description: `${wrong.variable} ${wrong.reason}`
      })
  })
})
