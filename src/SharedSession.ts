/**
 * One session for many processes, such as the workers of a server or the jobs of a machine: one of them requests it, and
 * the others read it from a store.
 *
 * @since 0.1.0
 */

import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as AssumedRole from "./internal/provider/assumedRole.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import * as seal from "./internal/sharing/seal.ts"
import * as sharedSession from "./internal/sharing/sharedSession.ts"
import { makeCodec } from "./internal/sharing/storedSession.ts"
import { byName, lengthPrefixed } from "./internal/wire/encode.ts"
import { hashing } from "./internal/wire/hash.ts"
import { toEffect } from "./internal/wire/result.ts"
import type { RefreshPolicy } from "./RefreshPolicy.ts"
import * as SessionStore from "./SessionStore.ts"

/**
 * A key for AES-256-GCM.
 *
 * @since 0.1.0
 * @category models
 */
export interface Key {
  /** Which key it is. It is stored with the session, so it must not be a secret. */
  readonly id: string
  /** 32 random bytes, or their Base64, as `openssl rand -base64 32` prints them. */
  readonly key: Redacted.Redacted<Uint8Array | string>
}

/**
 * Which session is shared, and how.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the session in the store. Not empty. */
  readonly name: string
  /**
   * What the session is obtained with, in addition to what the library knows: the name of the source, and of
   * `RamRoleArn`, `OidcRoleArn` and `RoleSessions.provider` the role with its policy, external id, duration and session
   * name. Processes with other settings have a session of their own, so that nobody gets the permissions of another role.
   * Only a hash is stored. Required for other sources, such as a chain: name the account, the role, or whatever decides
   * what a session may do, or give `{}` if `name` says enough.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /**
   * The keys that encrypt stored sessions. The first one encrypts, and all of them decrypt. To replace a key, add the new
   * one at the end in all processes, then move it to the front, and remove the old one after the longest session. Required
   * for `SessionStore.layerRedis`. Without keys, sessions are stored as they are.
   */
  readonly keys?: ReadonlyArray<Key> | undefined
  /** When the session is renewed, and how long callers wait. Defaults to `RefreshPolicy.defaults`. */
  readonly refresh?: Partial<RefreshPolicy> | undefined
}

/**
 * Makes a provider that shares the sessions of `source` with other processes. It has a cache of its own, as every provider,
 * and reads the store when its session is due. Only if the store has no newer one, it takes the lease and asks the
 * source. Others keep their session meanwhile, or wait for the new one if they have none.
 *
 * The store is never needed: if it fails or does not answer, there is one warning, and each process asks the source. A
 * stored session that cannot be decrypted, was obtained with other settings, has expired, was refused by a service, or
 * expires before the one in memory, is not used. AccessKeys, bearer tokens and sessions without an expiration are passed on
 * from the source, and never stored.
 *
 * `get` fails with `CredentialsMisconfigured`, which names the option that is not valid, or with the errors of `source`.
 * Reads no variables. Nothing is shared in a dry run.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, RamRoleArn, SessionStore, SharedSession } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const roleArn = "acs:ram::1234567890123456:role/app"
 *
 * const provider = Effect.gen(function*() {
 *   const source = yield* RamRoleArn.make({ roleArn, source: yield* EcsRamRole.make() })
 *   const store = yield* SessionStore.SessionStore
 *   return yield* SharedSession.make({ source, store, name: "app" })
 * })
 * ```
 */
export const make = (
  options: Options & {
    /** The provider whose sessions are shared. */
    readonly source: CredentialProvider.Service
    /** Where they are stored. */
    readonly store: SessionStore.Service
  }
): Effect.Effect<CredentialProvider.Service, never, Scope.Scope> => {
  const { refresh, source, store } = options
  const name = names.within(names.sharedSession, source.name)
  const role = AssumedRole.of(source)
  return toEffect(checkedKeys(name, options, store.needsEncryption, role !== undefined)).pipe(
    Effect.flatMap((keys) => {
      const entry = entryOf(options, source.name, role)
      const codec = makeCodec(entry, Arr.isNonEmptyReadonlyArray(keys) ? seal.make(keys, [entry]) : undefined)
      return sharedSession.make({ name, source, store, entry, codec, refresh })
    }),
    orFail(name)
  )
}

