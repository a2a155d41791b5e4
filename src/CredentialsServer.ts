/**
 * Gives the credentials of a program to other programs on the same machine, in any language: over HTTP, by the protocol
 * of `ALIBABA_CLOUD_CREDENTIALS_URI`, or as the metadata service of an instance. Only sessions are given. In the first
 * form a secret path protects them, in the second only the address of the socket.
 *
 * @since 0.1.0
 */

import * as HttpServer from "@effect/platform/HttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import { hostOf } from "./internal/compat/serverAddress.ts"
import * as address from "./internal/server/address.ts"
import * as forms from "./internal/server/forms.ts"
import type { Policy } from "./internal/server/guard.ts"
import * as publicUrl from "./internal/server/publicUrl.ts"
import * as secret from "./internal/server/secret.ts"
import { serve } from "./internal/server/serve.ts"
import { formatInstant } from "./internal/wire/time.ts"

/**
 * A server of credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * The address for `ALIBABA_CLOUD_CREDENTIALS_URI` of another program, with a path of 256 random bits. It is a secret:
   * whoever has it gets the credentials. Each start of the server has another one.
   */
  readonly uri: Redacted.Redacted
}

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { CredentialsServer } from "effect-alicloud-credentials"
 * import { Effect, Redacted } from "effect"
 *
 * // for the environment of a child process
 * const variables = Effect.map(CredentialsServer.CredentialsServer, ({ uri }) => ({
 *   ALIBABA_CLOUD_CREDENTIALS_URI: Redacted.value(uri)
 * }))
 * ```
 */
export class CredentialsServer extends Context.Tag("effect-alicloud-credentials/CredentialsServer")<
  CredentialsServer,
  Service
>() {}

/**
 * How many requests are answered.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /**
   * How many requests for credentials are answered in a second, and twice as many at once, over all connections. The
   * others get status 429 with `Retry-After`. Some official clients ask at each of their calls while a session lasts for
   * less than 15 minutes, so do not choose few. Refused requests have a limit of their own. Defaults to 100.
   */
  readonly requestsPerSecond?: number | undefined
}

/**
 * Who may ask, and what they get.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Limits {
  /**
   * Whether an AccessKey is given too, which works until somebody deletes it. The security token in the answer is then
   * empty, which the official clients for Node.js and this library refuse. Defaults to false: status 403.
   */
  readonly allowAccessKeys?: boolean | undefined
  /**
   * Whether the server may listen at an address that other machines reach, and answers them. The path is then all that
   * protects the credentials, and everybody on the way can read both, unless the server uses TLS. Defaults to false.
   */
  readonly allowRemoteClients?: boolean | undefined
  /**
   * The address under which other machines reach the server, such as `https://credentials.internal:8443`, without a path.
   * Needs `allowRemoteClients`. Defaults to the address at which the server listens, and must be given if that is every
   * address of the machine.
   */
  readonly publicUrl?: string | undefined
}

/**
 * The role that the metadata service has.
 *
 * @since 0.1.0
 * @category models
 */
export interface MetadataOptions extends Limits {
  /** The name under which clients find the session: letters, digits, `.`, `_` and `-`, at most 64. */
  readonly roleName: string
}

const name = "credentials_server"

const misconfigured = (at: string, reason: string, hint?: string) =>
  new CredentialsMisconfigured({ provider: name, at, reason, hint })

const whereItListens: Effect.Effect<address.Listening, CredentialsMisconfigured, HttpServer.HttpServer> = Effect
  .flatMap(
    HttpServer.HttpServer,
    (server) => {
      const listening = hostOf(server.address)
      return listening === undefined
        ? misconfigured("HttpServer", "it listens at a file, and clients need a host and a port")
        : Effect.succeed(listening)
    }
  )

const rateOf = ({ requestsPerSecond = 100 }: Limits): Effect.Effect<number, CredentialsMisconfigured> =>
  Number.isFinite(requestsPerSecond) && requestsPerSecond > 0
    ? Effect.succeed(requestsPerSecond)
    : misconfigured("requestsPerSecond", `takes a number above 0 (found: ${requestsPerSecond})`)

