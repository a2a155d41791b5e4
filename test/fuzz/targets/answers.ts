/**
 * Answers of servers, whole and damaged, with any status and any headers, which quote the secrets of the request.
 */
import { FileSystem } from "@effect/platform"
import { assert } from "@effect/vitest"
import { Effect, FastCheck, Layer, Redacted } from "effect"
import {
  CloudSso,
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  KmsSecret,
  OAuth,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { fileInfo } from "../../support/fileInfo.ts"
import { leakDetector } from "../../support/leaks.ts"
import { fakeHttp, type Reply } from "../../support/network.ts"
import { damaged, wordsOf } from "../damage.ts"
import { printed, target } from "../target.ts"

const claims = btoa(JSON.stringify({ iss: "https://issuer.example", sub: "system:a:b", exp: 8.64e12, aud: "x" }))

const secrets = {
  accessKey: "canaryAccessKeySecret0123456789",
  oidc: "canaryOidcSignature0123456789",
  ticket: "canaryTicketOfAddress0123456789",
  access: "canaryAccessToken0123456789",
  refresh: "canaryRefreshToken0123456789",
  sso: "canarySsoToken0123456789",
  imds: "canaryMetadataToken0123456789",
  issuedSecret: "canaryIssuedSecret0123456789",
  issuedToken: "canaryIssuedToken0123456789"
}

const leaks = leakDetector(secrets)

const files = FileSystem.layerNoop({
  stat: () => Effect.succeed(fileInfo(100, new Date(0))),
  readFileString: (path) =>
    Effect.succeed(path.startsWith("/sys/") ? "" : `eyJhbGciOiJub25lIn0.${claims}.${secrets.oidc}`)
})

const roleArn = "acs:ram::1:role/r"

const key = StaticCredentials.layerAccessKey({
  accessKeyId: "LTAI",
  accessKeySecret: Redacted.make(secrets.accessKey)
})

const sources = {
  ramRoleArn: Layer.provide(RamRoleArn.layer({ roleArn }), key),
  oidcRoleArn: OidcRoleArn.layer({ roleArn, oidcProviderArn: "p", oidcTokenFile: "/token" }),
  ecsRamRole: EcsRamRole.layer(),
  credentialsUri: CredentialsUri.layer({ uri: `http://127.0.0.1/?ticket=${secrets.ticket}` }),
  oauth: OAuth.layer({
    accessToken: Redacted.make(secrets.access),
    refreshToken: Redacted.make(secrets.refresh)
  }),
  cloudSso: CloudSso.layer({
    signInUrl: "https://sso.example.com/start",
    accountId: "1",
    accessConfiguration: "c",
    accessToken: Redacted.make(secrets.sso)
  }),
  kmsSecret: Layer.provide(KmsSecret.layer({ secretName: "s", region: "cn-hangzhou" }), key)
} as const

const session = {
  AccessKeyId: "STS.Issued",
  AccessKeySecret: secrets.issuedSecret,
  SecurityToken: secrets.issuedToken,
  Expiration: "1970-01-01T01:00:00Z"
}

const all = Object.values(secrets).join(" ")

const expirations = [
  "1970-01-01T01:00:00Z",
  "9999-12-31T23:59:59Z",
  "0000-01-01T00:00:00Z",
  "",
  "x",
  secrets.issuedToken
]

const bodies = FastCheck.oneof(
  FastCheck.constantFrom(...expirations).map((Expiration) => {
    const keys = { ...session, Expiration }
    return JSON.stringify({ Code: "Success", ...keys, Credentials: keys, CloudCredential: keys })
  }),
  FastCheck.constantFrom<unknown>(0, -1, 3600, 1e308, "3600", secrets.access, null, {}).map((expires_in) =>
    JSON.stringify({ access_token: secrets.access, refresh_token: secrets.refresh, expires_in, ...session })
  ),
  FastCheck.constantFrom(session, { ...session, ExtendedConfig: all }, [secrets.issuedSecret]).map((value) =>
    JSON.stringify({ SecretData: JSON.stringify(value), SecretDataType: "text", VersionId: "v" })
  ),
  FastCheck.constantFrom(
    JSON.stringify({ Code: "NoPermission", Message: all, RequestId: "A-B" }),
    JSON.stringify({ Code: "AuthenticationFail.OIDCToken.Expired", Message: all, RequestId: all }),
    JSON.stringify({ Code: secrets.access, Message: "no", RequestId: secrets.issuedToken, SecurityToken: all }),
    JSON.stringify({ error: "invalid_grant", error_description: all }),
    JSON.stringify({ ErrorCode: "Throttling.User", ErrorMessage: encodeURIComponent(all) }),
    `<Error><Code>SignatureDoesNotMatch</Code><Message>${all}</Message></Error>`,
    `<!DOCTYPE html><title>${all}</title>`,
    "role",
    all,
    ""
  )
)

const dates = damaged(
  FastCheck.constantFrom("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "1", all)
)

const headers = FastCheck.dictionary(
  FastCheck.constantFrom(
    "date",
    "age",
    "retry-after",
    "content-type",
    "content-length",
    "location",
    "x-acs-request-id"
  ),
  FastCheck.oneof(dates, wordsOf("999999999", "0", "-1", ".5", "gzip", "identity")),
  { maxKeys: 4 }
)

const reply: FastCheck.Arbitrary<Reply> = FastCheck.record({
  status: FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.constant(200) },
    { weight: 3, arbitrary: FastCheck.constantFrom(0, 204, 302, 400, 401, 403, 404, 429, 500, 503) }
  ),
  headers,
  body: damaged(bodies)
})

export default target({
  name: "answers",
  share: 2,
  strands: 20,
  inputs: FastCheck.tuple(
    FastCheck.constantFrom(...Object.keys(sources) as ReadonlyArray<keyof typeof sources>),
    FastCheck.array(reply, { minLength: 1, maxLength: 3 })
  ),
  check: async ([name, replies]) => {
    let asked = 0
    const http = fakeHttp((_, url) =>
      Effect.sync(() =>
        url.pathname === "/latest/api/token" && replies.length > 1
          ? { body: secrets.imds }
          : replies[Math.min(asked++, replies.length - 1)] ?? {}
      )
    )
    const text = await printed(
      CredentialProvider.get.pipe(Effect.provide(sources[name]), Effect.provide([http, files]))
    )
    assert.deepStrictEqual(leaks(text), [])
  }
})
