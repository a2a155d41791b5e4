/** When the sleeps of a test clock end. The test clock of Effect 4 does not tell, so that its method is watched. */
import { Clock, Duration, Effect } from "effect"

const watched = new WeakMap<Clock.Clock, Set<{ readonly end: number }>>()

/** Has to run before the sleeps begin. */
export const watchSleeps: Effect.Effect<void> = Effect.map(Effect.service(Clock.Clock), (clock) => {
  if (watched.has(clock)) return
  const all = new Set<{ readonly end: number }>()
  const sleep = clock.sleep.bind(clock)
  watched.set(clock, all)
  Object.assign(clock, {
    sleep: (duration: Duration.Duration) =>
      Effect.suspend(() => {
        const entry = { end: clock.currentTimeMillisUnsafe() + Duration.toMillis(duration) }
        all.add(entry)
        return Effect.ensuring(sleep(duration), Effect.sync(() => all.delete(entry)))
      })
  })
})

export const sleeps: Effect.Effect<ReadonlyArray<number>> = Effect.flatMap(Effect.service(Clock.Clock), (clock) => {
  const all = watched.get(clock)
  return all === undefined
    ? Effect.die(new Error("the sleeps of this clock are not watched"))
    : Effect.sync(() => Array.from(all, ({ end }) => end))
})
