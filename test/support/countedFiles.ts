/**
 * The real file system, with the number of operations under way: a test clock must not go on while a file is written.
 */
import { FileSystem } from "@effect/platform"
import { Effect, type Fiber, TestClock } from "effect"
import { sleeps } from "./sleeps.ts"

export interface CountedFiles {
  readonly files: FileSystem.FileSystem
  /** Whether nothing has been done with files for some turns of the event loop. */
  readonly settled: Effect.Effect<void>
}

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

export const countFiles = (real: FileSystem.FileSystem): CountedFiles => {
  let pending = 0
  const counted = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => void pending++),
      () => effect,
      () => Effect.sync(() => void pending--)
    )
  /** Its end counts too: it is the last finalizer of the scope, and marked by the first. */
  const closed = <A, E, R>(open: Effect.Effect<A, E, R>) => {
    let closing = false
    return Effect.addFinalizer(() => Effect.sync(() => closing ? void pending-- : undefined)).pipe(
      Effect.zipRight(open),
      Effect.tap(
        Effect.addFinalizer(() =>
          Effect.sync(() => {
            closing = true
            pending++
          })
        )
      )
    )
  }
  const wrap = <Service extends object>(service: Service): Service =>
    new Proxy(service, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target) as unknown
        if (Effect.isEffect(member)) return counted(member)
        if (typeof member !== "function") return member
        return (...args: ReadonlyArray<unknown>) => {
          const result = Reflect.apply(member, target, args) as unknown
          if (!Effect.isEffect(result)) return result
          return name === "open"
            ? Effect.map(closed(counted(result)), (file) => wrap(file as FileSystem.File))
            : counted(result)
        }
      }
    })
  const settled = Effect.gen(function*() {
    for (let quiet = 0; quiet < 5; quiet++) {
      yield* turn
      if (pending > 0) quiet = -1
    }
  })
  return { files: { ...wrap(real) }, settled }
}

/** Lets the test clock go on from one sleep to the next until the fiber ends, and gives the time of that. */
export const until = <A, E>(
  { settled }: CountedFiles,
  fiber: Fiber.RuntimeFiber<A, E>
): Effect.Effect<number> =>
  Effect.gen(function*() {
    let done = false as boolean
    fiber.addObserver(() => {
      done = true
    })
    yield* settled
    while (!done) {
      const [next] = Array.from(yield* sleeps).sort((a, b) => a - b)
      if (next !== undefined) yield* TestClock.setTime(next)
      yield* settled
    }
    return yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  })
