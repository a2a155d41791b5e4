import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import { amend, inOneLine, prefixed } from "../../../src/internal/provider/errors.ts"

describe("an error that is amended", () => {
  const [provider, reason, hint] = ["test", "because", "Fix it"]
  const server = { code: "C", requestId: "ID-1", status: 403 }
  const chain = new CredentialError.CredentialChainError({
    attempts: [new CredentialError.CredentialsNotConfigured({ provider, reason })],
    notAsked: ["next"]
  })
  const all: ReadonlyArray<CredentialError.CredentialError> = [
    new CredentialError.CredentialsNotConfigured({ provider, reason, hint }),
    new CredentialError.CredentialsMisconfigured({ provider, reason, hint, at: "field" }),
    new CredentialError.CredentialsUnavailable({
      provider,
      reason,
      hint,
      ...server,
      retryAfter: Duration.seconds(7)
    }),
    new CredentialError.CredentialsRejected({ provider, reason, hint, ...server }),
    new CredentialError.CredentialsMalformed({ provider, hint, issues: ["a", "b"] }),
    new CredentialError.CredentialsExpired({
      provider,
      hint,
      expiration: DateTime.unsafeMake(0),
      now: DateTime.unsafeMake(60_000)
    }),
    new CredentialError.ReauthenticationRequired({ provider, reason, hint, profile: "p", command: "aliyun configure" })
  ]
  const fieldsOf = (error: CredentialError.CredentialError): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(error))

  for (const error of all) {
    it(`keeps every other field: ${error._tag}`, () => {
      const other = amend(error, { provider: "outer" })
      assert.deepStrictEqual(fieldsOf(other), { ...fieldsOf(error), provider: "outer" })
      assert.strictEqual(other._tag, error._tag)
      assert.strictEqual(other.message, error.message.replace("test", "outer"))
      assert.deepStrictEqual(fieldsOf(amend(error, { hint: undefined })), { ...fieldsOf(error), hint: undefined })
      if ("reason" in error) {
        assert.deepStrictEqual(fieldsOf(amend(error, { reason: "other" })), { ...fieldsOf(error), reason: "other" })
      }
    })
  }

  it("is another error with the same fields if it is that of a chain", () => {
    const other = amend(chain, { provider: "outer" })
    assert.notStrictEqual(other, chain)
    assert.deepStrictEqual(fieldsOf(other), fieldsOf(chain))
  })

  it("stays the same if its kind is one that only another version of the library knows", () => {
    const odd = { _tag: "CredentialsOdd", provider, message: "test: odd" } as unknown as CredentialError.CredentialError
    assert.strictEqual(amend(odd, { provider: "outer" }), odd)
  })

  it("has the outer name before that of its provider, but for a chain", () => {
    for (const error of all) {
      const { provider } = prefixed("outer", error) as CredentialError.CredentialsRejected
      assert.strictEqual(provider, "outer/test")
    }
    assert.strictEqual(prefixed("outer", chain), chain)
  })
})

describe("a message in one line", () => {
  it("has the lines one after the other, without their indentation", () => {
    const error = new CredentialError.CredentialsRejected({
      provider: "ram_role_arn",
      reason: "step: sts.aliyuncs.com: status 403",
      hint: "1. look; 2. wait"
    })
    assert.lengthOf(error.message.split("\n"), 4)
    assert.strictEqual(
      inOneLine(error),
      "ram_role_arn: rejected (step); server: sts.aliyuncs.com: status 403; fix: 1. look; 2. wait"
    )
  })

  it("is the message itself if that is one line", () => {
    const error = new CredentialError.CredentialsNotConfigured({ provider: "env", reason: "ID  not set" })
    assert.strictEqual(inOneLine(error), "env: not configured (ID  not set)")
  })

  it("is possible for a chain too", () => {
    const error = new CredentialError.CredentialChainError({
      attempts: [new CredentialError.CredentialsMisconfigured({ provider: "env", reason: "broken", hint: "Set it" })]
    })
    assert.strictEqual(
      inOneLine(error),
      "no credentials: env: misconfigured (broken); fix: set it; " +
        "more: effect-alicloud-credentials/docs/troubleshooting.md#misconfigured"
    )
  })
})
