/**
 * The default chain for Node.js, with files, processes and an HTTP client that supports the proxy variables. This is
 * the only entry point that requires Node.js and `@effect/platform-node`.
 *
 * @since 0.1.0
 */

// First: see there.
import "./internal/wire/builtInFetch.ts"

import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent, Dispatcher, ProxyAgent } from "@effect/platform-node/Undici"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpServer from "@effect/platform/HttpServer"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberHandle from "effect/FiberHandle"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { createServer, type Server } from "node:http"
import { userInfo } from "node:os"
import { versions } from "node:process"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type * as CredentialsServer from "./CredentialsServer.ts"
import * as DefaultChain from "./DefaultChain.ts"
import { either, plain } from "./internal/compat/variable.ts"
import { SystemHome } from "./internal/files/home.ts"
import * as connections from "./internal/server/connections.ts"
import { atProxy } from "./internal/wire/connection.ts"
import * as proxy from "./internal/wire/proxy.ts"

/**
 * An HTTP client (undici; on Bun its `fetch`) that goes through the proxy of `HTTPS_PROXY` for https and of
 * `HTTP_PROXY` for http, except to what `NO_PROXY` lists; each of them in upper or lower case. The metadata service and
 * this machine are never asked through a proxy.
 *
 * The rules are those of curl and Go. A proxy without a scheme is one of http. `NO_PROXY` lists names, which include
 * their subdomains, with or without a dot before them, IP addresses, networks such as `10.0.0.0/8`, each with or without
 * a port, and `*` for everything.
 *
 * The variables are read when the layer is built. A request that needs one that is not an address fails; with a source
 * of credentials that is `CredentialsMisconfigured`. It follows no redirects, so it is a client for sources and for
 * `SignedHttpClient` in a program whose own client follows some.
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
 * A layer that provides what every source and chain needs on Node.js: files, paths, processes and the HTTP client of
 * {@link layerHttpClient}. If no variable names the home folder, sources use the one of the operating system's user.
 *
 * Needs nothing. Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A request that needs a proxy fails with
 * `CredentialsMisconfigured` if the variable is not an address.
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
 * A layer that provides the credentials of the first configured source of the default chain on Node.js, for production.
 * A configured source that fails ends the search, so the program never continues with another identity.
 *
 * Needs nothing. Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. `get` fails with `CredentialChainError`. The first
 * `get` reads the variables of the sources.
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
      Effect.sync(() => everySoOften(ask, Duration.toMillis(every))),
      (timer) => Effect.sync(() => clearInterval(timer))
    )
  }))

/**
 * Where a server listens.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListenOptions {
  /** An address of this machine. Defaults to `127.0.0.1`, and for the metadata service to `100.100.100.200`. */
  readonly host?: string | undefined
  /** The port. Defaults to a free one, and for the metadata service to 80. */
  readonly port?: number | undefined
}

/**
 * A layer that gives the credentials of the provider below it to other programs on this machine: a server of its own at a
 * free port of 127.0.0.1, with the secret path of `CredentialsServer`.
 *
 * A request has to arrive within 5 seconds, and a connection ends after its answer, or after 30 seconds. Of more than 256
 * connections without a request, the oldest one is closed. When the layer is released, requests in flight have 2 seconds
 * to end, and no client can keep it open.
 *
 * Needs a `CredentialProvider`. Fails to build with `CredentialsMisconfigured` if it cannot listen, or as
 * `CredentialsServer.make` does.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsServer } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Effect, Layer, Redacted } from "effect"
 * import { spawn } from "node:child_process"
 *
 * const program = Effect.gen(function*() {
 *   const { uri } = yield* CredentialsServer.CredentialsServer
 *   const variables = { PATH: "/usr/bin", ALIBABA_CLOUD_CREDENTIALS_URI: Redacted.value(uri), NO_PROXY: "127.0.0.1" }
 *   return yield* Effect.async<number | null, Error>((resume) => {
 *     const child = spawn("python3", ["report.py"], { env: variables })
 *     child.once("error", (error) => resume(Effect.fail(error)))
 *     child.once("close", (code) => resume(Effect.succeed(code)))
 *     return Effect.sync(() => child.kill())
 *   })
 * }).pipe(Effect.provide(NodeCredentials.layerCredentialsServer()), Effect.provide(NodeCredentials.layerStrict))
 * ```
 */
