import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { Credentials } from "effect-alicloud-credentials"
import * as Sts from "../../../src/internal/sts/client.ts"
import { type Answer, fakeHttp, sessionFields } from "../../support/network.ts"
import { expirationOf } from "../../support/ramRoleArn.ts"
import { assertShowsNone } from "../../support/renderings.ts"
import { noVariables } from "../../support/variables.ts"

const signedBy = Credentials.AccessKey({
  provider: "mine",
  accessKeyId: "LTAI5tFakeKeyId",
  accessKeySecret: Redacted.make("fake-key-secret")
})

const assume = (answer: Answer, call: Partial<Sts.Call> = {}) =>
  Sts.make({
    name: "mine",
    role: { RoleArn: "acs:ram::1:role/app", DurationSeconds: "3600" },
    issues: [],
    timeout: "2 seconds",
    connectTimeout: "1 second"
  }).pipe(
    Effect.flatMap((sts) => sts.assume({ provider: "mine", action: "AssumeRole", signedBy, ...call })),
    Effect.provide(Layer.merge(fakeHttp(answer), noVariables))
  )

const session = (expiration: string) => JSON.stringify({ Credentials: { ...sessionFields, Expiration: expiration } })

describe("a call of STS", () => {
  it.effect("gives no session that lasts longer than it was requested to", () =>
    Effect.gen(function*() {
      const token = yield* assume(() => Effect.succeed({ body: session("1970-01-01T02:00:00Z") }))
      assert.strictEqual(expirationOf(token), 3_600_000)
    }))

  it.effect("that hangs for a third of its time is sent once more", () =>
    Effect.gen(function*() {
      let sent = 0
      const answer = () =>
        Effect.suspend(() => sent++ === 0 ? Effect.never : Effect.succeed({ body: session("1970-01-01T01:00:00Z") }))
      const calling = yield* Effect.fork(assume(answer))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(sent, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(sent, 2)
      assert.strictEqual((yield* Fiber.join(calling))._tag, "StsToken")
    }))

  it.effect.each(["fake-key-secret", "fake-assertion-word"])(
    "shows no secret of its key or its parameters: %s",
    (echo) =>
      Effect.gen(function*() {
        const secrets = ["fake-assertion-word"]
        const body = JSON.stringify({ Code: "Odd", Message: `is ${echo}`, RequestId: "0-1" })
        const error = yield* Effect.flip(assume(() => Effect.succeed({ status: 400, body }), { secrets }))
        assert.include(error.message, "Odd")
        assertShowsNone(error, [echo])
      })
  )
})
