import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as SharedFile from "../../../src/internal/profile/sharedFile.ts"
import { settle } from "../../support/clock.ts"

/** A file whose stamp is proof of its text, unless a test says otherwise, and what was done with it. */
const aFile = (text: string) => {
  const parsed: Array<string> = []
  const state = { text, stamp: "1", isProof: true, reads: 0, parsed }
  const source: SharedFile.Source<never> = {
    locate: Effect.sync(() => ({ path: "/file", stamp: state.stamp, isProof: state.isProof })),
    textOf: () =>
      Effect.sync(() => {
        state.reads += 1
        return state.text
      })
  }
  const shared = SharedFile.make((text) => {
    parsed.push(text)
    return { text }
  })
  return { state, source, shared, read: Effect.map(shared.read(source), (reading) => reading.parsed.text) }
}

describe("a shared file", () => {
  it.effect("is read and parsed once for all its readers", () =>
    Effect.gen(function*() {
      const { read, shared, source, state } = aFile("one")
      const readings = yield* Effect.replicateEffect(shared.read(source), 100)
      assert.strictEqual(new Set(readings.map(({ parsed }) => parsed)).size, 1)
      assert.deepStrictEqual([state.reads, state.parsed], [1, ["one"]])
      state.text = "two"
      state.stamp = "2"
      assert.deepStrictEqual(yield* Effect.replicateEffect(read, 3), ["two", "two", "two"])
      assert.deepStrictEqual([state.reads, state.parsed], [2, ["one", "two"]])
    }))

  it.effect("is read again as long as its stamp proves nothing, and parsed only if the text is new", () =>
    Effect.gen(function*() {
      const { read, state } = aFile("one")
      state.isProof = false
      assert.deepStrictEqual(yield* Effect.replicateEffect(read, 3), ["one", "one", "one"])
      assert.deepStrictEqual([state.reads, state.parsed], [3, ["one"]])
      state.text = "two"
      assert.strictEqual(yield* read, "two")
      // The read that finds proof is the last one.
      state.isProof = true
      assert.deepStrictEqual(yield* Effect.replicateEffect(read, 3), ["two", "two", "two"])
      assert.deepStrictEqual([state.reads, state.parsed], [5, ["one", "two"]])
    }))

  it.effect("is not parsed again if only its stamp is new", () =>
    Effect.gen(function*() {
      const { shared, source, state } = aFile("one")
      const before = yield* shared.read(source)
      state.stamp = "2"
      const after = yield* shared.read(source)
      assert.deepStrictEqual([before.stamp, after.stamp], ["1", "2"])
      assert.strictEqual(after.parsed, before.parsed)
    }))

  it.effect("is another one under another path", () =>
    Effect.gen(function*() {
      const { shared, source, state } = aFile("one")
      yield* shared.read(source)
      const moved = Effect.map(source.locate, (place) => ({ ...place, path: "/other" }))
      assert.strictEqual((yield* shared.read({ ...source, locate: moved })).path, "/other")
      assert.deepStrictEqual([state.reads, state.parsed], [2, ["one", "one"]])
    }))

  it.effect("is read in spite of its stamp on request", () =>
    Effect.gen(function*() {
      const { read, shared, source, state } = aFile("one")
      yield* read
      state.text = "two"
      assert.strictEqual(yield* read, "one")
      assert.strictEqual((yield* shared.reread(source)).text, "two")
    }))

  it.effect("takes what was written to it, and believes nothing but the text of the next read", () =>
    Effect.gen(function*() {
      const { read, shared, state } = aFile("one")
      yield* read
      shared.wrote({ path: "/file", stamp: "2", isProof: false }, "own")
      state.text = "own"
      state.stamp = "2"
      assert.strictEqual(yield* read, "own")
      assert.deepStrictEqual(state.parsed, ["one", "own"])
      shared.wrote({ path: "/file", stamp: "3", isProof: false }, "two")
      state.text = "too"
      state.stamp = "3"
      assert.strictEqual(yield* read, "too")
    }))

  it.effect("is read once for those who wait, and never for somebody who asks after the read began", () =>
    Effect.gen(function*() {
      const { shared, source, state } = aFile("one")
      state.isProof = false
      const gate = yield* Deferred.make<void>()
      const slow: SharedFile.Source<never> = {
        ...source,
        textOf: (path) => Effect.tap(source.textOf(path), () => Deferred.await(gate))
      }
      const first = yield* Effect.fork(shared.read(slow))
      yield* Effect.yieldNow()
      state.text = "two"
      const later = yield* Effect.fork(Effect.all(Array.from({ length: 1000 }, () => shared.read(slow)), {
        concurrency: "unbounded"
      }))
      yield* settle
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(first)).text, "one")
      assert.deepStrictEqual([...new Set((yield* Fiber.join(later)).map(({ text }) => text))], ["two"])
      assert.strictEqual(state.reads, 2)
    }))

  it.effect("is read by the next one if a reader is interrupted or fails", () =>
    Effect.gen(function*() {
      const { read, shared, source } = aFile("one")
      const stuck = yield* Effect.fork(shared.read({ ...source, textOf: () => Effect.never }))
      yield* Effect.yieldNow()
      const next = yield* Effect.fork(read)
      yield* Fiber.interrupt(stuck)
      assert.strictEqual(yield* Fiber.join(next), "one")
      assert.strictEqual(yield* Effect.flip(shared.reread({ ...source, textOf: () => Effect.fail("no") })), "no")
      assert.strictEqual(yield* read, "one")
    }))
})
