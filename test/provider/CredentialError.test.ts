import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import { inspect } from "node:util"

const provider = "test"
const reason = "because"

const all: ReadonlyArray<readonly [CredentialError.CredentialError, string, boolean]> = [
  [new CredentialError.CredentialsNotConfigured({ provider, reason }), "test: not configured (because)", false],
  [
    new CredentialError.CredentialsMisconfigured({ provider, reason, at: "field", hint: "Fix it" }),
    "test: misconfigured (field: because)\n  fix: fix it",
    false
  ],
  [
    new CredentialError.CredentialsUnavailable({ provider, reason, retryAfter: Duration.seconds(1) }),
    "test: unavailable (because)",
    true
  ],
  [
    new CredentialError.CredentialsRejected({ provider, reason, code: "NoPermission", requestId: "A-1" }),
    "test: rejected (because, NoPermission, request id A-1)",
    false
  ],
  [
    new CredentialError.CredentialsRejected({
      provider,
      reason: "NoPermission: no (A-1)",
      code: "NoPermission",
      requestId: "A-1"
    }),
    "test: rejected (NoPermission: no (A-1))",
    false
  ],
  [new CredentialError.CredentialsMalformed({ provider, issues: ["a", "b"] }), "test: malformed answer (a; b)", false],
  [
    new CredentialError.CredentialsExpired({
      provider,
      expiration: DateTime.unsafeMake(0),
      now: DateTime.unsafeMake(60_000)
    }),
    "test: expired on arrival (expiration 1970-01-01T00:00:00.000Z, local clock 1970-01-01T00:01:00.000Z)",
    true
  ],
  [
    new CredentialError.ReauthenticationRequired({ provider, reason, command: "aliyun configure" }),
    "test: login required (because)\n  fix: run: aliyun configure",
    false
  ],
  [
    new CredentialError.CredentialChainError({
      attempts: [new CredentialError.CredentialsUnavailable({ provider, reason })],
      notAsked: ["next"]
    }),
    "no credentials: test: unavailable (because)\n" +
    "  not asked, because a source before them is configured: next\n" +
    "  more: effect-alicloud-credentials/docs/troubleshooting.md#unavailable",
    true
  ]
]

describe("CredentialError", () => {
  for (const [error, message, isTransient] of all) {
    it(`${error._tag} has a message and knows whether to retry: ${message.slice(0, 40)}`, () => {
      assert.strictEqual(error.message, message)
      assert.strictEqual(error.isTransient, isTransient)
      assert.strictEqual(error.name, error._tag)
      assert.instanceOf(error, Error)
      assert.isTrue(CredentialError.isCredentialError(error))
      // Loggers and test runners print the stack.
      assert.include(error.stack ?? "", `${error._tag}: ${message.split("\n")[0]}`)
      assert.include(inspect(error), message.split("\n")[0]!)
      assert.include(JSON.stringify(error), error._tag)
    })
  }

  it("has a code only if the service sent one", () => {
    for (const [error] of all) {
      const code = "code" in error ? error.code : undefined
      assert.strictEqual(code, error._tag === "CredentialsRejected" ? "NoPermission" : undefined)
    }
  })

  it("is recognized by isCredentialError", () => {
    assert.isFalse(CredentialError.isCredentialError(new Error("other")))
    assert.isFalse(CredentialError.isCredentialError(undefined))
    assert.isFalse(CredentialError.isNotConfigured(new CredentialError.CredentialsUnavailable({ provider, reason })))
  })
})