export const layerCredentialsServer = (
  options: CredentialsServer.Options & ListenOptions = {}
): Layer.Layer<
  CredentialsServer.CredentialsServer,
  CredentialsMisconfigured,
  CredentialProvider.CredentialProvider
> =>
  Layer.unwrapEffect(
    Effect.map(
      credentialsServer,
      ({ CredentialsServer, make }) =>
        Layer.scoped(CredentialsServer, served(options, { host: "127.0.0.1", port: 0 }, make(options)))
    )
  )

/**
 * A layer that serves the session of the provider below it as the metadata service of an instance, for clients that know
 * no other way: a server of its own at 100.100.100.200 and port 80, with the limits of {@link layerCredentialsServer}.
 * The address has to be one of the loopback interface: `ip addr add 100.100.100.200/32 dev lo`.
 *
 * **Every process and every user that reaches the address gets the credentials**: see `CredentialsServer.makeMetadata`.
 *
 * Needs a `CredentialProvider`. Fails to build with `CredentialsMisconfigured` if it cannot listen, or as
 * `CredentialsServer.makeMetadata` does.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Layer } from "effect"
 *
 * const server = NodeCredentials.layerMetadataServer({ roleName: "app" }).pipe(
 *   Layer.provide(NodeCredentials.keepWarm()),
 *   Layer.provide(CredentialProvider.eager(NodeCredentials.layerStrict))
 * )
 * ```
 */
export const layerMetadataServer = (
  options: CredentialsServer.MetadataOptions & ListenOptions
): Layer.Layer<never, CredentialsMisconfigured, CredentialProvider.CredentialProvider> =>
  Layer.unwrapEffect(
    Effect.map(
      credentialsServer,
      ({ makeMetadata }) =>
        Layer.scopedDiscard(served(options, { host: "100.100.100.200", port: 80 }, makeMetadata(options)))
    )
  )

// Loaded when a server starts, since most programs have none.
const credentialsServer = Effect.promise(() => import("./CredentialsServer.ts"))
const nodeHttpServer = Effect.promise(() => import("@effect/platform-node/NodeHttpServer"))

// In milliseconds. A client sends its whole request at once, and waits for credentials for 10 seconds at most.
const serverTimes = { request: 5000, check: 1000, connection: 30_000, shutdown: 2000 }

const mostIdle = 256

/** A server whose clients can hold neither it nor its connections. */
const limitedServer = () => {
  const open = connections.make(mostIdle)
  const server = createServer({
    headersTimeout: serverTimes.request,
    requestTimeout: serverTimes.request,
    connectionsCheckingInterval: serverTimes.check,
    maxHeaderSize: 8192,
    insecureHTTPParser: false
  })
  // Node.js leaves out the headers after the last one that it counts. Their size is limited anyway.
  server.maxHeadersCount = 0
  // The answers to further requests are never sent, and the platform would wait for that with all that they hold.
  server.maxRequestsPerSocket = 1
  server.on("connection", (socket) => {
    open.opened(socket)
    const timer = setTimeout(() => socket.destroy(), serverTimes.connection).unref()
    socket.once("close", () => clearTimeout(timer))
  })
  server.on("request", ({ socket }) => open.asked(socket))
  return { server, open }
}

/** In real time, also under a test clock, since the clients are real. */
const drainWithin = (millis: number, open: connections.Connections, then: () => void): void => {
  const timer = setTimeout(() => {
    open.destroy()
    then()
  }, millis)
  open.drain(() => {
    clearTimeout(timer)
    then()
  })
}

const drain = (server: Server, open: connections.Connections): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    server.close()
    drainWithin(serverTimes.shutdown, open, () => resume(Effect.void))
  })

const notListening = (at: string, reason: string) =>
  new CredentialsMisconfigured({ provider: "credentials_server", at, reason })

