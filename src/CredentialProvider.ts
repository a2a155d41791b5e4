/**
 * The service that hands out credentials. Every source of this library is a layer that provides it; so is a chain of
 * sources, and so is whatever a test puts in their place.
 *
 * Provide the layer once for the whole program: it owns the one cache, and two of them ask the servers twice.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "./CredentialError.ts"
import type { Credentials } from "./Credentials.ts"
import * as service from "./internal/provider/service.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

/**
 * What a provider can do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The path of the provider in the official notation, for example `ram_role_arn/env`. */
  readonly name: string
  /**
   * The credentials of this moment: from memory while they are usable, else fetched, once for however many ask.
   * Ask for each request instead of keeping the answer.
   */
  readonly get: Effect.Effect<Credentials, CredentialError>
  /**
   * Says that a server refused these credentials before their end. They are dropped if they are still the ones at
   * hand, so that a late report of an old key does nothing.
   */
  readonly invalidate: (refused: Credentials) => Effect.Effect<void>
}

/**
 * The tag of the service.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialProvider.CredentialProvider
 *   const credentials = yield* provider.get
 *   yield* Effect.log(`${provider.name} gave ${credentials._tag}`)
 * })
 * ```
 */
export class CredentialProvider extends Context.Tag("effect-alicloud-credentials/CredentialProvider")<
  CredentialProvider,
  Service
>() {}

/**
 * The credentials of this moment from the provider in the context. Fails with any {@link CredentialError}.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { CredentialProvider, Environment } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = CredentialProvider.get.pipe(
 *   Effect.map((credentials) => credentials._tag),
 *   Effect.provide(Environment.layer)
 * )
 * ```
 */
export const get: Effect.Effect<Credentials, CredentialError, CredentialProvider> = Effect.flatMap(
  CredentialProvider,
  (provider) => provider.get
)

/**
 * A source of one's own: how to fetch credentials, and how long to keep them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Custom<R> {
  /** What errors, logs and metrics call it. It reaches servers as a header, so letters, digits, `_`, `-`, `/` only. */
  readonly name: string
  readonly fetch: Effect.Effect<Credentials, CredentialError, R>
  /** When sessions are renewed. Defaults to {@link RefreshPolicy}'s `defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** After how long credentials without expiration are fetched again, in the background. Defaults to never. */
  readonly keep?: Duration.DurationInput | undefined
}

/**
 * A provider that always gives the same credentials. They are neither renewed nor dropped.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialProvider, Credentials } from "effect-alicloud-credentials"
 * import { Layer, Redacted } from "effect"
 *
 * const layer = Layer.succeed(
 *   CredentialProvider.CredentialProvider,
 *   CredentialProvider.succeed(
 *     Credentials.BearerToken({ provider: "bearer", bearerToken: Redacted.make("example-token") })
 *   )
 * )
 * ```
 */
export const succeed: (credentials: Credentials) => Service = service.succeed

/**
 * A provider with the cache of this library around `fetch`: one fetch for however many ask, renewal in the background
 * before the end, the credentials at hand kept while a renewal fails, and nothing expired ever handed out.
 *
 * Nothing is fetched before the first `get`. The cache ends with the scope.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialError, CredentialProvider, Credentials } from "effect-alicloud-credentials"
 * import { DateTime, Effect, Option, Redacted } from "effect"
 *
 * declare const askVault: Effect.Effect<{ id: string; secret: string; token: string; until: Date }, Error>
 *
 * const vault = CredentialProvider.make({
 *   name: "vault",
 *   fetch: askVault.pipe(
 *     Effect.map((lease) =>
 *       Credentials.StsToken({
 *         provider: "vault",
 *         accessKeyId: lease.id,
 *         accessKeySecret: Redacted.make(lease.secret),
 *         securityToken: Redacted.make(lease.token),
 *         expiration: Option.some(DateTime.unsafeMake(lease.until))
 *       })
 *     ),
 *     Effect.mapError(() =>
 *       new CredentialError.CredentialsUnavailable({ provider: "vault", reason: "no lease from the vault" })
 *     )
 *   )
 * })
 * ```
 */
export const make = <R>(custom: Custom<R>): Effect.Effect<Service, never, R | Scope.Scope> => service.cached(custom)

/**
 * {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialError, CredentialProvider } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const layer = CredentialProvider.layer({
 *   name: "vault",
 *   fetch: Effect.fail(new CredentialError.CredentialsNotConfigured({ provider: "vault", reason: "VAULT_ADDR not set" }))
 * })
 * ```
 */
export const layer = <R = never>(
  custom: Custom<R>
): Layer.Layer<CredentialProvider, never, Exclude<R, Scope.Scope>> => Layer.scoped(CredentialProvider, make(custom))

/**
 * Asks once while the layer is built, so that an application without credentials does not start. The layer then fails
 * with the error of that first `get`.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 *
 * const layer = CredentialProvider.eager(DefaultChain.layer)
 * ```
 */
export const eager = <E, R>(
  self: Layer.Layer<CredentialProvider, E, R>
): Layer.Layer<CredentialProvider, E | CredentialError, R> =>
  Layer.tap(self, (context) => Context.get(context, CredentialProvider).get)

/**
 * Asks on a schedule (each minute by default), so that credentials are renewed when nobody else asks. A failure is
 * left to whoever asks next. The fiber ends with the layer; its timer keeps a Node process alive, which `keepWarm` of
 * `effect-alicloud-credentials/node` does not.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, EcsRamRole } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = CredentialProvider.keepWarm().pipe(Layer.provideMerge(EcsRamRole.layer()))
 * ```
 */
export const keepWarm = (every: Duration.DurationInput = "1 minute"): Layer.Layer<never, never, CredentialProvider> =>
  Layer.scopedDiscard(
    Effect.flatMap(
      CredentialProvider,
      (provider) => Effect.forkScoped(Effect.repeat(Effect.exit(provider.get), Schedule.spaced(every)))
    )
  )
