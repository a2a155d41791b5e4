/**
 * Bytes that a get allocates while the session is cached.
 *
 * The process has a young generation of 64 MB, so that no collection happens within a sample. A sample is the growth of
 * the heap by a few thousand calls after a collection, without that of the same loop around a stored `Exit`, or around a
 * promise that is resolved. The figure is the median of 31 samples, after five to warm up.
 */
import { Effect } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import * as cached from "./cached.ts"
import { collectGarbage } from "./garbage.ts"
import * as peers from "./peers.ts"
import type { Row, Table } from "./report.ts"
import { median } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const samples = 31
const calls = 2000

const sample = async (run: () => unknown): Promise<number> => {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  await run()
  return (process.memoryUsage().heapUsed - before) / calls
}

const bytesOf = async (run: () => unknown): Promise<number> => {
  const found: Array<number> = []
  for (let count = -5; count < samples; count++) {
    const bytes = await sample(run)
    if (count >= 0) found.push(bytes)
  }
  return median(found)
}

interface Call {
  readonly name: string
  readonly run: () => unknown
}

type Ours = Effect.Effect.Success<typeof cached.makeOurs>

const effectOf =
  ({ provider }: Ours) =>
  (name: string, effect: Effect.Effect<unknown, unknown, CredentialProvider.CredentialProvider>): Call => {
    const all = Effect.gen(function*() {
      for (let count = 0; count < calls; count++) yield* effect
    }).pipe(Effect.provideService(CredentialProvider.CredentialProvider, provider))
    return { name, run: () => Effect.runSync(all) }
  }

const promise = ({ get, name }: cached.Cached): Call => ({
  name,
  run: async () => {
    for (let count = 0; count < calls; count++) await get()
  }
})

const rowsOf = async (calls: ReadonlyArray<Call>, base: Call): Promise<ReadonlyArray<Row>> => {
  const empty = await bytesOf(base.run)
  const rows: Array<Row> = []
  for (const { name, run } of calls) rows.push({ name, values: [Math.max(0, Math.round(await bytesOf(run) - empty))] })
  return rows
}

const measure = async (ours: Ours): Promise<Table> => {
  const effect = effectOf(ours)
  const nothing = Promise.resolve()
  return {
    title: "Bytes allocated by one get, cached",
    rowsAre: "call",
    columns: ["bytes"],
    rows: [
      ...await rowsOf([
        effect("Effect.suspend of a stored Exit", Effect.suspend(() => ours.stored)),
        effect("provider.get", ours.provider.get),
        effect("CredentialProvider.get", CredentialProvider.get),
        effect("chain.get", ours.chain.get),
        effect("Effect.cachedWithTTL", ours.ttl)
      ], effect("", ours.stored)),
      ...await rowsOf([
        promise({ name: "Effect.runPromise(provider.get)", get: () => Effect.runPromise(ours.provider.get) }),
        promise({ name: "AlicloudSdk getCredential()", get: ours.sdk.getCredential }),
        ...(await cached.makeOthers()).map(promise)
      ], promise({ name: "", get: () => nothing })),
      ...peers.absent.map(({ name, skipped }) => ({ name, skipped, values: [] }))
    ]
  }
}

export const subject: Subject = {
  run: () =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(cached.makeOurs, (ours) => Effect.promise(() => measure(ours)))))
      .then(
        (table) => [table]
      )
}
