import { assert, describe, it } from "@effect/vitest"
import { CredentialError } from "effect-alicloud-credentials"
import { inOneLine } from "../../../src/internal/provider/errors.ts"

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
