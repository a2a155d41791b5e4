/**
 * Where processes keep a session that they share: a folder, Redis, or a store of your own. `SharedSession` uses it.
 *
 * @since 0.1.0
 */

import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as redis from "./internal/sharing/redis.ts"
import * as sessionFolder from "./internal/sharing/sessionFolder.ts"
import type { StoreProblem } from "./internal/sharing/storeProblem.ts"

/**
 * The store failed. It has no secret, and it never leaves `get` of `SharedSession`, which logs it once and asks the source
 * instead.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { SessionStore } from "effect-alicloud-credentials"
 *
 * const error = new SessionStore.SessionStoreError({ reason: "the table does not exist" })
 *
 * error.message // "session store: the table does not exist"
 * ```
 */
export class SessionStoreError extends Data.TaggedError("SessionStoreError")<{
  /** What failed and why, without a value that could be a secret. */
  readonly reason: string
  /** How to fix it: one sentence that starts with a verb. */
  readonly hint?: string | undefined
  /** Both in one line. */
  readonly message: string
}> {
  constructor(fields: { readonly reason: string; readonly hint?: string | undefined }) {
    const fix = fields.hint === undefined ? "" : `; fix: ${fields.hint}`
    super({ ...fields, message: `session store: ${fields.reason}${fix}` })
  }
}

/**
 * Under what a session is written.
 *
 * @since 0.1.0
 * @category models
 */
export interface WriteOptions {
  /** Who has the lease. */
  readonly owner: string
  /** For how long the text is of use. The store may drop it later. */
  readonly timeToLive: Duration.Duration
}

/**
 * A store of texts, each with a name and a lease: only the owner of the lease writes. Names are texts of any characters.
 * A lease that is not extended expires, because its owner may have died.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Whether others can read what is stored, so that `SharedSession` must encrypt it. */
  readonly needsEncryption: boolean
  /** The text of this name, if there is one. */
  readonly read: (name: string) => Effect.Effect<Option.Option<string>, SessionStoreError>
  /**
   * Replaces the text. False, and nothing is written, if the lease is no longer the owner's: a process that was stopped
   * for a while must not replace a newer session.
   */
  readonly write: (
    name: string,
    text: string,
    options: WriteOptions
  ) => Effect.Effect<boolean, SessionStoreError>
  /** Takes the lease, or extends that of the same owner. False if somebody else has it. Does not wait. */
  readonly acquire: (
    name: string,
    owner: string,
    timeToLive: Duration.Duration
  ) => Effect.Effect<boolean, SessionStoreError>
  /** Ends the lease of this owner. Nothing happens if it has another owner. */
  readonly release: (name: string, owner: string) => Effect.Effect<void, SessionStoreError>
}

/**
 * The tag of {@link Service}.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { SessionStore } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const needsEncryption = Effect.map(SessionStore.SessionStore, (store) => store.needsEncryption)
 * ```
 */
export class SessionStore extends Context.Tag("effect-alicloud-credentials/SessionStore")<SessionStore, Service>() {}

const toError = <A, R>(self: Effect.Effect<A, StoreProblem, R>): Effect.Effect<A, SessionStoreError, R> =>
  Effect.mapError(self, ({ hint, reason }) => new SessionStoreError({ reason, hint }))

/** The methods of a store whose failures are plain records. */
const service = (
  needsEncryption: boolean,
  { acquire, read, release, write }: {
    readonly read: (name: string) => Effect.Effect<Option.Option<string>, StoreProblem>
    readonly write: (name: string, text: string, owner: string, millis: number) => Effect.Effect<boolean, StoreProblem>
    readonly acquire: (name: string, owner: string, millis: number) => Effect.Effect<boolean, StoreProblem>
    readonly release: (name: string, owner: string) => Effect.Effect<void, StoreProblem>
  }
): Service => ({
  needsEncryption,
  read: (name) => toError(read(name)),
  write: (name, text, { owner, timeToLive }) => toError(write(name, text, owner, wholeMillis(timeToLive))),
  acquire: (name, owner, timeToLive) => toError(acquire(name, owner, wholeMillis(timeToLive))),
  release: (name, owner) => toError(release(name, owner))
})

const wholeMillis = (duration: Duration.Duration): number => Math.max(1, Math.floor(Duration.toMillis(duration)))

