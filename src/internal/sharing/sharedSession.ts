/**
 * A session that many processes share: one of them asks the source, and the others read what it stored.
 *
 * The store saves requests, and is never needed: if it fails, the source is asked directly.
 */
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import { type Credentials, StsToken } from "../../Credentials.ts"
import type { RefreshPolicy } from "../../RefreshPolicy.ts"
import type * as SessionStore from "../../SessionStore.ts"
import * as cacheEntry from "../provider/cacheEntry.ts"
import { isSame } from "../provider/credentials.ts"
import * as deadlines from "../provider/deadlines.ts"
import { unlessDry } from "../provider/dryRun.ts"
import { ofCredentials } from "../provider/fetched.ts"
import * as Monitor from "../provider/monitor.ts"
import * as Peek from "../provider/peek.ts"
import * as refreshCache from "../provider/refreshCache.ts"
import { impatient, patience } from "../throttling.ts"
import * as Lease from "./lease.ts"
import * as storeCalls from "./storeCalls.ts"
import type { Codec, Stored } from "./storedSession.ts"

/** @internal */
export interface Options {
  readonly name: string
  readonly source: Service
  readonly store: SessionStore.Service
  /** The name of the session in the store. */
  readonly entry: string
  readonly codec: Codec
  readonly refresh?: Partial<RefreshPolicy> | undefined
}

/** What this process knows of the session. */
interface State {
  readonly clock: Clock.Clock
  readonly policy: deadlines.Policy
  /** The last one, also after it has expired: an older one does not replace it. */
  held: cacheEntry.Entry | undefined
  /** Sessions that a service refused: the store does not bring them back. */
  refused: ReadonlyArray<cacheEntry.Entry>
  /** Whether the source returns credentials that are not shared. */
  isPassing: boolean
  /** Whether the store has failed since it last worked. */
  hasWarned: boolean
}

// A holder that takes longer is as good as none.
const longestWait = 30_000

const firstPause = 100
const longestPause = 2000

/** @internal */
export const make = (options: Options): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { monitor, service: source } = Monitor.observed(options.source)
    const clock = yield* Effect.clock
    const state: State = {
      clock,
      policy: deadlines.policy(options.refresh),
      held: undefined,
      refused: [],
      isPassing: false,
      hasWarned: false
    }
    const cache = yield* refreshCache.make({
      name: options.name,
      refresh: options.refresh,
      // Credentials that are not shared are never read from the cache, which looks for a session at every call.
      keep: 0,
      fetch: Effect.map(unlessDry(makeFetch({ ...options, source }, state), () => source.get), ofCredentials)
    })
    return Monitor.attach({
      name: options.name,
      get: makeGet(state, source, cache),
      invalidate: (refused: Credentials) =>
        Effect.suspend(() => {
          if (state.isPassing) return source.invalidate(refused)
          refuse(state, refused)
          return cache.invalidate(refused)
        })
    }, {
      status: (now) => state.isPassing ? monitor.status(now) : cache.monitor.status(now),
      signal: {
        emit: cache.monitor.signal.emit,
        listen: (listener) => {
          const stops = [cache.monitor, monitor].map(({ signal }) => signal.listen(listener))
          return () => stops.forEach((stop) => stop())
        }
      }
    })
  })

const makeGet = (state: State, source: Service, cache: refreshCache.RefreshCache): Service["get"] => {
  const peekCache = Peek.of(cache.get)
  const peekSource = Peek.of(source.get)
  const passOn = Effect.tap(
    source.get,
    (credentials) => isShareable(credentials) ? Effect.exit(cache.get) : Effect.void
  )
  return Peek.attach(Effect.suspend(() => state.isPassing ? passOn : cache.get), (seen) => {
    if (!state.isPassing) return peekCache(seen)
    const exit = peekSource(seen)
    // A session again: the cache has to notice.
    return exit?._tag === "Success" && isShareable(exit.value) ? undefined : exit
  })
}

interface Session extends StsToken {
  readonly expiration: Option.Some<DateTime.Utc>
}

const isShareable = (credentials: Credentials): credentials is Session =>
  credentials._tag === "StsToken" && Option.isSome(credentials.expiration)

const expiryOf = (session: Session): number => DateTime.toEpochMillis(session.expiration.value)

