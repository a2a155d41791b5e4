/**
 * Sessions of many RAM roles in one process, such as one role for each tenant. Each role is assumed once for all
 * requests that need it.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { Credentials } from "./Credentials.ts"
import * as AssumedRole from "./internal/provider/assumedRole.ts"
import * as names from "./internal/provider/names.ts"
import * as pool from "./internal/provider/pool.ts"
import { fail } from "./internal/provider/service.ts"
import * as assumeRole from "./internal/sts/assumeRole.ts"
import * as gate from "./internal/sts/gate.ts"
import { assumedRole } from "./internal/sts/role.ts"
import * as roleMap from "./internal/sts/roleMap.ts"
import { makeServerClock } from "./internal/wire/serverClock.ts"
import type { RoleOptions, StsEndpoint } from "./RamRoleArn.ts"
import type { SessionOptions } from "./RequestLimits.ts"

/**
 * The role of a tenant. Two of these that differ in any field have sessions of their own. An empty string, and `null` in
 * a program without types, count as missing.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role extends Pick<RoleOptions, "roleArn" | "roleSessionName" | "policy" | "externalId" | "duration"> {}

/**
 * Sessions by their role.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The current session of a role: cached while usable, otherwise requested once for all callers. */
  readonly get: (role: Role) => Effect.Effect<Credentials, CredentialError>
  /**
   * Reports that a service refused a session. It is renewed if it is still cached. A role that was dropped, or never
   * used, has none, and nothing happens.
   */
  readonly invalidate: (role: Role, refused: Credentials) => Effect.Effect<void>
  /** A provider of the sessions of a role, for clients that take a provider. */
  readonly provider: (role: Role) => CredentialProvider.Service
}

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { RoleSessions } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const credentialsOf = (account: string) =>
 *   Effect.flatMap(RoleSessions.RoleSessions, (sessions) => sessions.get({ roleArn: `acs:ram::${account}:role/reader` }))
 * ```
 */
export class RoleSessions extends Context.Tag("effect-alicloud-credentials/RoleSessions")<RoleSessions, Service>() {}

/**
 * How many roles are kept, for how long, and how their sessions are requested.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends SessionOptions {
  /**
   * How many roles are kept, at least 1. If there are more, the least recently used one is dropped, unless somebody
   * waits for its session. Choose more than you have tenants: otherwise sessions are requested again and again. A role
   * takes about 13 kB. Defaults to 10,000.
   */
  readonly capacity?: number | undefined
  /**
   * After how long without use a role is dropped. This happens when a caller next waits for a session. A number is
   * milliseconds. Defaults to 1 hour.
   */
  readonly idleTimeToLive?: Duration.DurationInput | undefined
  /** How many sessions are requested from STS at the same time, at least 1. Defaults to 10. */
  readonly concurrency?: number | undefined
  /** The endpoint of STS. Defaults to the environment, see `RamRoleArn.StsEndpoint`. */
  readonly sts?: StsEndpoint | undefined
}

/**
 * Makes a pool of sessions, all assumed with the current credentials of `source`. Each role has a cache of its own, which
 * behaves as that of `RamRoleArn.make`: one request for all concurrent callers, renewal in the background, the cached
 * session while a renewal fails, and never an expired one.
 *
 * At most `concurrency` requests run at the same time. When STS throttles one of them, no other is sent for as long as
 * STS asks, up to 5 minutes. If it does not say for how long, that is a second, and twice as long each time until a
 * request succeeds, up to a minute. Callers without a session wait, as with `RamRoleArn.make`.
 *
 * `get` fails with `CredentialsMisconfigured`, which names every option that is not valid, with the errors of `source`,
 * or with `CredentialsUnavailable`, `CredentialsRejected` (with the code of STS), `CredentialsMalformed` or
 * `CredentialsExpired`. The failure of one role does not affect the others. Reads the variables of `RamRoleArn.make`
 * when a role is first used. Once the scope is closed, nothing is requested any more: a `get` that needs a request is
 * interrupted.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, RoleSessions } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const sessions = Effect.flatMap(EcsRamRole.make(), (source) => RoleSessions.make({ source, capacity: 50_000 }))
 * ```
 */
