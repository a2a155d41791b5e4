/**
 * The calls of a store of sessions, which may be anybody's: whatever it does, a call ends in time, with an answer of the
 * right type or with a failure that shows no secret.
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as SessionStore from "../../SessionStore.ts"

/** @internal */
export class StoreFailure extends Data.TaggedError("StoreFailure")<{ readonly reason: string }> {}

type Call<A> = Effect.Effect<A, StoreFailure>

/** @internal */
export interface StoreCalls {
  readonly read: (name: string) => Call<Option.Option<string>>
  readonly write: (name: string, text: string, options: SessionStore.WriteOptions) => Call<boolean>
  readonly acquire: (lease: Lease, timeToLive: Duration.Duration) => Call<boolean>
  readonly release: (lease: Lease) => Call<unknown>
}

/** @internal */
export interface Lease {
  readonly name: string
  readonly owner: string
  /** Whether this process no longer needs it. */
  isReleased: boolean
}

/** @internal */
export const make = (store: SessionStore.Service): StoreCalls => ({
  read: (name) => within("read", () => store.read(name), isText),
  write: (...args) => within("write", () => store.write(...args), isBoolean),
  acquire: (lease, timeToLive) =>
    within(
      "acquire",
      () => releasedIfLate(store, lease, store.acquire(lease.name, lease.owner, timeToLive)),
      isBoolean
    ),
  release: (lease) => within("release", () => store.release(lease.name, lease.owner), Predicate.isUnknown)
})

// Callers have what they need, and only the next process may have to wait.
const longestFinish = Duration.seconds(2)

/** Is not interrupted, and goes on in the background if it takes longer than callers should wait. @internal */
export const briefly = <A, B>(effect: Effect.Effect<A>, otherwise: B): Effect.Effect<A | B> =>
  Effect.flatMap(Effect.forkDaemon(effect), (fiber) => {
    const finished = Effect.timeoutTo(Effect.interruptible(Fiber.join(fiber)), {
      duration: longestFinish,
      onSuccess: (value): A | B => value,
      onTimeout: () => otherwise
    })
    // A fiber of its own, since an interruption reaches the children of a fiber also where it waits for that itself.
    return Effect.flatMap(Effect.forkDaemon(finished), Fiber.join)
  }).pipe(Effect.uninterruptible)

/** A store that cannot be interrupted may acquire the lease when nobody waits for it any more. */
const releasedIfLate = (
  store: SessionStore.Service,
  lease: Lease,
  acquired: ReturnType<SessionStore.Service["acquire"]>
): ReturnType<SessionStore.Service["acquire"]> =>
  Effect.ensuring(
    effectOf(acquired),
    Effect.suspend(() => lease.isReleased ? Effect.exit(effectOf(store.release(lease.name, lease.owner))) : Effect.void)
  )

const isText = (answer: unknown): answer is Option.Option<string> =>
  Option.isOption(answer) && (Option.isNone(answer) || typeof answer.value === "string")

const isBoolean = (answer: unknown): answer is boolean => typeof answer === "boolean"

// More than it takes to remove the lock file of a dead process.
const longestCall = Duration.seconds(15)

/** Ends in time also where this fiber cannot be interrupted. The store may throw before it returns an effect. */
const within = <A>(
  what: string,
  call: () => Effect.Effect<unknown, SessionStore.SessionStoreError>,
  isAnswer: (answer: unknown) => answer is A
): Call<A> =>
  Effect.flatMap(
    // Effect logs what a fiber fails with, so this one ends with an exit.
    Effect.forkDaemon(Effect.interruptible(Effect.exit(Effect.suspend(() => effectOf(call()))))),
    (fiber) =>
      Effect.interruptible(Fiber.join(fiber)).pipe(
        Effect.timeoutFail({
          duration: longestCall,
          onTimeout: () => new StoreFailure({ reason: `${what}: no answer after ${Duration.format(longestCall)}` })
        }),
        Effect.flatMap((exit) => answerOf(what, exit, isAnswer)),
        Effect.onExit((exit) => exit._tag === "Success" ? Effect.void : Effect.forkDaemon(Fiber.interrupt(fiber)))
      )
  )

/** What is no effect ends the fiber that runs it, also where its exit is asked for. */
const effectOf = <A, E>(answer: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.isEffect(answer) ? answer : Effect.die("no effect")

const answerOf = <A>(
  what: string,
  exit: Exit.Exit<unknown, unknown>,
  isAnswer: (answer: unknown) => answer is A
): Call<A> => {
  if (exit._tag === "Failure") return new StoreFailure({ reason: reasonOf(what, exit.cause) })
  return isAnswer(exit.value)
    ? Effect.succeed(exit.value)
    : new StoreFailure({ reason: `${what}: the answer has another type` })
}

/** Only the errors of this library are shown. A defect or an error of somebody else may quote the session. */
const reasonOf = (what: string, cause: Cause.Cause<unknown>): string => {
  const error = Option.getOrUndefined(Cause.failureOption(cause)) as
    | Partial<SessionStore.SessionStoreError>
    | null
    | undefined
  if (error?._tag === "SessionStoreError" && typeof error.message === "string") return error.message
  return `${what}: ${Cause.isInterruptedOnly(cause) ? "interrupted" : error === undefined ? "defect" : "failed"}`
}
