/**
 * Services by key. Each is made when its key is first used. The least recently used ones are closed when there are too
 * many, and those that nobody uses any more.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as Peek from "./peek.ts"
import * as telemetry from "./telemetry.ts"

/** @internal */
export interface Pool<K> {
  readonly get: (key: K) => Effect.Effect<Credentials, CredentialError>
  /** Does nothing for a key that has no service. */
  readonly invalidate: (key: K, refused: Credentials) => Effect.Effect<void>
}

/** @internal */
export interface Options<K, R> {
  /** The same text for keys that share a service, and another one for all others. */
  readonly idOf: (key: K) => string
  readonly makeService: (key: K) => Effect.Effect<Service, never, R | Scope.Scope>
  readonly capacity: number
  /** In milliseconds. */
  readonly idleTimeToLive: number
}

interface Entry {
  readonly made: Deferred.Deferred<Made>
  peek: Peek.Peek
  /** How many wait. An entry that somebody waits for is not closed. */
  callers: number
  usedAt: number
}

interface Made {
  readonly service: Service
  readonly scope: Scope.CloseableScope
}

const notYet: Peek.Peek = () => undefined

/** @internal */
export const make = <K, R>(options: Options<K, R>): Effect.Effect<Pool<K>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { capacity, idOf, idleTimeToLive, makeService } = options
    const clock = yield* Effect.clock
    const scope = yield* Effect.scope
    /** From the least to the most recently used. */
    const entries = new Map<string, Entry>()
    yield* Effect.addFinalizer(() => telemetry.countPooled(-entries.size))
    // Of the pool, so that neither the context nor the end of the first caller matters to the others.
    const run = yield* Effect.flatMap(FiberSet.make<Made>(), (fibers) => FiberSet.runtime(fibers)<R>())

    const touch = (id: string, entry: Entry, now: number): void => {
      entry.usedAt = now
      entries.delete(id)
      entries.set(id, entry)
    }

    const makeOne = (key: K): Effect.Effect<Made, never, R> =>
      Effect.flatMap(Scope.fork(scope, ExecutionStrategy.sequential), (own) =>
        Effect.map(Scope.extend(makeService(key), own), (service) => ({ service, scope: own })))

    const open = (id: string, key: K): Entry => {
      const entry: Entry = { made: Deferred.unsafeMake<Made>(FiberId.none), peek: notYet, callers: 0, usedAt: 0 }
      entries.set(id, entry)
      run(makeOne(key)).addObserver((exit) => {
        if (Exit.isSuccess(exit)) entry.peek = Peek.of(exit.value.service.get)
        else if (entries.get(id) === entry) entries.delete(id)
        Deferred.unsafeDone(entry.made, exit)
      })
      return entry
    }

    const takeOut = (now: number): ReadonlyArray<Evicted> => {
      const evicted: Array<Evicted> = []
      for (const [id, entry] of entries) {
        const isIdle = now - entry.usedAt >= idleTimeToLive
        if (!isIdle && entries.size <= capacity) break
        if (entry.callers > 0) continue
        entries.delete(id)
        evicted.push({ entry, reason: isIdle ? "idle" : "capacity" })
      }
      return evicted
    }

    const enter = (key: K) =>
      Effect.suspend(() => {
        const id = idOf(key)
        const known = entries.get(id)
        const entry = known ?? open(id, key)
        entry.callers += 1
        touch(id, entry, clock.unsafeCurrentTimeMillis())
        return Effect.as(known === undefined ? telemetry.countPooled(1) : Effect.void, entry)
      })

    const leave = (entry: Entry) =>
      Effect.suspend(() => {
        entry.callers -= 1
        return Effect.forEach(takeOut(clock.unsafeCurrentTimeMillis()), close, { discard: true })
      })

    const getSlowly = (key: K): Effect.Effect<Credentials, CredentialError> =>
      Effect.acquireUseRelease(
        enter(key),
        ({ made }) => Effect.flatMap(Deferred.await(made), ({ service }) => service.get),
        leave
      )

    const seen: { now: number | undefined } = { now: undefined }
    const get = (key: K): Effect.Effect<Credentials, CredentialError> =>
      Effect.suspend(() => {
        const id = idOf(key)
        const entry = entries.get(id)
        seen.now = undefined
        const exit = entry?.peek(seen)
        if (entry === undefined || exit === undefined) return getSlowly(key)
        touch(id, entry, seen.now ?? clock.unsafeCurrentTimeMillis())
        return exit
      })

    const invalidate = (key: K, refused: Credentials): Effect.Effect<void> =>
      Effect.suspend(() => {
        const entry = entries.get(idOf(key))
        return entry === undefined
          ? Effect.void
          : Effect.flatMap(Deferred.await(entry.made), ({ service }) => service.invalidate(refused))
      })

    return { get, invalidate }
  })

interface Evicted {
  readonly entry: Entry
  readonly reason: telemetry.EvictionReason
}

const close = ({ entry, reason }: Evicted): Effect.Effect<void> =>
  Effect.zipRight(
    telemetry.countEvicted(reason),
    Effect.flatMap(Deferred.await(entry.made), (made) => Scope.close(made.scope, Exit.void))
  )
