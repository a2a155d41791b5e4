/**
 * A wall clock that is wrong. Without vitest, since real programs use it too.
 */
import { Clock, Effect } from "effect"

/** The clock with another wall clock; sleeps and the monotonic clock stay the same. */
export const offsetClock = (clock: Clock.Clock, offset: () => number): Clock.Clock => {
  const unsafeCurrentTimeMillis = () => clock.unsafeCurrentTimeMillis() + offset()
  return {
    ...clock,
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis,
    currentTimeMillis: Effect.sync(unsafeCurrentTimeMillis),
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
}
