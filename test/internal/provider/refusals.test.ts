import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as refusals from "../../../src/internal/provider/refusals.ts"

describe("refusals", () => {
  it.effect("wait for one another longer each time, until there was none for five minutes", () =>
    Effect.gen(function*() {
      const { mayRenew } = refusals.make(yield* Effect.clock)
      const after = (millis: number) => Effect.map(TestClock.adjust(millis), mayRenew)
      const seen = [
        yield* after(0),
        yield* after(999),
        yield* after(1),
        yield* after(1999),
        yield* after(1),
        yield* after(299_999),
        yield* after(7999),
        yield* after(1),
        yield* after(300_000),
        yield* after(999),
        yield* after(1)
      ]
      assert.deepStrictEqual(seen, [true, false, true, false, true, true, false, true, true, false, true])
    }))
})
