/**
 * The default chain for Node.js, with files, processes and an HTTP client that supports the proxy variables. This is
 * the only entry point that requires Node.js and `@effect/platform-node`.
 *
 * @since 0.1.0
 */

import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { EnvHttpProxyAgent } from "@effect/platform-node/Undici"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { userInfo } from "node:os"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as DefaultChain from "./DefaultChain.ts"
import { SystemHome } from "./internal/files/home.ts"
import { withoutProxy } from "./internal/wire/proxy.ts"

/**
 * A layer that provides an HTTP client (undici) with the proxies of `HTTPS_PROXY` and `HTTP_PROXY`, except for the
 * hosts in `NO_PROXY`. Requests to the metadata service and to this machine never go through a proxy.
 *
 * Needs nothing. Reads the variables, in upper or lower case, when it is built. Fails to build with
 * `CredentialsMisconfigured` if a proxy is not an address.
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
  NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
    Layer.provide(Layer.scoped(NodeHttpClient.Dispatcher, proxyDispatcher))
  )
)

/**
 * A layer that provides what every source and chain needs on Node.js: files, paths, processes and the HTTP client of
 * {@link layerHttpClient}. If no variable names the home folder, sources use the one of the operating system's user.
 *
 * Needs nothing. Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and fails to build with `CredentialsMisconfigured`
 * if a proxy is not an address.
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
 * A layer that provides the credentials of the default chain on Node.js: environment variables, the OIDC role of a pod,
 * a profile of `config.json`, a section of the INI file, the role of the instance, a credentials URI. It skips a
 * configured source that fails, with a warning. Use {@link layerStrict} in production.
 *
 * Needs nothing. Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and fails to build with `CredentialsMisconfigured`
 * if a proxy is not an address. `get` fails with `CredentialChainError`. The first `get` reads the variables of the
 * sources, see `DefaultChain.layer`.
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
 * A layer that provides the credentials of the first configured source of the default chain on Node.js, for production.
 * A configured source that fails ends the search, so the program never continues with another identity.
 *
 * Needs nothing. Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and fails to build with `CredentialsMisconfigured`
 * if a proxy is not an address. `get` fails with `CredentialChainError`. The first `get` reads the variables of the
 * sources.
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
 * A layer that calls `get` at the start and then on a schedule (every minute by default), so credentials are renewed
 * while the program is idle. Unlike that of `CredentialProvider.keepWarm`, its timer does not keep the process alive.
 * It ignores errors; the next `get` reports them. Needs a `CredentialProvider`.
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

// Node.js runs a longer timer immediately.
const longestTimer = 2 ** 31 - 1

// The operating system knows the home folder of its users, but it may not know the current user.
const systemHome = Layer.sync(SystemHome, Option.liftThrowable(() => userInfo({ encoding: "utf8" }).homedir))

// Upper case first, as the official tools do.
const variable = (name: string): Config.Config<string> =>
  Config.nonEmptyString(name).pipe(
    Config.orElse(() => Config.nonEmptyString(name.toLowerCase())),
    Config.withDefault("")
  )

const proxyDispatcher = Effect.gen(function*() {
  const { http, https, none } = yield* Config.all({
    http: variable("HTTP_PROXY"),
    https: variable("HTTPS_PROXY"),
    none: variable("NO_PROXY")
  })
  return yield* Effect.acquireRelease(
    Effect.try(() => new EnvHttpProxyAgent({ httpProxy: http, httpsProxy: https, noProxy: withoutProxy(none) })),
    (dispatcher) => Effect.promise(() => dispatcher.destroy())
  ).pipe(
    Effect.mapError(() => notAnAddress(["HTTPS_PROXY", "HTTP_PROXY"].filter((_, index) => [https, http][index] !== "")))
  )
}).pipe(Effect.catchTag("ConfigError", () => notAnAddress(["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"])))

const notAnAddress = (names: ReadonlyArray<string>): CredentialsMisconfigured =>
  new CredentialsMisconfigured({
    provider: "http client",
    at: names.join(", "),
    reason: "not an address",
    hint: "Use the form http://host:port"
  })
