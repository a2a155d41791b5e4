/** What tests need of Effect and is written in another way in Effect 4. The codemod imports it where it is used. */
import { it } from "@effect/vitest"
import { Chunk, Context, Effect, type Exit, Layer, Metric, Option, Stream } from "effect"
import type * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"

export const merge = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | E, never, R> =>
  Effect.match(self, { onFailure: (error): A | E => error, onSuccess: (value): A | E => value })

/** With the clock of the machine, also where it is in use already. */
export const withLive = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) => "withLive" in clock ? TestClock.withLive(self) : self)

export const poll = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.sync(() => Option.fromNullishOr(fiber.pollUnsafe()))

export const layerFail = <E>(error: E): Layer.Layer<unknown, E> =>
  Layer.effectContext(Effect.as(Effect.fail(error), Context.empty() as Context.Context<unknown>))

export const runCollect = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Chunk.Chunk<A>, E, R> =>
  Effect.map(Stream.runCollect(stream), Chunk.fromIterable)

interface Numbers {
  readonly nextDoubleUnsafe: () => number
  readonly nextIntUnsafe: () => number
}

const numbersOf = (next: () => number): Numbers => ({
  nextDoubleUnsafe: next,
  nextIntUnsafe: () => Math.floor(next() * Number.MAX_SAFE_INTEGER)
})

/** Gives the values one after the other, again and again. */
export const fixedRandom = (values: ReadonlyArray<number>): Numbers => {
  let at = 0
  return numbersOf(() => values[at++ % values.length] ?? 0)
}

/** The same numbers for the same seed. */
export const seededRandom = (seed: string): Numbers => {
  let state = 2166136261
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 16777619) >>> 0
  return numbersOf(() => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  })
}

interface Measured {
  readonly metricKey: {
    readonly name: string
    readonly tags: ReadonlyArray<{ readonly key: string; readonly value: string }>
  }
  readonly metricState: Readonly<Record<string, unknown>>
}

const measuredOf = ({ attributes, id, state }: Metric.Metric.Snapshot): Measured => ({
  metricKey: { name: id, tags: Object.entries(attributes ?? {}).map(([key, value]) => ({ key, value })) },
  metricState: state as unknown as Readonly<Record<string, unknown>>
})

/** The metrics of the program, in the form of Effect 3. */
export const metrics: Effect.Effect<ReadonlyArray<Measured>> = Effect.map(Metric.snapshot, (all) => all.map(measuredOf))

export const metricsNow = (): ReadonlyArray<Measured> => Metric.snapshotUnsafe(Context.empty()).map(measuredOf)

interface Options {
  readonly fastCheck?: { readonly numRuns?: number }
}

type Arbitraries = ReadonlyArray<fc.Arbitrary<unknown>> | Readonly<Record<string, fc.Arbitrary<unknown>>>

type Values<A extends Arbitraries> = {
  -readonly [K in keyof A]: A[K] extends fc.Arbitrary<infer Value> ? Value : never
}

const together = <A extends Arbitraries>(arbitraries: A): fc.Arbitrary<Values<A>> =>
  (Array.isArray(arbitraries)
    ? fc.tuple(...arbitraries as ReadonlyArray<fc.Arbitrary<unknown>>)
    : fc.record(arbitraries as Record<string, fc.Arbitrary<unknown>>)) as unknown as fc.Arbitrary<Values<A>>

export const itProp = <const A extends Arbitraries>(
  name: string,
  arbitraries: A,
  body: (values: Values<A>) => void,
  options?: Options
): void =>
  it(name, () => fc.assert(fc.property(together(arbitraries), (values) => body(values)), options?.fastCheck ?? {}))

export const itEffectProp = <const A extends Arbitraries, E>(
  name: string,
  arbitraries: A,
  body: (values: Values<A>) => Effect.Effect<unknown, E, never>,
  options?: Options
): void =>
  it(name, () =>
    fc.assert(
      fc.asyncProperty(
        together(arbitraries),
        (values) => Effect.runPromise(Effect.asVoid(body(values)).pipe(Effect.provide(TestClock.layer())))
      ),
      options?.fastCheck ?? {}
    ))
