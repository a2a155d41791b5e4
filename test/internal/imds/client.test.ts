import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import * as Imds from "../../../src/internal/imds/client.ts"
import { settableClock } from "../../support/clock.ts"
import { fakeHttp } from "../../support/network.ts"

/** A metadata service that issues tokens, and the methods of its requests. */
const service = Effect.gen(function*() {
  const asked: Array<string> = []
  const http = fakeHttp(({ method }) => {
    asked.push(method)
    return Effect.succeed({ body: "a-token" })
  })
  const { get } = yield* Effect.provide(
    Imds.make({
      name: "test",
      disableImdsV1: false,
      imdsV1At: "disableImdsV1",
      patience: Effect.succeed({ limits: { timeout: 1000, connectTimeout: 1000 }, retries: 0 }),
      answered: () => {}
    }),
    http
  )
  return { get, asked }
})

describe("the token of a metadata service", () => {
  for (
    const [name, error, expected] of [
      [
        "is replaced if the service refuses it",
        new CredentialError.CredentialsRejected({ provider: "test", reason: "no", status: 403 }),
        ["PUT", "GET", "PUT", "GET"]
      ],
      [
        "is not replaced if the service has too many requests, whatever the status is",
        new CredentialError.CredentialsUnavailable({ provider: "test", reason: "no", status: 403, code: "Throttling" }),
        ["PUT", "GET"]
      ]
    ] as const
  ) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { asked, get } = yield* service
        assert.strictEqual((yield* Effect.flip(get("/latest/", () => Effect.fail(error))))._tag, error._tag)
        assert.deepStrictEqual(asked, [...expected])
      }))
  }

  it.effect("is replaced a minute before its six hours are over", () =>
    Effect.gen(function*() {
      const { asked, get } = yield* service
      const wall = yield* settableClock
      const tokens = Effect.map(
        wall.use(get("/latest/", () => Effect.void)),
        () => asked.filter((method) => method === "PUT").length
      )
      assert.strictEqual(yield* tokens, 1)
      yield* wall.move(21_539_999)
      assert.strictEqual(yield* tokens, 1)
      yield* wall.move(1)
      assert.strictEqual(yield* tokens, 2)
    }))
})