const policyOf = (
  listening: address.Listening,
  { allowRemoteClients = false }: Options,
  others: ReadonlyArray<string> = []
): Policy => ({
  listening,
  allowRemoteClients,
  hosts: new Set([...address.hostsOf(listening), ...others].map((host) => host.toLowerCase()))
})

/** The base of the address that clients get, and the hosts of the public one. */
const baseOf = (
  listening: address.Listening,
  options: Options
): Effect.Effect<{ readonly base: string; readonly hosts: ReadonlyArray<string> }, CredentialsMisconfigured> => {
  if (options.allowRemoteClients !== true) {
    if (options.publicUrl !== undefined) {
      return misconfigured(
        "publicUrl",
        "is for clients on other machines",
        "Set allowRemoteClients: true, or remove it"
      )
    }
    if (!address.isLoopback(listening.hostname)) {
      return misconfigured(
        "HttpServer",
        `it listens at ${address.authority(listening)}, which other machines may reach`,
        "Listen at 127.0.0.1, or set allowRemoteClients: true"
      )
    }
  }
  if (options.publicUrl !== undefined) {
    return Either.match(publicUrl.parse(options.publicUrl), {
      onLeft: (reason) => misconfigured("publicUrl", reason, "Write it as https://credentials.internal:8443"),
      onRight: Effect.succeed
    })
  }
  return address.isWildcard(listening.hostname)
    ? misconfigured("publicUrl", "not set, and the server listens at every address", "Set it to what clients can reach")
    : Effect.succeed({ base: `http://${address.authority(listening)}`, hosts: [] })
}

/**
 * Serves the credentials of the provider in the context at a secret path, until the scope closes. A client does a `GET`
 * and gets the fields of the protocol of `ALIBABA_CLOUD_CREDENTIALS_URI`, with the expiration of the session itself. The
 * session is that of the cache of the provider, which renews it in time.
 *
 * Refused with status 404, whatever the reason: another path, another `Host` or more than one, requests of web pages
 * (`Origin`, `Sec-Fetch-Site`), of other machines, and those that a proxy passed on. Other methods get 405, and
 * credentials that are no session 403. If there are none, the status is 503 if a retry may help, otherwise 403, and the
 * body has the tag and the message of the error. A client waits 8 seconds at most.
 *
 * Needs a `CredentialProvider`, and an `HttpServer` that serves nothing else and limits the time for a request: see
 * `layerCredentialsServer` of `effect-alicloud-credentials/node`. A server of Node.js also needs `maxRequestsPerSocket = 1`:
 * each answer ends its connection, and further requests of that connection would stay in memory. Fails with
 * `CredentialsMisconfigured` if the server listens at an address that other machines may reach, unless that is allowed, or
 * if an option is not valid.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialsServer } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { uri } = yield* CredentialsServer.make({ requestsPerSecond: 20 })
 *   yield* Effect.log("credentials are served", uri) // a Redacted: the path is not shown
 * })
 * ```
 */
export const make = (
  options: Options = {}
): Effect.Effect<
  Service,
  CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpServer.HttpServer | Scope.Scope
> =>
  Effect.gen(function*() {
    const provider = yield* CredentialProvider.CredentialProvider
    const listening = yield* whereItListens
    const requestsPerSecond = yield* rateOf(options)
    const { base, hosts } = yield* baseOf(listening, options)
    const path = `/${secret.random()}`
    yield* serve({
      provider,
      requestsPerSecond,
      form: forms.uri(policyOf(listening, options, hosts), path),
      allowAccessKeys: options.allowAccessKeys ?? false,
      isTrusted: true,
      more: () => ({})
    })
    return { uri: Redacted.make(`${base}${path}`) }
  })

