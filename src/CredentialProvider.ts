/**
 * The service that returns credentials. Every source of this library is a layer that provides it. So is a chain of
 * sources, and so is the layer that replaces them in a test.
 *
 * Provide the layer once for the whole program. It owns the cache; two layers request two sessions.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "./CredentialError.ts"
import type { Credentials } from "./Credentials.ts"
import * as healthOf from "./internal/provider/health.ts"
import * as Peek from "./internal/provider/peek.ts"
import * as service from "./internal/provider/service.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"

/**
 * A provider of credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The path of the provider in the official notation, for example `ram_role_arn/env`. */
  readonly name: string
  /**
   * The current credentials: cached while usable, otherwise fetched once for all callers. Call it for each request
   * instead of keeping the result.
   */
  readonly get: Effect.Effect<Credentials, CredentialError>
  /**
   * Reports that a server refused these credentials. The provider drops them if they are still cached; a late report of
   * older credentials has no effect.
   */
  readonly invalidate: (refused: Credentials) => Effect.Effect<void>
}

/**
 * The tag of {@link Service}.
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
 * The current credentials of the provider in the context. Fails with a {@link CredentialError}.
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
export const get: Effect.Effect<Credentials, CredentialError, CredentialProvider> = Effect.withFiberRuntime((fiber) => {
  // A single step of the fiber, since each of them costs as much as the answer from the cache.
  const provider: Service | undefined = fiber.currentContext.unsafeMap.get(CredentialProvider.key)
  return provider === undefined ? ofService : getOf(provider)
})

const getOf = ({ get }: Service): Effect.Effect<Credentials, CredentialError> => Peek.of(get)() ?? get

/** Also fails in the usual way if there is no service. */
const ofService = Effect.flatMap(CredentialProvider, getOf)

/**
 * How a provider is doing, without a secret and without the id of a key. A record that can be written as JSON: times
 * become ISO 8601 texts, and what is undefined is left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Health {
  /** The path of the provider that returned the credentials. Without credentials, the name of the service. */
  readonly provider: string
  /** Whether there are credentials that have not expired. False before the first `get`. */
  readonly isUsable: boolean
  /** When these credentials expire. Undefined if they do not expire, or if there are none. */
  readonly usableUntil: DateTime.Utc | undefined
  /** Whether a server refused these credentials, and they have not been renewed since. */
  readonly isRefused: boolean
  /** Whether a fetch, a renewal or a search of a chain is running. */
  readonly isRenewing: boolean
  /**
   * When the next `get` renews the credentials. In the past if no `get` came since then. Undefined if no renewal is
   * due by time, or if there are no credentials, so that the next `get` fetches.
   */
  readonly nextRenewal: DateTime.Utc | undefined
  /** The last failure, if no fetch or renewal has succeeded since. */
  readonly lastFailure: Failure | undefined
}

/**
 * A fetch or a renewal that failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failure {
  /** When it failed. */
  readonly at: DateTime.Utc
  /**
   * Why it failed. It has no secret, but it names variables, files and hosts: show strangers only its `_tag`. A defect is
   * shown as `CredentialsUnavailable`.
   */
  readonly error: CredentialError
}

/**
 * How the provider is doing now, for readiness probes. It never fails.
 *
 * For the providers of this library, and everything that is built from them, it only reads what is in memory: it sends
 * no request, starts no renewal and does not wait. So it says "not usable" until the first `get`. Use {@link
 * keepWarm}, or nothing will ever ask, or renew, in a program that gets no traffic until it is ready. {@link eager} covers
 * only its start.
 *
 * A service that you made by hand, such as the one of `TestCredentialProvider`, can only be asked: its health is what
 * its `get` returns, and costs as much. As a link of a chain, it is not asked either, and its health is what its `get`
 * returned last.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { HttpRouter, HttpServerResponse } from "@effect/platform"
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * // 200 while there are credentials, otherwise 503
 * const routes = HttpRouter.empty.pipe(
 *   HttpRouter.get(
 *     "/ready",
 *     Effect.gen(function*() {
 *       const provider = yield* CredentialProvider.CredentialProvider
 *       const health = yield* CredentialProvider.health(provider)
 *       return yield* HttpServerResponse.json(
 *         { ...health, lastFailure: health.lastFailure?.error._tag },
 *         { status: health.isUsable ? 200 : 503 }
 *       )
 *     })
 *   )
 * )
 * ```
 */
export const health: (service: Service) => Effect.Effect<Health> = healthOf.of

/**
 * Your own source: how to fetch credentials, and how long to cache them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Custom<R> {
  /**
   * The name in errors, logs and metrics. Servers receive it in a header: use letters, digits, `_`, `-` and `/` only.
   */
  readonly name: string
  /** Fetches credentials. Runs once for all concurrent callers. */
  readonly fetch: Effect.Effect<Credentials, CredentialError, R>
  /** When sessions are renewed, and how long callers wait. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
  /** After how long credentials without an expiration are fetched again in the background. Defaults to never. */
  readonly keep?: Duration.DurationInput | undefined
}

/**
 * A provider that always returns the same credentials. They are neither renewed nor dropped.
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
 * Makes a provider that caches the credentials of `fetch`: one fetch for all concurrent callers, renewal in the
 * background before they expire, the cached credentials while a renewal fails, and never expired ones.
 *
 * The first `get` fetches. `get` fails with the errors of `fetch`, or with `CredentialsExpired` if the fetched
 * credentials have already expired. If `fetch` fails with `CredentialsUnavailable` and `retryAfter`, status 429 or a
 * throttling code, `get` waits and fetches again, for at most `refresh.maxWait`. The cache closes with the scope.
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
 * A layer that provides the credentials of your own effect, cached: one fetch for all concurrent callers, renewal in
 * the background before they expire, the cached credentials while a renewal fails, and never expired ones.
 *
 * Needs what `fetch` needs. Building it cannot fail and fetches nothing. `get` fails with the errors of `fetch`, or
 * with `CredentialsExpired` if the fetched credentials have already expired.
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
 * A layer that fetches credentials once while it is built, so an application without credentials does not start. It
 * fails to build with the error of that `get`.
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
 * A layer that calls `get` on a schedule (every minute by default), so credentials are renewed while the program is
 * idle. It ignores errors; the next `get` reports them. Needs a `CredentialProvider`. The fiber ends with the layer.
 * Its timer keeps a Node.js process alive; `keepWarm` of `effect-alicloud-credentials/node` does not.
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
