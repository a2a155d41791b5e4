/**
 * A test of your own code, without an account and without a network: `TestCredentialProvider` gives what it is told to,
 * and counts. For tests of the requests themselves there is `LocalCloud`, next to it.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import * as assert from "node:assert"

/** The code under test. */
const keyId = CredentialProvider.get.pipe(
  Effect.map((credentials) => credentials._tag === "BearerToken" ? "none" : credentials.accessKeyId),
  Effect.catchTag("CredentialsUnavailable", () => Effect.succeed("out of reach"))
)

const test = Effect.gen(function*() {
  const control = yield* TestCredentialProvider.TestCredentialProvider
  assert.strictEqual(yield* keyId, "STS.First")

  yield* control.succeed(TestCredentialProvider.stsToken({ accessKeyId: "STS.Second" }))
  assert.strictEqual(yield* keyId, "STS.Second")

  yield* control.fail(new CredentialError.CredentialsUnavailable({ provider: "test", reason: "a drill" }))
  assert.strictEqual(yield* keyId, "out of reach")

  assert.strictEqual(yield* control.gets, 3)
  yield* Console.log("passed")
})

const First = TestCredentialProvider.layer(TestCredentialProvider.stsToken({ accessKeyId: "STS.First" }))

test.pipe(Effect.provide(First), NodeRuntime.runMain)
