/**
 * OIDC tokens: hints name what a token says of itself, and nothing else of it.
 */
import { assert } from "@effect/vitest"
import { FastCheck } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import { claimsOf } from "../../../src/internal/sts/jwt.ts"
import { hintOf } from "../../../src/internal/sts/oidcHints.ts"
import { anyText, damaged } from "../damage.ts"
import { target } from "../target.ts"

const secret = "canarySignature0123456789canarySignature0123456789"

const claim = FastCheck.oneof(
  FastCheck.constantFrom<unknown>(
    8.64e12,
    8.64e12 + 1,
    -1,
    1e308,
    0.1,
    secret,
    `https://a/${secret}`,
    "a:b:c",
    null,
    [],
    {}
  ),
  FastCheck.jsonValue({ maxDepth: 2 })
)

const encoded = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replace(
    /=+$/,
    ""
  )

const tokens = FastCheck.tuple(
  damaged(
    FastCheck.dictionary(FastCheck.constantFrom("exp", "iss", "aud", "sub", "__proto__"), claim)
      .map((claims) => JSON.stringify(claims))
  ).filter((text) => text.length < 20_000),
  anyText
).map(([claims, head]) => `${encoded(head)}.${encoded(claims)}.${secret}`)

const codes = [
  "EntityNotExist.OIDCProvider",
  "AuthenticationFail.NoPermission",
  "AuthenticationFail.OIDCToken.Expired",
  "AuthenticationFail.OIDCToken.AudienceNotMatch",
  "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch",
  "AuthenticationFail.OIDCToken.IssuerNotMatch",
  "AuthenticationFail.OIDCToken.IssuerConfigurationBroken",
  "AuthenticationFail.OIDCToken.",
  "x"
]

export default target({
  name: "tokens",
  share: 10,
  inputs: FastCheck.tuple(FastCheck.oneof(tokens, damaged(tokens), anyText), FastCheck.constantFrom(...codes), anyText),
  check: ([token, code, providerArn]) => {
    const error = new CredentialError.CredentialsRejected({ provider: "oidc_role_arn", reason: "no", code })
    const hint = hintOf(error, { token, roleArn: "r", providerArn, now: 0, origin: undefined }) ?? ""
    // A claim is shown as it is if it looks like a name, and so is one that is no longer than a name.
    assert.notInclude(hint, secret)
    assert.isAtMost(hint.length, 600)
    for (const name of ["issuer", "audience", "subject"] as const) {
      assert.match(claimsOf(token)[name] ?? "", /^[\w.:/-]{0,160}$/)
    }
  }
})
