/**
 * Ten thousand providers in one program, such as one for each customer.
 *
 * All of them are made in one scope, get their first session from a fetch that answers at once, are read again while it is
 * cached, and end with the scope. Time is for one provider. Bytes are what the heap has more after a collection. Figures
 * are medians of five runs.
 */
import { Effect, Exit, Scope } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import { bytesInUse } from "./garbage.ts"
import { session } from "./sessions.ts"
import { median } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const runs = 5
const count = 10_000

const timed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(effect, (value) => ({ value, micros: (performance.now() - start) * 1000 / count }))
  })

const run = Effect.gen(function*() {
  const scope = yield* Scope.make()
  const before = bytesInUse()
  const make = Scope.extend(CredentialProvider.make({ name: "bench", fetch: session }), scope)
  const { micros: made, value: providers } = yield* timed(Effect.replicateEffect(make, count))
  const empty = bytesInUse() - before
  const all = Effect.forEach(providers, ({ get }) => get, { discard: true })
  const { micros: first } = yield* timed(all)
  const full = bytesInUse() - before
  const { micros: again } = yield* timed(all)
  const { micros: closed } = yield* timed(Scope.close(scope, Exit.void))
  return { made, first, again, closed, empty: empty / count, full: full / count }
})

export const subject: Subject = {
  run: async () => {
    const all = await Effect.runPromise(Effect.replicateEffect(run, runs + 1))
    const measured = all.slice(1) // the first one warms up
    const of = (name: keyof (typeof measured)[number]) => median(measured.map((figures) => figures[name]))
    return [{
      title: `${count.toLocaleString("en")} providers, figures of one`,
      rowsAre: "step",
      columns: ["us", "bytes"],
      rows: [
        { name: "make", values: [of("made"), Math.round(of("empty"))] },
        { name: "first get, with its session", values: [of("first"), Math.round(of("full"))] },
        { name: "get again", values: [of("again"), undefined] },
        { name: "end", values: [of("closed"), undefined] }
      ]
    }]
  }
}