const refuse = (state: State, refused: Credentials): void => {
  const { clock, held } = state
  if (held === undefined || !isSame(held.credentials, refused) || wasRefused(state, refused)) return
  const now = clock.unsafeCurrentTimeMillis()
  state.refused = [...state.refused.filter((entry) => cacheEntry.left(clock, entry, now) > 0), held]
}

const wasRefused = ({ refused }: State, credentials: Credentials): boolean =>
  refused.some((entry) => isSame(entry.credentials, credentials))

/** Keeps a session, unless this process already has one that works and expires later. */
const keep = (state: State, session: Session, obtainedAt: number): Session => {
  const { clock, held, policy } = state
  const expiresAt = expiryOf(session)
  if (held === undefined || wasRefused(state, held.credentials) || expiresAt > held.expiresAt) {
    const now = clock.unsafeCurrentTimeMillis()
    state.held = cacheEntry.make(clock, session, deadlines.ofSession(policy, obtainedAt, expiresAt, 0), now)
  }
  return session
}

/** The held session, if callers can use it, so that there is no hurry. */
const usable = (state: State): Credentials | undefined => {
  const { clock, held } = state
  if (held === undefined || wasRefused(state, held.credentials)) return undefined
  const now = clock.unsafeCurrentTimeMillis()
  return cacheEntry.isSetBack(clock, held, now) || now >= held.usableUntil ? undefined : held.credentials
}

/** Whether a session is of no use to a process that looks for another one. */
const isOld = (state: State, session: Session): boolean => {
  const { held } = state
  if (wasRefused(state, session)) return true
  if (held === undefined) return false
  const later = expiryOf(session) - held.expiresAt
  return wasRefused(state, held.credentials) ? later < 0 : later <= 0 || isSame(held.credentials, session)
}

/** What of the store is better than what this process has. */
const newer = (state: State, stored: Stored): Session | undefined => {
  const { clock, policy } = state
  const now = clock.unsafeCurrentTimeMillis()
  const ahead = Math.max(0, stored.obtainedAt - now)
  // The clock of the writer is ahead, or this one was set back: by this clock the session expires earlier.
  const expiresAt = stored.expiresAt - ahead
  const obtainedAt = stored.obtainedAt - ahead
  if (expiresAt <= obtainedAt || now >= deadlines.ofSession(policy, obtainedAt, expiresAt, 0).usableUntil) {
    return undefined
  }
  const session = StsToken({ ...stored.session, expiration: Option.some(DateTime.unsafeMake(expiresAt)) })
  if (!isShareable(session) || isOld(state, session)) return undefined
  state.hasWarned = false
  state.isPassing = false
  return keep(state, session, obtainedAt)
}

type Fetch = Effect.Effect<Credentials, CredentialError>