/**
 * A layer that serves the credentials of the provider below it at a secret path, as {@link make} does, and provides the
 * address. It needs and fails with the same, and serves until it is released.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsServer, EcsRamRole } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { NodeHttpServer } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { createServer } from "node:http"
 *
 * const server = CredentialsServer.layer().pipe(
 *   Layer.provide(EcsRamRole.layer()),
 *   Layer.provide(NodeCredentials.layerHttpClient),
 *   Layer.provide(
 *     NodeHttpServer.layer(() => Object.assign(createServer(), { maxRequestsPerSocket: 1 }), {
 *       host: "127.0.0.1",
 *       port: 0
 *     })
 *   )
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  CredentialsServer,
  CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpServer.HttpServer
> => Layer.scoped(CredentialsServer, make(options))

// The clients of the metadata service know no other address.
const metadataAddress = "100.100.100.200"

/**
 * Serves the session of the provider in the context as the metadata service of an instance does, until the scope closes,
 * for clients that know no other way. IMDSv2 only: without a token, status 401. Tokens are not stored, and end with the
 * server. AccessKeys are never given.
 *
 * **The address of the socket is its only guard: every process and every user that reaches it gets the credentials.** It
 * has no secret path. The server has to listen on loopback or at 100.100.100.200, and answers this machine only. `Host`,
 * `Origin` and forwarded requests are refused as by {@link make}, with status 403. If there are no credentials, clients
 * learn only the kind of the error. They wait one second, so begin with `CredentialProvider.eager` and `keepWarm`.
 *
 * Needs a `CredentialProvider` and an `HttpServer`, with the same limits as for {@link make}. Fails with
 * `CredentialsMisconfigured` if an option is not valid, or if the server listens elsewhere.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialsServer } from "effect-alicloud-credentials"
 *
 * const serving = CredentialsServer.makeMetadata({ roleName: "app" })
 * ```
 */
export const makeMetadata = (
  options: MetadataOptions
): Effect.Effect<
  void,
  CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpServer.HttpServer | Scope.Scope
> =>
  Effect.gen(function*() {
    const provider = yield* CredentialProvider.CredentialProvider
    const listening = yield* whereItListens
    const requestsPerSecond = yield* rateOf(options)
    if (!/^(?!\.\.?$)[\w.-]{1,64}$/.test(options.roleName)) {
      return yield* misconfigured("roleName", "takes 1 to 64 letters, digits, dots, underscores and hyphens")
    }
    if (!address.isLoopback(listening.hostname) && listening.hostname !== metadataAddress) {
      return yield* misconfigured(
        "HttpServer",
        `it listens at ${address.authority(listening)}, which other machines may reach`,
        `Listen at ${metadataAddress} on the loopback interface, or at 127.0.0.1`
      )
    }
    yield* serve({
      provider,
      requestsPerSecond,
      form: forms.metadata(policyOf(listening, {}), {
        roleName: options.roleName,
        key: secret.random(),
        nonce: secret.random
      }),
      allowAccessKeys: false,
      isTrusted: false,
      more: (now) => ({ LastUpdated: formatInstant(now) })
    })
  })

/**
 * A layer that serves the session of the provider below it as the metadata service of an instance, as {@link
 * makeMetadata} does. **Every process that reaches the address gets the credentials.** It needs and fails with the same,
 * and serves until it is released.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsServer } from "effect-alicloud-credentials"
 * import { NodeHttpServer } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { createServer } from "node:http"
 *
 * const server = CredentialsServer.layerMetadata({ roleName: "app" }).pipe(
 *   Layer.provide(
 *     NodeHttpServer.layer(() => Object.assign(createServer(), { maxRequestsPerSocket: 1 }), {
 *       host: "100.100.100.200",
 *       port: 80
 *     })
 *   )
 * )
 * ```
 */
export const layerMetadata = (
  options: MetadataOptions
): Layer.Layer<
  never,
  CredentialsMisconfigured,
  CredentialProvider.CredentialProvider | HttpServer.HttpServer
> => Layer.scopedDiscard(makeMetadata(options))
