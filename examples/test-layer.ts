/**
 * A test of your own code, without an account and without a network. `TestCredentialProvider` returns what the test
 * sets and counts the calls. To test the requests themselves, use `LocalCloud`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import * as assert from "node:assert"

/** The code under test. */
const keyId = CredentialProvider.get.pipe(
  Effect.map((credentials) => credentials._tag === "BearerToken" ? "none" : credentials.accessKeyId),
  Effect.catchTag("CredentialsUnavailable", () => Effect.succeed("unavailable"))
)

const test = Effect.gen(function*() {
  const control = yield* TestCredentialProvider.TestCredentialProvider
  assert.strictEqual(yield* keyId, "STS.First")

  yield* control.succeed(TestCredentialProvider.stsToken({ accessKeyId: "STS.Second" }))
  assert.strictEqual(yield* keyId, "STS.Second")

  yield* control.fail(new CredentialError.CredentialsUnavailable({ provider: "test", reason: "no connection" }))
  assert.strictEqual(yield* keyId, "unavailable")

  assert.strictEqual(yield* control.gets, 3)
  yield* Console.log("passed")
})

const First = TestCredentialProvider.layer(TestCredentialProvider.stsToken({ accessKeyId: "STS.First" }))

test.pipe(Effect.provide(First), NodeRuntime.runMain)
