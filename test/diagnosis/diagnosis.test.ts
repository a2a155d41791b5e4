/**
 * What a user reads when credentials cannot be loaded. Each situation is a JSON file, and the message is the text file of
 * the same name: `npx vitest run test/diagnosis -u` writes the messages again, for a person to read.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Random, TestClock } from "effect"
import { CredentialProvider } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { whileTimePasses } from "../support/clock.ts"
import { decode, layerOf, machineOf, type Situation } from "./situation.ts"

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const namesOf = (extension: string): ReadonlyArray<string> =>
  readdirSync(pathOf(".")).filter((file) => file.endsWith(extension)).map((file) => file.slice(0, -extension.length))

const names = namesOf(".json")

const start = Date.parse("2026-01-02T03:04:05Z")

const mostLines = 12

/** So many characters of a secret in a row are a leak. */
const run = 8

/** The message, and the secrets that the cloud issued meanwhile. */
const read = (situation: Situation) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    yield* Effect.forEach(situation.faults, cloud.fault)
    const { message } = yield* whileTimePasses(Effect.flip(CredentialProvider.get))
    return { message, issued: yield* cloud.issuedSecrets }
  }).pipe(
    Effect.provide(Layer.provideMerge(layerOf(situation), machineOf(situation))),
    // The pauses between attempts differ otherwise, and the message shows the time.
    Effect.withRandom(Random.fixed([0.5]))
  )

const leaksOf = (message: string, secrets: ReadonlyArray<string>): ReadonlyArray<string> =>
  secrets.filter((secret) =>
    Array.from({ length: secret.length - run + 1 }, (_, at) => secret.slice(at, at + run))
      .some((part) => message.includes(part))
  )

/** Without its list of secrets, the text of a situation still has to hold each of them. */
const unusedIn = (situation: Situation): ReadonlyArray<string> => {
  const rest = JSON.stringify({ ...situation, secrets: [] })
  return situation.secrets.filter((secret) => !rest.includes(JSON.stringify(secret).slice(1, -1)))
}

describe("the message that a user reads", () => {
  it("exists for every situation", () => {
    assert.isAtLeast(names.length, 50)
    assert.deepStrictEqual(namesOf(".txt").filter((name) => !names.includes(name)), [])
  })

  for (const name of names) {
    const situation = decode(readFileSync(pathOf(`${name}.json`), "utf8"))
    it.effect(`${name}: ${situation.about}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(unusedIn(situation), [])
        yield* TestClock.setTime(start)
        const { issued, message } = yield* read(situation)
        assert.deepStrictEqual(leaksOf(message, [...situation.secrets, ...issued]), [])
        assert.isAtMost(message.split("\n").length, mostLines)
        yield* Effect.promise(() => expect(`${message}\n`).toMatchFileSnapshot(pathOf(`${name}.txt`)))
      }))
  }
})