const makeFetch = (options: Options, state: State): Fetch => {
  const { codec, entry, source } = options
  const store = storeCalls.make(options.store)

  const read = Effect.gen(function*() {
    const text = yield* store.read(entry)
    if (Option.isNone(text)) return undefined
    const stored = yield* codec.decode(text.value)
    if (Option.isSome(stored)) return newer(state, stored.value)
    yield* warn(state, "a stored session is not valid or was encrypted with another key, and will be replaced")
    return undefined
  })

  /** Waits for a server that throttles only without a session that callers can use, so that the cache makes the pauses. */
  const fromSource = Effect.suspend(() =>
    usable(state) === undefined ? source.get : Effect.locally(source.get, patience, impatient)
  )

  const ask = Effect.gen(function*() {
    const first = yield* fromSource
    if (!isShareable(first) || !isOld(state, first)) return first
    // The source cannot know that another session was shared, or that this one is due or was refused.
    yield* source.invalidate(first)
    const second = yield* fromSource
    return isShareable(second) && isRepeated(state, second) ? yield* notRenewed(options.name) : second
  }).pipe(Effect.map((credentials) => receive(state, credentials)))

  /** False if another process may have written a newer one. */
  const write = (session: Session, lease: Lease.Lease) =>
    Effect.gen(function*() {
      const now = state.clock.unsafeCurrentTimeMillis()
      const expiresAt = expiryOf(session)
      const text = yield* codec.encode({ session, expiresAt, obtainedAt: now })
      if (Option.isNone(text)) return yield* new storeCalls.StoreFailure({ reason: "the session cannot be encrypted" })
      const timeToLive = Duration.millis(Math.max(1, Math.floor(expiresAt - now)))
      const isWritten = !Lease.mayBeLost(state.clock, lease) &&
        (yield* store.write(entry, text.value, { owner: lease.owner, timeToLive }))
      if (isWritten) state.hasWarned = false
      else yield* Effect.logDebug("another process may have renewed the session meanwhile, so this one is not stored")
      return isWritten
    })

  /** The session of this process, or that of another one which had the lease meanwhile. */
  const share = (session: Session, lease: Lease.Lease): Effect.Effect<Credentials> =>
    Effect.if(write(session, lease), {
      onTrue: () => Effect.succeed(session),
      onFalse: () => Effect.map(read, (found) => found ?? session)
    }).pipe(Effect.catchAll((failure) => Effect.as(warnOfFailure(state, failure), session)))

  const release = (lease: Lease.Lease) =>
    Effect.catchAll(Lease.release(store, lease), (failure) => warnOfFailure(state, failure))

  const renewWith = (lease: Lease.Lease) =>
    Effect.gen(function*() {
      const found = yield* read
      if (found !== undefined) return found
      const credentials = yield* Effect.raceFirst(ask, Lease.extend(state.clock, store, lease))
      if (!isShareable(credentials) || wasRefused(state, credentials)) return credentials
      const finish = Effect.suspend(() => {
        lease.mayHave = false
        return Effect.zipLeft(share(credentials, lease), release(lease))
      })
      return yield* storeCalls.briefly(finish, credentials)
    })

  /** None if another process has the lease. */
  const renewAlone = Effect.suspend(() => {
    const lease = Lease.make(entry)
    return Effect.flatMap(Lease.acquire(state.clock, store, lease), (isAcquired) => {
      lease.mayHave = isAcquired
      return isAcquired ? Effect.asSome(renewWith(lease)) : Effect.succeedNone
    }).pipe(
      Effect.ensuring(Effect.suspend(() => lease.mayHave ? storeCalls.briefly(release(lease), undefined) : Effect.void))
    )
  })

  const renew = (waited: number, most: number): Effect.Effect<Credentials, CredentialError | storeCalls.StoreFailure> =>
    Effect.flatMap(renewAlone, (renewed) => {
      if (Option.isSome(renewed)) return Effect.succeed(renewed.value)
      const held = usable(state)
      if (held !== undefined) return Effect.succeed(held)
      return waited >= longestWait ? ask : wait(waited, most)
    })

  const wait = (waited: number, most: number): Effect.Effect<Credentials, CredentialError | storeCalls.StoreFailure> =>
    Effect.gen(function*() {
      const pause = yield* Random.nextRange(most / 2, most)
      yield* Effect.sleep(pause)
      return (yield* read) ?? (yield* renew(waited + pause, Math.min(longestPause, most * 2)))
    })

  return Effect.flatMap(read, (found) => found === undefined ? renew(0, firstPause) : Effect.succeed(found)).pipe(
    Effect.catchTag("StoreFailure", (failure) => Effect.zipRight(warnOfFailure(state, failure), ask))
  )
}

const receive = (state: State, credentials: Credentials): Credentials => {
  state.isPassing = !isShareable(credentials)
  return isShareable(credentials) ? keep(state, credentials, state.clock.unsafeCurrentTimeMillis()) : credentials
}

/** The same session again, after the clock was set back: the cache would believe the new time. */
const isRepeated = ({ clock, held }: State, session: Session): boolean =>
  held !== undefined && isSame(held.credentials, session) &&
  cacheEntry.isSetBack(clock, held, clock.unsafeCurrentTimeMillis())

const notRenewed = (provider: string) =>
  new CredentialsUnavailable({ provider, reason: "the clock was set back, and the source has no newer session" })

const warn = (state: State, message: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (state.hasWarned) return Effect.void
    state.hasWarned = true
    return Effect.logWarning(message)
  })

const warnOfFailure = (state: State, { reason }: storeCalls.StoreFailure): Effect.Effect<void> =>
  warn(state, `the session is not shared with other processes: ${reason}`)
