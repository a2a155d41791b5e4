/**
 * Services by key. Each is made when its key is first used. The least recently used ones are closed when there are too
 * many, and those that nobody uses any more.
 */
import type * as Clock from "effect/Clock"
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
import * as Monitor from "./monitor.ts"
import * as Peek from "./peek.ts"
import * as Recency from "./recency.ts"
import * as Signal from "./signal.ts"
import * as telemetry from "./telemetry.ts"

/** @internal */
export interface Pool<K> {
  readonly get: (key: K) => Effect.Effect<Credentials, CredentialError>
  /** Does nothing for a key that has no service. */
  readonly invalidate: (key: K, refused: Credentials) => Effect.Effect<void>
  /** What the service of a key is to those who take a service. It is made when it is first used. */
  readonly service: (name: string, key: K) => Service
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
  readonly id: string
  readonly made: Deferred.Deferred<Made>
  peek: Peek.Peek
  monitor: Monitor.Monitor
  /** How many wait. An entry that somebody waits for is not closed. */
  callers: number
  usedAt: number
}

interface Made {
  readonly service: Service
  readonly scope: Scope.CloseableScope
}

const notYet = { peek: () => undefined, monitor: { status: () => Monitor.nothing, signal: Signal.never } }

/** @internal */
export const make = <K, R>(options: Options<K, R>): Effect.Effect<Pool<K>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { capacity, idOf, idleTimeToLive, makeService } = options
    const clock = yield* Effect.clock
    const scope = yield* Effect.scope
    const entries = new Map<string, Recency.Link<Entry>>()
    const recency = Recency.make<Entry>()
    const listeners = new Map<string, Set<() => void>>()
    const emit = (id: string): void => listeners.get(id)?.forEach((listener) => listener())
    yield* Effect.addFinalizer(() => telemetry.countPooled(-entries.size))
    // Of the pool, so that neither the context nor the end of the first caller matters to the others.
    const run = yield* Effect.flatMap(FiberSet.make<Made>(), (fibers) => FiberSet.runtime(fibers)<R>())

    const touch = (link: Recency.Link<Entry>, now: number): void => {
      link.value.usedAt = now
      recency.use(link)
    }

    const remove = (link: Recency.Link<Entry>): void => {
      entries.delete(link.value.id)
      recency.remove(link)
    }

    const makeOne = (key: K): Effect.Effect<Made, never, R> =>
      Effect.flatMap(
        Scope.fork(scope, ExecutionStrategy.sequential),
        (own) => Effect.map(Scope.extend(makeService(key), own), (service) => ({ service, scope: own }))
      )

    const show = (entry: Entry, service: Service): void => {
      entry.peek = Peek.of(service.get)
      entry.monitor = Monitor.of(service) ?? notYet.monitor
      entry.monitor.signal.listen(() => emit(entry.id))
    }

    const open = (id: string, key: K): Recency.Link<Entry> => {
      const entry: Entry = { ...notYet, id, made: Deferred.unsafeMake<Made>(FiberId.none), callers: 0, usedAt: 0 }
      const link = recency.add(entry)
      entries.set(id, link)
      run(Effect.onError(makeOne(key), () => telemetry.countPooled(-1))).addObserver((exit) => {
        if (Exit.isSuccess(exit)) show(entry, exit.value.service)
        else if (entries.get(id) === link) remove(link)
        Deferred.unsafeDone(entry.made, exit)
      })
      return link
    }

    const hasJumped = jumps(clock)

    const takeOut = (now: number): ReadonlyArray<Evicted> => {
      const evicted: Array<Evicted> = []
      // Nobody knows how long they have not been used, and sessions that are dropped too early cost requests.
      if (hasJumped(now)) { for (const { value } of entries.values()) value.usedAt = now }
      for (const link of recency.fromOldest()) {
        const entry = link.value
        const isIdle = now - entry.usedAt >= idleTimeToLive
        if (!isIdle && entries.size <= capacity) break
        if (entry.callers > 0) continue
        remove(link)
        evicted.push({ entry, reason: isIdle ? "idle" : "capacity" })
      }
      return evicted
    }

    const enter = (id: string, key: K) =>
      Effect.suspend(() => {
        const known = entries.get(id)
        const link = known ?? open(id, key)
        link.value.callers += 1
        touch(link, clock.unsafeCurrentTimeMillis())
        return Effect.as(known === undefined ? telemetry.countPooled(1) : Effect.void, link.value)
      })

    const leave = (entry: Entry) =>
      Effect.suspend(() => {
        entry.callers -= 1
        return Effect.forEach(takeOut(clock.unsafeCurrentTimeMillis()), close, { discard: true })
      })

    const getSlowly = (id: string, key: K): Effect.Effect<Credentials, CredentialError> =>
      Effect.acquireUseRelease(
        enter(id, key),
        ({ made }) => Effect.flatMap(Deferred.await(made), ({ service }) => service.get),
        leave
      )

    const seen: Peek.Seen = { now: undefined }

    const peek = (id: string): ReturnType<Peek.Peek> => {
      const link = entries.get(id)
      if (link === undefined) return undefined
      seen.now = undefined
      const exit = link.value.peek(seen)
      if (exit !== undefined) touch(link, seen.now ?? clock.unsafeCurrentTimeMillis())
      return exit
    }

    const invalidate = (id: string, refused: Credentials): Effect.Effect<void> => {
      const link = entries.get(id)
      return link === undefined
        ? Effect.void
        : Effect.flatMap(Deferred.await(link.value.made), ({ service }) => service.invalidate(refused))
    }

    /** Of a key, whose service may be closed and made again. */
    const signalOf = (id: string): Signal.Signal => ({
      emit: () => emit(id),
      listen: (listener) => {
        const own = listeners.get(id) ?? new Set()
        listeners.set(id, own.add(listener))
        return () => {
          own.delete(listener)
          if (own.size === 0 && listeners.get(id) === own) listeners.delete(id)
        }
      }
    })

    const service = (name: string, key: K): Service => {
      const id = idOf(key)
      const get = Effect.suspend(() => peek(id) ?? getSlowly(id, key))
      return Monitor.attach({
        name,
        get: Peek.attach(get, () => peek(id)),
        invalidate: (refused) => Effect.suspend(() => invalidate(id, refused))
      }, {
        status: (now) => entries.get(id)?.value.monitor.status(now) ?? Monitor.nothing,
        signal: signalOf(id)
      })
    }

    return {
      get: (key) =>
        Effect.suspend(() => {
          const id = idOf(key)
          return peek(id) ?? getSlowly(id, key)
        }),
      invalidate: (key, refused) => Effect.suspend(() => invalidate(idOf(key), refused)),
      service
    }
  })

/** Whether the clock was set, or the machine slept, since it was last asked. */
const jumps = (clock: Clock.Clock): (now: number) => boolean => {
  let last = clock.unsafeCurrentTimeMillis()
  let lastNanos = clock.unsafeCurrentTimeNanos()
  return (now) => {
    const nanos = clock.unsafeCurrentTimeNanos()
    const jump = now - last - Number(nanos - lastNanos) / 1_000_000
    last = now
    lastNanos = nanos
    return Math.abs(jump) > 1000
  }
}

interface Evicted {
  readonly entry: Entry
  readonly reason: telemetry.EvictionReason
}

const close = ({ entry, reason }: Evicted): Effect.Effect<void> =>
  Effect.zipRight(
    telemetry.countEvicted(reason),
    Effect.flatMap(Deferred.await(entry.made), (made) => Scope.close(made.scope, Exit.void))
  )