/**
 * The name of the session in the store. Other settings and sources have another one, and so has a shared session whose
 * source is a shared session: they would wait for each other.
 */
const entryOf = ({ name, settings }: Options, source: string, role?: AssumedRole.AssumedRole): string =>
  `${hashing().sha256(lengthPrefixed([source, name, textOf(settings), textOf(role)]))}/${name}`

const textOf = (fields: Readonly<Record<string, string>> = {}): string =>
  lengthPrefixed(Object.entries(fields).sort(byName).flat())

/** The keys, if all options are valid. A program in plain JavaScript may give anything. */
const checkedKeys = (
  provider: string,
  { keys, name, settings }: Options,
  areKeysNeeded: boolean,
  isRoleKnown: boolean
): Either.Either<ReadonlyArray<seal.Key>, CredentialError> => {
  const read = (keys ?? []).map(({ id, key }) => ({ id, bytes: seal.readKey(key) }))
  const wrongKeys = [
    ...(keys === undefined && areKeysNeeded ? ["keys is missing: others can read this store"] : []),
    ...(keys?.length === 0 ? ["keys is empty, so that nothing would be encrypted"] : []),
    ...read.flatMap(({ bytes }, at) => Option.isSome(bytes) ? [] : [`keys[${at}].key is not of 32 bytes`])
  ]
  const ids = read.map(({ id }) => id)
  const wrong = [
    ...(typeof name === "string" && name !== "" ? [] : ["name is empty"]),
    ...settingsIssues(settings, isRoleKnown),
    ...wrongKeys,
    ...ids.flatMap((id, at) =>
      id === "" ? [`keys[${at}].id is empty`] : ids.indexOf(id) < at ? [`keys[${at}].id is used twice`] : []
    )
  ]
  if (wrong.length > 0) {
    const hint = wrongKeys.length > 0 ? "Make a key with: openssl rand -base64 32" : undefined
    return Either.left(new CredentialsMisconfigured({ provider, reason: wrong.join("; "), hint }))
  }
  return Either.right(read.flatMap(({ bytes, id }) => Option.isSome(bytes) ? [{ id, bytes: bytes.value }] : []))
}

const settingsIssues = (settings: Options["settings"], isRoleKnown: boolean): ReadonlyArray<string> => {
  if (settings === undefined) {
    return isRoleKnown
      ? []
      : ["settings is missing: only you know what decides what the sessions of this source may do"]
  }
  const isRecord = typeof settings === "object" && settings !== null && !Array.isArray(settings)
  return isRecord && Object.values(settings).every((value) => typeof value === "string")
    ? []
    : ["settings takes an object whose values are texts"]
}

/**
 * A layer that shares the sessions of the provider below it with other processes, as {@link make} does.
 *
 * Needs a `CredentialProvider` and a `SessionStore`. Building it cannot fail, and requests nothing. `get` fails as for
 * {@link make}. Reads no variables.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Environment, RamRoleArn, SessionStore, SharedSession } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Config, Effect, Layer } from "effect"
 *
 * declare const client: SessionStore.RedisClient
 *
 * const roleArn = "acs:ram::1234567890123456:role/app"
 *
 * const Role = RamRoleArn.layer({ roleArn }).pipe(
 *   Layer.provide(Environment.layer),
 *   Layer.provide(NodeCredentials.layerHttpClient)
 * )
 *
 * const layer = Layer.unwrapEffect(Effect.map(Config.redacted("SESSION_KEY"), (key) =>
 *   SharedSession.layer({ name: "app", keys: [{ id: "2026-11", key }] }))).pipe(
 *     Layer.provide([Role, SessionStore.layerRedis({ client })])
 *   )
 * ```
 */
export const layer = (
  options: Options
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  never,
  CredentialProvider.CredentialProvider | SessionStore.SessionStore
> =>
  Layer.scoped(
    CredentialProvider.CredentialProvider,
    Effect.flatMap(
      Effect.all([CredentialProvider.CredentialProvider, SessionStore.SessionStore]),
      ([source, store]) => make({ ...options, source, store })
    )
  )
