/**
 * The garbage collector, which a test can run.
 */
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const collect = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  const gc = runInNewContext("gc") as () => void
  gc()
})

const nextTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Whether the collector causes it. One run does not find everything. */
export const isSoonCollected = (isTrue: Effect.Effect<boolean>, runs = 10): Effect.Effect<boolean> =>
  Effect.flatMap(
    Effect.zipRight(Effect.zipRight(collect, nextTurn), isTrue),
    (is) => is || runs <= 1 ? Effect.succeed(is) : isSoonCollected(isTrue, runs - 1)
  )
