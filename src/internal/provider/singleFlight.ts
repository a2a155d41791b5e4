/**
 * Runs an effect at most once at a time, in a scope, so that no caller's interruption stops it.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { type Patience, patience } from "../throttling.ts"

/** @internal */
export interface SingleFlight<A, E> {
  /** Starts a run in the background unless one is under way. */
  readonly start: () => void
  /** Waits for the run under way, or for a new one. A caller that is interrupted does not stop the run. */
  readonly join: Effect.Effect<A, E>
  readonly isRunning: () => boolean
}

/** A run has the patience of its first caller, or `background` without one. @internal */
export const make = <A, E, R>(
  effect: (caller: Option.Option<Tracer.AnySpan>) => Effect.Effect<A, E, R>,
  background: Patience = identity
): Effect.Effect<SingleFlight<A, E>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const handle = yield* FiberHandle.make<A, E>()
    const run = yield* FiberHandle.runtime(handle)<R>()
    let current: Deferred.Deferred<A, E> | undefined = undefined

    const flight = (caller: Option.Option<Tracer.AnySpan>, itsPatience: Patience): Deferred.Deferred<A, E> => {
      if (current !== undefined) return current
      const result = Deferred.unsafeMake<A, E>(FiberId.none)
      current = result
      // Many callers wait on the Deferred, since awaiting a fiber is quadratic in their number. An observer completes
      // it, since a fiber of a closed scope never runs its own finalizers.
      run(Effect.interruptible(Effect.locally(effect(caller), patience, itsPatience))).addObserver((exit) => {
        current = undefined
        Deferred.unsafeDone(result, exit)
      })
      return result
    }

    return {
      start: () => void flight(Option.none(), background),
      join: Effect.flatMap(
        Effect.serviceOption(Tracer.ParentSpan),
        (caller) => FiberRef.getWith(patience, (itsPatience) => Deferred.await(flight(caller, itsPatience)))
      ),
      isRunning: () => current !== undefined
    }
  })