const served = <A>(
  options: ListenOptions,
  defaults: { readonly host: string; readonly port: number },
  make: Effect.Effect<
    A,
    CredentialsMisconfigured,
    CredentialProvider.CredentialProvider | HttpServer.HttpServer | Scope.Scope
  >
): Effect.Effect<A, CredentialsMisconfigured, CredentialProvider.CredentialProvider | Scope.Scope> =>
  Effect.gen(function*() {
    const { open, server } = limitedServer()
    const { host = defaults.host, port = defaults.port } = options
    // Node.js throws for such a port.
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return yield* notListening("port", `takes a whole number from 0 to 65535 (found: ${port})`)
    }
    const { layerServer } = yield* nodeHttpServer
    const listening = yield* Layer.build(layerServer(() => server, { host, port })).pipe(
      Effect.mapError(({ cause }) =>
        notListening("host and port", `cannot listen at ${host}, port ${port}: ${codeOf(cause)}`)
      )
    )
    const made = yield* Effect.tapError(Effect.provide(make, listening), () => drain(server, open))
    // Without a listener, Node.js treats such a request as any other. With one, it leaves the socket to the platform, which
    // keeps it until the client closes it.
    server.removeAllListeners("upgrade")
    // Before the platform stops to serve, which interrupts what is in flight, and waits for every connection.
    yield* Effect.addFinalizer(() => drain(server, open))
    return made
  })

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error"

// Node.js runs a longer timer immediately.
const longestTimer = 2 ** 31 - 1

// A sleep of Effect would keep the process alive.
const everySoOften = (run: () => void, millis: number) => setInterval(run, Math.min(millis, longestTimer)).unref()

// The operating system knows the home folder of its users, but it may not know the current user.
const systemHome = Layer.sync(SystemHome, Option.liftThrowable(() => userInfo({ encoding: "utf8" }).homedir))

// Upper case first, as the official tools do.
const variable = (name: string): Config.Config<string> =>
  Config.map(either(name, name.toLowerCase(), plain), Option.getOrElse(() => ""))

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
    // Only https needs a tunnel, and many proxies refuse one to port 80.
    const agent = new ProxyAgent({ uri: href, proxyTunnel: false })
    this.#proxies.set(href, agent)
    return agent
  }

  destroyAll(): Promise<unknown> {
    return Promise.all([this.#direct, ...this.#proxies.values()].map((agent) => agent.destroy()))
  }
}

const undici = Effect.fnUntraced(function*(values: proxy.Variables) {
  const router = yield* Effect.acquireRelease(
    Effect.sync(() => new Router(values)),
    (router) => Effect.promise(() => router.destroyAll())
  )
  return NodeHttpClient.makeUndici(router)
})

// Bun has undici by name only. Its `fetch` has an option for the proxy, and without it reads the variables by rules of
// its own.
const isBun = "bun" in versions

const fetchOfBun = (values: proxy.Variables): Effect.Effect<HttpClient.HttpClient> =>
  Effect.map(
    Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer),
    HttpClient.transform((sent, request) => {
      const through = Option.flatMap(addressOf(request), (url) => Either.getRight(proxyFor(values, url)))
      return Effect.provideService(sent, FetchHttpClient.Fetch, fetchThrough(Option.getOrUndefined(through)))
    })
  )

const fetchThrough = (address: URL | undefined): typeof fetch => async (input, init) => {
  // As undici: it follows no redirect, and leaves the body as it is.
  const own = { redirect: "manual", decompress: false, proxy: address?.href ?? false }
  try {
    // @effect-diagnostics-next-line globalFetch:off
    return await globalThis.fetch(input, { ...init, ...own } as RequestInit)
  } catch (cause) {
    throw address === undefined ? cause : atProxy(cause, address)
  }
}

const proxyFor = isBun ? proxy.httpProxyFor : proxy.proxyFor

const addressOf = (request: HttpClientRequest.HttpClientRequest): Option.Option<URL> =>
  Either.getRight(UrlParams.makeUrl(request.url, request.urlParams, request.hash))

const httpClient = Effect.gen(function*() {
  const values = yield* variables
  const client = yield* isBun ? fetchOfBun(values) : undici(values)
  return HttpClient.mapRequestEffect(client, (request) => {
    const wrong = Option.flatMap(addressOf(request), (url) => Either.getLeft(proxyFor(values, url)))
    return Option.match(wrong, {
      onNone: () => Effect.succeed(request),
      onSome: (cause) =>
        new HttpClientError.RequestError({
          request,
          reason: "InvalidUrl",
          cause,
          description: `${cause.variable} ${cause.reason}`
        })
    })
  })
})
