/**
 * A wall clock that is wrong. Without vitest, since real programs use it too.
 */
import { type Clock, Effect } from "effect"

/** The clock with another wall clock; sleeps and the monotonic clock stay the same. */
export const offsetClock = (clock: Clock.Clock, offset: () => number): Clock.Clock => {
  const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + offset()
  return new Proxy(clock, {
    get: (target, name) => {
      if (name === "currentTimeMillisUnsafe") return currentTimeMillisUnsafe
      if (name === "currentTimeMillis") return Effect.sync(currentTimeMillisUnsafe)
      const member = Reflect.get(target, name, target) as unknown
      return typeof member === "function" ? member.bind(target) as unknown : member
    }
  })
}
