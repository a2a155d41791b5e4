import { assert, describe, it } from "@effect/vitest"
import { Encoding } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import * as oidcHints from "../../../src/internal/sts/oidcHints.ts"

const tokenOf = (claims: unknown): string =>
  `eyJhbGciOiJub25lIn0.${Encoding.encodeBase64Url(JSON.stringify(claims))}.c2ln`

const claims = {
  exp: 1_767_312_000,
  iss: "https://oidc-ack-cn-hangzhou.example/c1",
  aud: ["https://kubernetes.default.svc"],
  sub: "system:serviceaccount:shop:orders"
}

/** The token expires at the start of 2026-01-02. */
const hintOf = (code: string, token: string, reason = code, now = "2026-01-02T01:00:00Z") =>
  oidcHints.hintOf(new CredentialError.CredentialsRejected({ provider: "oidc_role_arn", code, reason }), {
    token,
    roleArn: "acs:ram::1:role/app",
    providerArn: "acs:ram::1:oidc-provider/ack",
    now: Date.parse(now),
    origin: "/token, last written at 2026-01-01T00:00:00.000Z"
  })

describe("the hint for a refused OIDC token", () => {
  it.each([
    [
      "AuthenticationFail.OIDCToken.Expired",
      "Recreate the pod: the token expired at 2026-01-02T00:00:00.000Z " +
      "(/token, last written at 2026-01-01T00:00:00.000Z)"
    ],
    [
      "AuthenticationFail.OIDCToken.AudienceNotMatchError",
      "Request the token with audience sts.aliyuncs.com instead of https://kubernetes.default.svc, or add its audience " +
      "to acs:ram::1:oidc-provider/ack in RAM"
    ],
    [
      "AuthenticationFail.OIDCToken.IssuerNotMatch",
      "Set the OIDC provider ARN to that of this cluster, or recreate the pod with RRSA: " +
      "the token from https://oidc-ack-cn-hangzhou.example/c1 is not of acs:ram::1:oidc-provider/ack"
    ],
    [
      "AuthenticationFail.OIDCToken.IssuerConfigurationBroken",
      "Enable RRSA for the cluster and recreate the pod: " +
      "RAM cannot verify a token from https://oidc-ack-cn-hangzhou.example/c1"
    ],
    [
      "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch",
      "Update the fingerprint of acs:ram::1:oidc-provider/ack in RAM: the certificate of the issuer has changed"
    ],
    ["AuthenticationFail.OIDCToken.Invalid", "Use a token from the issuer that the OIDC provider in RAM names"],
    [
      "AuthenticationFail.NoPermission",
      "In the trust policy of acs:ram::1:role/app, allow acs:ram::1:oidc-provider/ack with the condition " +
      "oidc:sub = system:serviceaccount:shop:orders"
    ],
    [
      "EntityNotExist.OIDCProvider",
      "Enable RRSA for the cluster and recreate the pod, or correct the OIDC provider ARN (acs:ram::1:oidc-provider/ack)"
    ],
    ["EntityNotExist.Role", undefined]
  ])("%s", (code, expected) => {
    assert.strictEqual(hintOf(code, tokenOf(claims)), expected)
  })

  it("says nothing about a refusal without a code", () => {
    const refused = new CredentialError.CredentialsRejected({ provider: "oidc_role_arn", reason: "status 400" })
    const sent = { token: tokenOf(claims), roleArn: "acs:ram::1:role/app", providerArn: "", now: 0, origin: undefined }
    assert.isUndefined(oidcHints.hintOf(refused, sent))
  })

  it("does not doubt a clock by which the token expires just now", () => {
    assert.match(
      hintOf("AuthenticationFail.OIDCToken.Expired", tokenOf(claims), "", "2026-01-02T00:00:00Z") ?? "",
      /^Recreate the pod: the token expired at 2026-01-02T00:00:00.000Z/
    )
  })

  it("doubts the clock too if the token is valid by it", () => {
    assert.strictEqual(
      hintOf("AuthenticationFail.OIDCToken.Expired", tokenOf(claims), "", "2026-01-01T23:00:00Z"),
      "Recreate the pod, or fix the clock of its node: the token expired at 2026-01-02T00:00:00.000Z " +
        "(/token, last written at 2026-01-01T00:00:00.000Z)"
    )
  })

  it.each([
    "EntityNotExist.OIDCProvider",
    "AuthenticationFail.NoPermission",
    "AuthenticationFail.OIDCToken.AudienceNotMatchError",
    "AuthenticationFail.OIDCToken.IssuerNotMatch",
    "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch"
  ])(
    "shows a provider ARN only if it is one, since it may be a secret: %s",
    (code) => {
      const hint = oidcHints.hintOf(
        new CredentialError.CredentialsRejected({ provider: "oidc_role_arn", code, reason: code }),
        {
          token: tokenOf(claims),
          roleArn: "acs:ram::1:role/app",
          providerArn: "pasted-secret-0123456789",
          now: 0,
          origin: undefined
        }
      )
      assert.isDefined(hint)
      assert.notInclude(hint, "pasted")
    }
  )

  it.each([
    ["EntityNotExist.OIDCProvider", /recreate the pod, or correct the OIDC provider ARN$/],
    ["AuthenticationFail.NoPermission", /allow the OIDC provider with the condition/],
    ["AuthenticationFail.OIDCToken.AudienceNotMatchError", /add its audience to the OIDC provider in RAM$/],
    ["AuthenticationFail.OIDCToken.IssuerNotMatch", /is not of the OIDC provider$/],
    ["AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch", /the fingerprint of the OIDC provider in RAM/]
  ])("shows no ARN with a secret before or after it: %s", (code, expected) => {
    for (const providerArn of ["pasted acs:ram::1:oidc-provider/ack", "acs:ram::1:oidc-provider/ack pasted"]) {
      const hint = oidcHints.hintOf(
        new CredentialError.CredentialsRejected({ provider: "oidc_role_arn", code, reason: code }),
        { token: "", roleArn: "acs:ram::1:role/app", providerArn, now: 0, origin: undefined }
      )
      assert.match(hint ?? "", expected)
      assert.notInclude(hint, "pasted")
      assert.notInclude(hint, "undefined")
    }
  })

  it("doubts the clock of a node with a token of unknown expiration, too", () => {
    const hint = oidcHints.hintOf(
      new CredentialError.CredentialsRejected({
        provider: "oidc_role_arn",
        code: "AuthenticationFail.OIDCToken.Expired",
        reason: ""
      }),
      { token: "", roleArn: "acs:ram::1:role/app", providerArn: "", now: 0, origin: undefined }
    )
    assert.strictEqual(hint, "Recreate the pod, or fix the clock of its node: the token expired")
  })

  it.each(["No such OIDC Provider registered.", "no such OIDC provider."])(
    "tells an unknown provider from a missing permission by the words of the service: %s",
    (words) => {
      assert.match(
        hintOf("AuthenticationFail.NoPermission", tokenOf(claims), `status 400: ${words}`) ?? "",
        /^Enable RRSA/
      )
    }
  )

  it.each([
    ["not a token", "text"],
    ["a secret in place of a claim", tokenOf({ sub: "s3cret with blanks and \n lines", exp: "soon", aud: 1 })],
    ["a long run of letters", tokenOf({ sub: "A".repeat(41), exp: 1e300 })]
  ])("shows no claim of %s", (_, token) => {
    assert.strictEqual(
      hintOf("AuthenticationFail.NoPermission", token),
      "In the trust policy of acs:ram::1:role/app, allow acs:ram::1:oidc-provider/ack with the condition " +
        "oidc:sub = the subject of the token"
    )
    assert.match(hintOf("AuthenticationFail.OIDCToken.Expired", token) ?? "", /the token expired \(/)
  })
})
