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

/** Values by key, where two keys are the same if their services are. @internal */
export interface Keyed<K, A> {
  readonly get: (key: K) => A | undefined
  readonly set: (key: K, value: A) => void
  readonly delete: (key: K) => void
}

/** @internal */
export interface Options<K, R> {
  /** A key that never changes, of one that may. */
  readonly keyOf: (key: K) => K
  readonly makeMap: <A>() => Keyed<K, A>
  /** A key without a service is not kept. */
  readonly makeService: (key: K) => Effect.Effect<Service, CredentialError, R | Scope.Scope>
  readonly capacity: number
  /** In milliseconds. */
  readonly idleTimeToLive: number
}

interface Entry<K> {
  readonly key: K
  /** False once it was dropped. */
  isKept: boolean
  readonly made: Deferred.Deferred<Made, CredentialError>
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
    const { capacity, idleTimeToLive, keyOf, makeMap, makeService } = options
    const clock = yield* Effect.clock
    const scope = yield* Effect.scope
    const entries = makeMap<Recency.Link<Entry<K>>>()
    /** Those that nobody waits for. */
    const unused = Recency.make<Entry<K>>()
    const listeners = makeMap<Set<() => void>>()
    const emit = (key: K): void => listeners.get(key)?.forEach((listener) => listener())
    let size = 0
    let counted = 0
    let isClosed = false
    const count = Effect.suspend(() => {
      const change = (isClosed ? 0 : size) - counted
      counted += change
      return change === 0 ? Effect.void : telemetry.countPooled(change)
    })
    yield* Effect.addFinalizer(() => {
      isClosed = true
      return count
    })
    // Of the pool, so that neither the context nor the end of a caller matters to the others.
    const run = yield* Effect.flatMap(FiberSet.make<unknown>(), (fibers) => FiberSet.runtime(fibers)<R>())

    const touch = (link: Recency.Link<Entry<K>>, now: number): void => {
      link.value.usedAt = now
      if (link.value.callers === 0) unused.use(link)
    }

    const remove = (link: Recency.Link<Entry<K>>): void => {
      entries.delete(link.value.key)
      Recency.remove(link)
      link.value.isKept = false
      size -= 1
    }

    const makeOne = (key: K): Effect.Effect<Made, CredentialError, R> =>
      Effect.flatMap(
        Scope.fork(scope, ExecutionStrategy.sequential),
        (own) =>
          Scope.extend(makeService(key), own).pipe(
            Effect.map((service) => ({ service, scope: own })),
            Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
          )
      )

    const show = (entry: Entry<K>, service: Service): void => {
      entry.peek = Peek.of(service.get)
      entry.monitor = Monitor.of(service) ?? notYet.monitor
      entry.monitor.signal.listen(() => emit(entry.key))
    }

    const open = (key: K): Recency.Link<Entry<K>> => {
      const made = Deferred.unsafeMake<Made, CredentialError>(FiberId.none)
      const entry: Entry<K> = { ...notYet, key, isKept: true, made, callers: 0, usedAt: 0 }
      const link = Recency.link(entry)
      entries.set(key, link)
      size += 1
      run(makeOne(key)).addObserver((exit) => {
        if (Exit.isSuccess(exit)) show(entry, exit.value.service)
        else if (link.value.isKept) remove(link)
        Deferred.unsafeDone(made, exit)
      })
      return link
    }

    const hasJumped = jumps(clock)

    const takeOut = (now: number): ReadonlyArray<Evicted<K>> => {
      const evicted: Array<Evicted<K>> = []
      // Nobody knows how long they have not been used, and sessions that are dropped too early cost requests.
      if (hasJumped(now)) { for (const { value } of unused.fromOldest()) value.usedAt = now }
      for (const link of unused.fromOldest()) {
        const isIdle = now - link.value.usedAt >= idleTimeToLive
        if (!isIdle && size <= capacity) break
        remove(link)
        evicted.push({ entry: link.value, reason: isIdle ? "idle" : "capacity" })
      }
      return evicted
    }

    // In the background, since no caller should wait for the end of what another key has under way.
    const close = ({ entry, reason }: Evicted<K>): Effect.Effect<void> =>
      Effect.suspend(() => {
        run(Effect.ignore(Effect.flatMap(Deferred.await(entry.made), (made) => Scope.close(made.scope, Exit.void))))
        return telemetry.countEvicted(reason)
      })

    const enter = (key: K) =>
      Effect.suspend(() => {
        const link = entries.get(key) ?? open(key)
        link.value.callers += 1
        Recency.remove(link)
        return Effect.as(count, link)
      })

    const leave = (link: Recency.Link<Entry<K>>) =>
      Effect.suspend(() => {
        const now = clock.unsafeCurrentTimeMillis()
        link.value.callers -= 1
        if (link.value.isKept) touch(link, now)
        return Effect.zipRight(Effect.forEach(takeOut(now), close, { discard: true }), count)
      })

    const getSlowly = (key: K): Effect.Effect<Credentials, CredentialError> =>
      Effect.acquireUseRelease(
        enter(key),
        ({ value }) => Effect.flatMap(Deferred.await(value.made), ({ service }) => service.get),
        leave
      )

    const seen: Peek.Seen = { now: undefined }

    const peek = (link: Recency.Link<Entry<K>> | undefined): ReturnType<Peek.Peek> => {
      if (link === undefined) return undefined
      seen.now = undefined
      const exit = link.value.peek(seen)
      if (exit !== undefined) touch(link, seen.now ?? clock.unsafeCurrentTimeMillis())
      return exit
    }

    const invalidate = (key: K, refused: Credentials): Effect.Effect<void> => {
      const link = entries.get(key)
      return link === undefined
        ? Effect.void
        : Effect.ignore(Effect.flatMap(Deferred.await(link.value.made), ({ service }) => service.invalidate(refused)))
    }

    /** Of a key, whose service may be closed and made again. */
    const signalOf = (key: K): Signal.Signal => ({
      emit: () => emit(key),
      listen: (listener) => {
        const own = listeners.get(key) ?? new Set()
        listeners.set(key, own.add(listener))
        return () => {
          own.delete(listener)
          if (own.size === 0 && listeners.get(key) === own) listeners.delete(key)
        }
      }
    })

    const service = (name: string, given: K): Service => {
      const key = keyOf(given)
      let known: Recency.Link<Entry<K>> | undefined = undefined
      const find = () => known = known?.value.isKept === true ? known : entries.get(key)
      const get = Effect.suspend(() => peek(find()) ?? getSlowly(key))
      return Monitor.attach({
        name,
        get: Peek.attach(get, () => peek(find())),
        invalidate: (refused) => Effect.suspend(() => invalidate(key, refused))
      }, {
        status: (now) => find()?.value.monitor.status(now) ?? Monitor.nothing,
        signal: signalOf(key)
      })
    }

    return {
      get: (key) => Effect.suspend(() => peek(entries.get(key)) ?? getSlowly(keyOf(key))),
      invalidate: (key, refused) => Effect.suspend(() => invalidate(keyOf(key), refused)),
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

interface Evicted<K> {
  readonly entry: Entry<K>
  readonly reason: telemetry.EvictionReason
}
