import { assert, describe, it } from "@effect/vitest"
import * as codes from "../../../src/internal/wire/codes.ts"

const refused = [
  "InvalidAccessKeyId",
  "InvalidAccessKeyId.Inactive",
  "InvalidAccessKeyId.NotFound",
  "InvalidSecurityToken",
  "InvalidSecurityToken.Expired",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  "SecurityTokenExpired",
  "invalidStsToken"
]

describe("the code of a service", () => {
  it("says that credentials are refused only if another session helps", () => {
    for (const code of refused) {
      assert.isTrue(codes.isRefused(code), code)
      assert.isTrue(codes.isKnown(code), code)
    }
    for (const code of [undefined, "", "NoPermission", "SignatureDoesNotMatch", "InvalidAccessKeyId.Other"]) {
      assert.isFalse(codes.isRefused(code), code)
    }
  })

  it("says that the clock is wrong", () => {
    for (const code of ["InvalidTimeStamp.Expired", "InvalidTimeStamp", "IllegalTimestamp", "IllegalTimestamp.A"]) {
      assert.isTrue(codes.isClockCode(code), code)
    }
    for (const code of [undefined, "", "Throttling", "A.InvalidTimeStamp", "A.IllegalTimestamp"]) {
      assert.isFalse(codes.isClockCode(code), code)
    }
  })

  it("is shown if this library knows it", () => {
    for (const code of ["Throttling", "ServiceUnavailable", "SignatureDoesNotMatch"]) assert.isTrue(codes.isKnown(code))
    assert.isFalse(codes.isKnown("NoPermission"))
  })

  it.each(
    [
      ["SignatureDoesNotMatch", "Enter the AccessKey id and its secret again"],
      ["InvalidAccessKeyId.Inactive", "Enable the AccessKey"],
      ["InvalidAccessKeyId.NotFound", "Use another AccessKey"],
      ["InvalidAccessKeyId.InactiveOther", "Use another AccessKey"],
      ["MissingSecurityToken", "Add the security token"],
      ["InvalidSecurityToken.Malformed", "Copy the security token again"],
      ["InvalidSecurityToken.MismatchWithAccessKey", "Copy the security token again"],
      ["InvalidSecurityToken.Expired", "Replace the AccessKey id, the secret and the security token by those of a new"],
      ["SecurityTokenExpired", "Replace the AccessKey id, the secret and the security token by those of a new"],
      ["InvalidSecurityToken.MalformedOther", "Replace the AccessKey id"],
      ["invalidStsToken", "Replace the AccessKey id"],
      ["Forbidden.NoPermission", "1. check that the trust policy"],
      ["EntityNotExist.Role", "Correct the role ARN"],
      ["InvalidParameter.DurationSeconds", "Set a shorter session duration"],
      ["InvalidTimeStamp.Expired", "Set the clock of this machine"],
      ["IllegalTimestamp", "Set the clock of this machine"],
      ["Throttling", "Retry later"],
      ["Throttling.User", "Retry later"]
    ] as const
  )("%s has a hint", (code, hint) => {
    assert.isTrue(codes.hintOf(code)?.startsWith(hint), codes.hintOf(code))
  })

  it.each([
    undefined,
    "",
    "A.SignatureDoesNotMatch",
    "SignatureDoesNotMatch.A",
    "A.InvalidAccessKeyId.Inactive",
    "A.MissingSecurityToken",
    "MissingSecurityToken.A",
    "A.InvalidSecurityToken.Malformed",
    "A.InvalidSecurityToken.Expired",
    "SecurityTokenExpired.A",
    "A.SecurityTokenExpired",
    "invalidStsToken.A",
    "NoPermission.A",
    "A.EntityNotExist.Role",
    "EntityNotExist.Role.A",
    "A.InvalidTimeStamp",
    "A.Throttling",
    "ThrottlingA"
  ])("%s has none", (code) => {
    assert.isUndefined(codes.hintOf(code))
  })
})