export const make = (
  options: Options & {
    /** The provider whose credentials assume the roles. */
    readonly source: CredentialProvider.Service
  }
): Effect.Effect<Service, never, HttpClient.HttpClient | Scope.Scope> => {
  const { capacity = 10_000, concurrency = 10, idleTimeToLive = "1 hour", refresh, source } = options
  const name = names.within(names.ramRoleArn, source.name)
  // A text of a configuration may be no duration at all.
  const idleMillis = Option.match(Duration.decodeUnknown(idleTimeToLive), {
    onNone: () => NaN,
    onSome: Duration.toMillis
  })
  const wrong = [...issues({ capacity, concurrency }), ...idleIssues(idleMillis)]
  if (wrong.length > 0) {
    return Effect.succeed(failing(name, new CredentialsMisconfigured({ provider: name, reason: wrong.join("; ") })))
  }
  return Effect.gen(function*() {
    const pass = yield* gate.make(name, concurrency)
    const serverClock = makeServerClock()
    const sessions = yield* pool.make<Role, HttpClient.HttpClient>({
      capacity,
      idleTimeToLive: idleMillis,
      keyOf: roleMap.fieldsOf,
      makeMap: roleMap.make,
      makeService: (role) =>
        assumeRole.make(name, { ...options, ...role, serverClock }).pipe(
          Effect.flatMap((fetch) => CredentialProvider.make({ name, fetch: pass(fetch), refresh }))
        )
    })
    return {
      get: sessions.get,
      invalidate: sessions.invalidate,
      provider: (role) => {
        const fields = roleMap.fieldsOf(role)
        return AssumedRole.attach(sessions.service(name, fields), assumedRole(fields))
      }
    }
  })
}

const issues = (counts: Readonly<Record<string, number>>): ReadonlyArray<string> =>
  Object.entries(counts).flatMap(([name, count]) =>
    Number.isInteger(count) && count >= 1 ? [] : [`${name} takes a whole number of at least 1 (found: ${count})`]
  )

const idleIssues = (millis: number): ReadonlyArray<string> =>
  millis > 0
    ? []
    : [
      `idleTimeToLive takes a time of more than zero (found: ${Number.isNaN(millis) ? "no duration" : `${millis} ms`})`
    ]

const failing = (name: string, error: CredentialError): Service => {
  const service = fail(name, error)
  return { get: () => service.get, invalidate: () => Effect.void, provider: () => service }
}

/**
 * A layer that provides a pool of sessions, all assumed with the credentials of the provider below it.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Building it cannot fail, and requests nothing. `get` fails, and the
 * environment is read, as for {@link make}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole, RoleSessions } from "effect-alicloud-credentials"
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const handle = (account: string) =>
 *   Effect.gen(function*() {
 *     const credentials = yield* RoleSessions.get({ roleArn: `acs:ram::${account}:role/reader`, externalId: account })
 *     yield* Effect.log(`session of ${account}: ${credentials.provider}`)
 *   })
 *
 * const program = handle("1234567890123456").pipe(
 *   Effect.provide(RoleSessions.layer()),
 *   Effect.provide(EcsRamRole.layer()),
 *   Effect.provide(NodeHttpClient.layer)
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<RoleSessions, never, CredentialProvider.CredentialProvider | HttpClient.HttpClient> =>
  Layer.scoped(
    RoleSessions,
    Effect.flatMap(CredentialProvider.CredentialProvider, (source) => make({ ...options, source }))
  )

/**
 * The current session of a role, from the pool in the context. Call it for each request instead of keeping the result.
 *
 * Needs `RoleSessions`. Fails with the errors of {@link make}.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { RoleSessions } from "effect-alicloud-credentials"
 *
 * const credentials = RoleSessions.get({ roleArn: "acs:ram::1234567890123456:role/reader", duration: "15 minutes" })
 * ```
 */
export const get = (role: Role): Effect.Effect<Credentials, CredentialError, RoleSessions> =>
  Effect.withFiberRuntime((fiber) => {
    // A single step of the fiber, since each of them costs as much as finding the role.
    const sessions: Service | undefined = fiber.currentContext.unsafeMap.get(RoleSessions.key)
    return sessions === undefined ? ofPool(role) : sessions.get(role)
  })

/** Also fails in the usual way if there is no pool. */
const ofPool = (role: Role): Effect.Effect<Credentials, CredentialError, RoleSessions> =>
  Effect.flatMap(RoleSessions, (sessions) => sessions.get(role))

/**
 * A layer that provides the sessions of a role, from the pool in the context, for programs that take a
 * `CredentialProvider`.
 *
 * Needs `RoleSessions`. Building it cannot fail, and requests nothing. `get` fails with the errors of {@link make}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CallerIdentity, RoleSessions } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const identityOf = (roleArn: string) =>
 *   CallerIdentity.get().pipe(Effect.provide(RoleSessions.provider({ roleArn })))
 * ```
 */
export const provider = (role: Role): Layer.Layer<CredentialProvider.CredentialProvider, never, RoleSessions> =>
  Layer.effect(CredentialProvider.CredentialProvider, Effect.map(RoleSessions, (sessions) => sessions.provider(role)))
