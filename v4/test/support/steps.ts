import { assert } from "@effect/vitest"
import { Effect, Tracer } from "effect"

/** How many steps of the fiber an effect takes. */
export const stepsOf = <E>(effect: Effect.Effect<unknown, E>): Effect.Effect<number, E> =>
  Effect.gen(function*() {
    let steps = 0
    const counting = Tracer.make({
      span: () => assert.fail("a span was started"),
      context: (step, fiber) => {
        steps++
        return step["~effect/Effect/evaluate"](fiber)
      }
    })
    yield* Effect.withTracer(effect, counting)
    return steps
  })
