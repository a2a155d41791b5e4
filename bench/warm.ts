/**
 * What a get costs while the session is cached.
 *
 * A program runs each effect a thousand times as a step of one `Effect.gen`, as programs do, or in `Effect.whileLoop`. The
 * floor is an `Effect.suspend` that returns a stored `Exit`. The provider caches a session with an expiration, so every
 * get reads the clock. The cost of the loop itself, measured with a stored `Exit`, is subtracted in the loop and not in
 * the generator, because every program pays for its step. Outside of Effect, and with other libraries, one sample is a
 * hundred sequential calls that are awaited.
 *
 * Tasks take turns in 31 rounds. Ratios are medians of the ratios of each round: nanoseconds differ between machines.
 */
import { Effect } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import * as cached from "./cached.ts"
import * as chart from "./chart.ts"
import * as measure from "./measure.ts"
import * as peers from "./peers.ts"
import type { Row, Table } from "./report.ts"
import { difference, median, ratio } from "./statistics.ts"
import { column, type Subject } from "./subject.ts"

const rounds = 31
const gets = 1000
const calls = 100

type Ours = Effect.Effect.Success<typeof cached.makeOurs>

const floor = "Effect.suspend of a stored Exit"
const clockFloor = "the same, reading the clock"
const warm = "provider.get"
const lookup = "CredentialProvider.get"
const chain = "chain.get"
const ttl = "Effect.cachedWithTTL"
const loop = "the loop"

type Need = CredentialProvider.CredentialProvider

const effectsOf = (
  ours: Ours
): ReadonlyArray<readonly [name: string, effect: Effect.Effect<unknown, unknown, Need>]> => [
  [floor, Effect.suspend(() => ours.stored)],
  [clockFloor, Effect.suspend(() => ours.clock.unsafeCurrentTimeMillis() < Infinity ? ours.stored : Effect.never)],
  [warm, ours.provider.get],
  [lookup, CredentialProvider.get],
  [chain, ours.chain.get],
  [ttl, ours.ttl]
]

const inLoop = (effect: Effect.Effect<unknown, unknown, Need>) =>
  Effect.suspend(() => {
    let count = 0
    return Effect.whileLoop({
      while: () => count < gets,
      body: () => effect,
      step: () => {
        count += 1
      }
    })
  })

const inGen = (effect: Effect.Effect<unknown, unknown, Need>) =>
  Effect.gen(function*() {
    for (let count = 0; count < gets; count++) yield* effect
  })

const syncTask =
  (ours: Ours, repeat: typeof inLoop) =>
  ([name, effect]: readonly [string, Effect.Effect<unknown, unknown, Need>]): measure.Task => {
    const all = Effect.provideService(repeat(effect), CredentialProvider.CredentialProvider, ours.provider)
    return { name, count: gets, run: () => Effect.runSync(all) }
  }

const promiseTask = ({ get, name }: cached.Cached): measure.Task => ({
  name,
  count: calls,
  run: async () => {
    for (let count = 0; count < calls; count++) await get()
  }
})

const generator = async (ours: Ours): Promise<Table> => {
  const figures = await measure.nanoseconds(effectsOf(ours).map(syncTask(ours, inGen)), rounds)
  const row = (name: string, most?: number): Row => {
    const values = measure.of(figures, name)
    return {
      name,
      values: [median(values), ratio(values, measure.of(figures, floor)), ratio(values, measure.of(figures, warm))],
      target: most === undefined ? undefined : { column: "x floor", most }
    }
  }
  return {
    title: "Cached, as a step of Effect.gen",
    rowsAre: "effect",
    columns: ["ns", "x floor", "x get"],
    rows: [
      row(floor),
      row(clockFloor),
      row(warm, 1.2),
      { ...row(lookup), target: { column: "x get", most: 1.2 } },
      { ...row(chain), target: { column: "x get", most: 1.3 } },
      row(ttl)
    ]
  }
}