/**
 * A store in a folder, for the processes of one user on one machine. Each session is a file with a name made by SHA-256,
 * readable by its owner only, and replaced atomically.
 *
 * The folder is created with the mode 0700. A symbolic link, or a folder that others can write, is refused: the error,
 * which `SharedSession` logs, says how to fix it. In the folder, what is not a file that only this user can read, such as
 * a link, is not followed but replaced. The folders above are not checked: if others can rename things in them, use
 * `keys` of `SharedSession`. Use a local file system, since the lock needs one.
 *
 * Needs a `FileSystem` and a `Path`, which `layerPlatform` of `effect-alicloud-credentials/node` provides. Building it
 * cannot fail, and reads nothing. Reads no variables.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { SessionStore } from "effect-alicloud-credentials"
 * import * as NodeCredentials from "effect-alicloud-credentials/node"
 * import { Layer } from "effect"
 *
 * const store = SessionStore.layerFolder({ folder: "/run/user/1000/alicloud-sessions" }).pipe(
 *   Layer.provide(NodeCredentials.layerPlatform)
 * )
 * ```
 */
export const layerFolder = (options: {
  /** The path of the folder. A relative one starts at the working directory. Variables and `~` are not expanded. */
  readonly folder: string
}): Layer.Layer<SessionStore, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    SessionStore,
    Effect.map(
      Effect.all([FileSystem.FileSystem, Path.Path]),
      ([files, path]) => service(false, sessionFolder.make(files, path, options.folder))
    )
  )

/**
 * What {@link layerRedis} needs of a client of Redis: to send one command. Errors of the client are never shown.
 *
 * @since 0.1.0
 * @category models
 */
export interface RedisClient {
  /** Sends a command with its arguments, such as `["GET", "key"]`, and returns the answer. */
  readonly command: (args: ReadonlyArray<string>) => Promise<unknown> | Effect.Effect<unknown, unknown>
}

/**
 * A store in Redis, or in a server with the same commands, for processes on any number of machines. Needs `GET`
 * and `EVAL`, whose scripts call `GET`, `SET` with `NX` and `PX`, `PEXPIRE` and `DEL`. Sessions are always encrypted:
 * `SharedSession` needs `keys` with this store.
 *
 * Both keys of a session have the same hash tag, so that a cluster keeps them together. They expire by themselves. The
 * clocks of the machines should agree: a session that was written by a clock that is ahead counts as shorter.
 *
 * Needs nothing. Building it cannot fail, and sends nothing. Reads no variables.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { SessionStore } from "effect-alicloud-credentials"
 *
 * declare const ioredis: { call(command: string, ...args: Array<string>): Promise<unknown> }
 * declare const nodeRedis: { sendCommand(args: Array<string>): Promise<unknown> }
 *
 * const withIoredis = SessionStore.layerRedis({
 *   client: { command: ([command = "", ...args]) => ioredis.call(command, ...args) }
 * })
 *
 * const withNodeRedis = SessionStore.layerRedis({
 *   client: { command: (args) => nodeRedis.sendCommand([...args]) },
 *   prefix: "billing:",
 *   timeout: "500 millis"
 * })
 * ```
 */
export const layerRedis = (options: {
  readonly client: RedisClient
  /** The beginning of each key, without `{}`, which would end the hash tag. Defaults to `alicloud-session:`. */
  readonly prefix?: string | undefined
  /** The time limit of each command. A number is milliseconds. Defaults to 1 second. */
  readonly timeout?: Duration.DurationInput | undefined
}): Layer.Layer<SessionStore> => {
  const { client, prefix = "alicloud-session:", timeout = "1 second" } = options
  return Layer.sync(SessionStore, () => service(true, redis.make(client.command, prefix, timeout)))
}

/**
 * A store in the memory of this process, for tests. Each build of the layer has its own texts.
 *
 * Needs nothing. Building it cannot fail.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { SessionStore, SharedSession } from "effect-alicloud-credentials"
 * import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
 * import { Layer } from "effect"
 *
 * const layer = SharedSession.layer({ name: "app", settings: {} }).pipe(
 *   Layer.provide([TestCredentialProvider.layer(), SessionStore.layerMemory])
 * )
 * ```
 */
export const layerMemory: Layer.Layer<SessionStore> = Layer.sync(SessionStore, () => {
  const texts = new Map<string, { readonly text: string; readonly until: number }>()
  const leases = new Map<string, { readonly owner: string; readonly until: number }>()
  const ownerAt = (name: string, now: number): string | undefined => {
    const lease = leases.get(name)
    return lease !== undefined && now < lease.until ? lease.owner : undefined
  }
  return service(false, {
    read: (name) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const found = texts.get(name)
        return found !== undefined && now < found.until ? Option.some(found.text) : Option.none()
      }),
    write: (name, text, owner, millis) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const isOwner = ownerAt(name, now) === owner
        if (isOwner) texts.set(name, { text, until: now + millis })
        return isOwner
      }),
    acquire: (name, owner, millis) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const isFree = [undefined, owner].includes(ownerAt(name, now))
        if (isFree) leases.set(name, { owner, until: now + millis })
        return isFree
      }),
    release: (name, owner) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (ownerAt(name, now) === owner) leases.delete(name)
      })
  })
})
