/**
 * The default chain with everything that Node.js has for it: files, processes and an HTTP client that knows the proxy
 * variables. The only entry point that runs on Node.js alone; it needs `@effect/platform-node`.
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
 * An HTTP client (undici) that goes through the proxy of `HTTPS_PROXY` and `HTTP_PROXY`, except to what `NO_PROXY`
 * lists; each of them in upper or lower case. The metadata service and this machine are never asked through a proxy.
 *
 * The variables are read when the layer is built. It fails with `CredentialsMisconfigured` when one of them is not an
 * address.
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
 * `get` fails with `CredentialChainError`. The layer itself fails to build only when a proxy variable is not an address.
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
    hint: "Write it as http://host:port"
  })