const insideLoop = async (ours: Ours): Promise<Table> => {
  const tasks = [[loop, ours.stored] as const, ...effectsOf(ours)].map(syncTask(ours, inLoop))
  const figures = await measure.nanoseconds(tasks, rounds)
  const of = (name: string) => difference(measure.of(figures, name), measure.of(figures, loop))
  return {
    title: "Cached, in Effect.whileLoop, without the cost of the loop",
    rowsAre: "effect",
    columns: ["ns", "x floor", "x clock", "x get"],
    rows: [floor, clockFloor, warm, lookup, chain, ttl].map((name) => ({
      name,
      values: [median(of(name)), ...[floor, clockFloor, warm].map((other) => ratio(of(name), of(other)))]
    }))
  }
}

const promised = "Effect.runPromise(provider.get)"
const sync = "Effect.runSync(provider.get)"
const sdkGet = "AlicloudSdk getCredential()"

const outside = async (ours: Ours, others: ReadonlyArray<cached.Cached>): Promise<Table> => {
  const tasks = [
    promiseTask({ name: promised, get: () => Effect.runPromise(ours.provider.get) }),
    {
      name: sync,
      count: calls,
      run: () => {
        for (let count = 0; count < calls; count++) Effect.runSync(ours.provider.get)
      }
    },
    promiseTask({ name: sdkGet, get: ours.sdk.getCredential }),
    ...others.map(promiseTask)
  ]
  const figures = await measure.nanoseconds(tasks, rounds)
  const of = (name: string) => measure.of(figures, name)
  return {
    title: "Cached, outside of Effect",
    rowsAre: "call",
    columns: ["ns", "x official, AccessKey", "x official, session"],
    rows: [
      ...tasks.map(({ name }) => ({
        name,
        values: [
          median(of(name)),
          ratio(of(name), of(cached.officialKeyName)),
          ratio(of(name), of(cached.officialSessionName))
        ]
      })),
      ...peers.absent.map(({ name, skipped }) => ({ name, skipped, values: [] }))
    ]
  }
}

interface Getters {
  readonly getAccessKeyId: () => Promise<unknown>
  readonly getAccessKeySecret: () => Promise<unknown>
  readonly getSecurityToken: () => Promise<unknown>
}

const getters = async ({ sdk }: Ours): Promise<Table> => {
  const three = (name: string, credential: Getters): measure.Task =>
    promiseTask({
      name,
      get: async () => {
        await credential.getAccessKeyId()
        await credential.getAccessKeySecret()
        await credential.getSecurityToken()
      }
    })
  const ours = "AlicloudSdk, session"
  const official = "@alicloud/credentials, session that is not renewed"
  const figures = await measure.nanoseconds([three(ours, sdk), three(official, cached.officialToken())], rounds)
  const row = (name: string): Row => ({
    name,
    values: [
      median(measure.of(figures, name)),
      ratio(measure.of(figures, name), measure.of(figures, official))
    ]
  })
  return {
    title: "Cached, the three getters of the credential of an SDK: id, secret, token",
    rowsAre: "credential",
    columns: ["ns", "x official"],
    rows: [{ ...row(ours), target: { column: "x official", most: 1 } }, row(official)]
  }
}

const draw: NonNullable<Subject["chart"]>["draw"] = ([gen, , outside]) =>
  chart.bars({
    title: "A get while credentials are cached",
    description:
      "How long one get takes in this library, called from Effect and from promises, and in other libraries.",
    measure: "nanoseconds",
    unit: "ns",
    isLogarithmic: true,
    bars: [
      ...column(gen, "ns").filter(([name]) => [warm, lookup, chain].includes(name)),
      ...column(gen, "ns").filter(([name]) => name === ttl),
      ...column(outside, "ns").filter(([name]) => name !== sync)
    ].map(([name, value]) => ({
      name,
      value,
      isOurs: [warm, lookup, chain, promised, sdkGet].includes(name)
    }))
  })

export const subject: Subject = {
  run: () =>
    Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      const ours = yield* cached.makeOurs
      const others = yield* Effect.promise(cached.makeOthers)
      return [
        yield* Effect.promise(() => generator(ours)),
        yield* Effect.promise(() => insideLoop(ours)),
        yield* Effect.promise(() => outside(ours, others)),
        yield* Effect.promise(() => getters(ours))
      ]
    }))),
  chart: { alternative: "Nanoseconds of a get with cached credentials, in this library and in others", draw }
}
