import { assert, describe, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Option } from "effect"
import type { CredentialError, RamRoleArn } from "effect-alicloud-credentials"
import { resolve } from "../../../src/internal/sts/endpoint.ts"
import * as roles from "../../../src/internal/sts/role.ts"
import { sign, stringToSign } from "../../../src/internal/sts/signature.ts"
import { canonicalQuery, percentEncode } from "../../../src/internal/wire/encode.ts"
import type { Answer } from "../../../src/internal/wire/http.ts"
import { serviceError } from "../../../src/internal/wire/serviceError.ts"
import { hashings } from "../../support/hashings.ts"
import { assertShowsNone } from "../../support/renderings.ts"
import { rpcVectors } from "../../testing/vectors.ts"

describe("signature version 1.0", () => {
  it("is tested with the published vector and three more", () => {
    assert.deepStrictEqual(rpcVectors.map((vector) => vector.name), ["V0", "V1", "V2", "V3"])
  })

  for (const [[how, by], vector] of hashings.flatMap((way) => rpcVectors.map((vector) => [way, vector] as const))) {
    it(`signs vector ${vector.name}, ${how}`, () => {
      const { canonical, method, params, secret, signature, stringToSign: text } = vector
      assert.strictEqual(canonicalQuery(params), canonical)
      assert.strictEqual(stringToSign(method, params), text)
      assert.strictEqual(sign(method, params, secret, by), signature)
      assert.strictEqual(sign(method, params, secret), signature)
    })
  }

  it("has the string to sign of vector V4, which is signed with RSA", () => {
    const params = {
      Action: "GenerateSessionAccessKey",
      Format: "JSON",
      Version: "2015-04-01",
      SignatureMethod: "SHA256withRSA",
      SignatureType: "PRIVATEKEY",
      SignatureVersion: "1.0",
      AccessKeyId: "LTAIpublickeyid",
      Timestamp: "2026-01-02T03:04:05Z",
      SignatureNonce: "abc",
      DurationSeconds: "3600"
    }
    assert.strictEqual(
      stringToSign("GET", params),
      "GET&%2F&AccessKeyId%3DLTAIpublickeyid%26Action%3DGenerateSessionAccessKey%26DurationSeconds%3D3600%26Format%3DJSON%26SignatureMethod%3DSHA256withRSA%26SignatureNonce%3Dabc%26SignatureType%3DPRIVATEKEY%26SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2015-04-01"
    )
  })

  it("sorts parameters by name, upper case first", () => {
    assert.strictEqual(canonicalQuery({ b: "1", a: "2", B: "3", "a-": "4", aa: "5" }), "B=3&a=2&a-=4&aa=5&b=1")
  })
})

describe("percent-encoding", () => {
  const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"

  // Works on the bytes of the text, as RFC 3986 says, without an encoding function.
  const reference = (text: string): string =>
    Array.from(new TextEncoder().encode(text), (byte) => {
      const char = String.fromCharCode(byte)
      return byte < 128 && unreserved.includes(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
    }).join("")

  const anyText = FastCheck.oneof(
    FastCheck.string(),
    FastCheck.fullUnicodeString(),
    FastCheck.string16bits(),
    FastCheck.string16bits().map((text) => `\uD83D${text}\uDE00`)
  )

  it.prop("follows RFC 3986 for any text, even with half a surrogate pair", [anyText], ([text]) => {
    assert.strictEqual(percentEncode(text), reference(text))
  }, { fastCheck: { numRuns: 1000 } })

  it("follows RFC 3986 for each code unit", () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const char = String.fromCharCode(unit)
      assert.strictEqual(percentEncode(char), reference(char))
    }
  })

  it.prop(
    "leaves no delimiter in a name or value",
    [FastCheck.dictionary(anyText, anyText)],
    ([entries]) => {
      const text = canonicalQuery(entries)
      assert.match(text, /^[A-Za-z0-9\-_.~%=&]*$/)
      const pairs = Object.keys(entries).length
      assert.lengthOf(text === "" ? [] : text.split("&"), pairs)
      assert.lengthOf(text.split("="), pairs + 1)
    }
  )
})

describe("the host of STS", () => {
  const text = (value: string | undefined) => Option.fromNullable(value)
  const host = (
    options: RamRoleArn.StsEndpoint,
    environment: { readonly endpoint?: string; readonly region?: string; readonly vpc?: boolean } = {}
  ): string =>
    Either.match(
      resolve(options, {
        endpoint: text(environment.endpoint),
        region: text(environment.region),
        vpc: Option.fromNullable(environment.vpc)
      }),
      {
        onLeft: (issue) => `! ${issue}`,
        onRight: ({ host, vpcIgnored }) => (vpcIgnored ? `${host} without VPC` : host)
      }
    )

  const all = { endpoint: "sts.env.example", region: "cn-env", vpc: true } as const

  it("comes from the endpoint option, region option, endpoint variable or region variable, or is global", () => {
    assert.strictEqual(host({ endpoint: "sts.mine.example", region: "cn-mine", vpc: true }, all), "sts.mine.example")
    assert.strictEqual(host({ region: "cn-mine" }, all), "sts-vpc.cn-mine.aliyuncs.com")
    assert.strictEqual(host({}, all), "sts.env.example")
    assert.strictEqual(host({}, { region: "cn-env", vpc: true }), "sts-vpc.cn-env.aliyuncs.com")
    assert.strictEqual(host({}, { region: "cn-env" }), "sts.cn-env.aliyuncs.com")
    assert.strictEqual(host({}), "sts.aliyuncs.com")
  })

  it("uses the VPC option rather than the variable, whether true or false", () => {
    assert.strictEqual(host({ region: "cn-mine", vpc: false }, { vpc: true }), "sts.cn-mine.aliyuncs.com")
    assert.strictEqual(host({ region: "cn-mine", vpc: true }, { vpc: false }), "sts-vpc.cn-mine.aliyuncs.com")
    assert.strictEqual(host({ vpc: false }, { region: "cn-env", vpc: true }), "sts.cn-env.aliyuncs.com")
    assert.strictEqual(host({ vpc: true }, { region: "cn-env" }), "sts-vpc.cn-env.aliyuncs.com")
  })

  it("reports a VPC endpoint without a region", () => {
    assert.strictEqual(host({ vpc: true }), "sts.aliyuncs.com without VPC")
    assert.strictEqual(host({}, { vpc: true }), "sts.aliyuncs.com without VPC")
    assert.strictEqual(host({ vpc: false }, { vpc: true }), "sts.aliyuncs.com")
  })

  it("ignores an empty option", () => {
    assert.strictEqual(host({ endpoint: "", region: "" }, all), "sts.env.example")
  })

  for (
    const [given, expected] of [
      ["sts.cn-hangzhou.aliyuncs.com", "sts.cn-hangzhou.aliyuncs.com"],
      ["https://sts.example.com", "sts.example.com"],
      ["http://sts.example.com/", "sts.example.com"],
      ["HTTPS://sts.example.com/", "sts.example.com"],
      ["  sts.example.com/ ", "sts.example.com"],
      ["sts.example.com:8443", "sts.example.com:8443"],
      ["127.0.0.1:8080", "127.0.0.1:8080"],
      ["[::1]:8443", "[::1]:8443"]
    ] as const
  ) {
    it(`is ${expected} for ${JSON.stringify(given)}, in the option and the variable`, () => {
      assert.strictEqual(host({ endpoint: given }), expected)
      assert.strictEqual(host({}, { endpoint: given }), expected)
    })
  }

  for (
    const given of [
      " ",
      "https://",
      "sts.example.com/path",
      "sts.example.com//",
      "sts.example.com?x=1",
      "user:word@sts.example.com",
      "sts example.com",
      "sts.example.com:port",
      "ftp://sts.example.com",
      "sts.example.com#x",
      "sts.example.com\n.evil.example",
      "sts。example。com"
    ]
  ) {
    it(`is rejected for ${JSON.stringify(given)}, by the name of the option or variable`, () => {
      assert.strictEqual(host({ endpoint: given }), "! sts.endpoint is not a host name")
      assert.strictEqual(host({}, { endpoint: given }), "! ALIBABA_CLOUD_STS_ENDPOINT is not a host name")
    })
  }

  for (const given of [" ", "cn hangzhou", "cn-hangzhou.evil.example/", "cn/hangzhou", "cn-hangzhou\n", "cn_1@x"]) {
    it(`is rejected for the region ${JSON.stringify(given)}`, () => {
      assert.strictEqual(host({ region: given }), "! sts.region is not a region id")
      assert.strictEqual(host({}, { region: given }), "! ALIBABA_CLOUD_STS_REGION is not a region id")
    })
  }
})

describe("the parameters of a role", () => {
  const roleArn = "acs:ram::123456789012:role/web"
  const right = (given: Partial<roles.Role>, now = 0) => {
    const role = { roleArn, ...given }
    assert.deepStrictEqual(roles.issues(role), [])
    return { ...roles.parameters(role), ...roles.sessionName(role, now), ...roles.externalId(role) }
  }
  const issues = (role: Partial<roles.Role>) => roles.issues({ roleArn, ...role }).join("; ")

  it("are three by default", () => {
    assert.deepStrictEqual(right({}, 1_767_323_045_678), {
      RoleArn: roleArn,
      RoleSessionName: "credentials-effect-1767323045",
      DurationSeconds: "3600"
    })
  })

  it("contain every option", () => {
    const policy = "{ \"Version\": \"1\", \"Statement\": [\"桶 *\"] }"
    const given = {
      roleSessionName: "o.b@x-y_1",
      duration: "2 hours",
      policy,
      externalId: "a+b=c,d.e@f:g/h-i_j"
    } as const
    assert.deepStrictEqual(right(given), {
      RoleArn: roleArn,
      RoleSessionName: "o.b@x-y_1",
      DurationSeconds: "7200",
      Policy: policy,
      ExternalId: "a+b=c,d.e@f:g/h-i_j"
    })
  })

  it("ignore empty text", () => {
    assert.deepStrictEqual(right({ roleSessionName: "", policy: "", externalId: "" }), right({}))
  })

  it("have a valid default session name of at most 32 characters", () => {
    for (const now of [0, 1_767_323_045_678, 9_999_999_999_999]) {
      assert.match(right({}, now).RoleSessionName ?? "", /^[\w.@-]{2,32}$/)
    }
  })

  for (
    const [name, fine, wrong] of [
      [
        "roleArn",
        [
          { roleArn: "acs:ram::1:role/r" },
          { roleArn: " acs:ram::1:role/r" },
          { roleArn: "acs:ram::1:role/r\r\n" },
          { roleArn: "acs:ram::1234567890123456:role/team/中文角色" },
          { roleArn: "acs:ram::123456789012****:role/adminrole" }
        ],
        [
          { roleArn: "" },
          { roleArn: "web" },
          { roleArn: "acs:ram:::role/r" },
          { roleArn: "acs:ram::1:role/" },
          { roleArn: "acs:ram::1:user/u" },
          { roleArn: "arn:aws:iam::1:role/r" },
          { roleArn: "acs:ram::1:2:role/r" },
          { roleArn: "\"acs:ram::1:role/r\"" },
          { roleArn: "'acs:ram::1:role/r'" },
          { roleArn: "acs:ram::1:role/r\nx" },
          { roleArn: "x acs:ram::1:role/r" },
          { roleArn: "xacs:ram::1:role/r" },
          { roleArn: "acs:ram::1:role/r x" }
        ]
      ],
      [
        "roleSessionName",
        [{ roleSessionName: "ab" }, { roleSessionName: "a".repeat(64) }],
        [
          { roleSessionName: "a" },
          { roleSessionName: "a".repeat(65) },
          { roleSessionName: "a b" },
          { roleSessionName: "a/b" },
          { roleSessionName: "名字" },
          { roleSessionName: "ab\n" }
        ]
      ],
      [
        "duration",
        [{ duration: "15 minutes" }, { duration: Duration.seconds(900) }, { duration: "12 hours" }, {
          duration: 900_000
        }],
        [
          { duration: 0 },
          { duration: "899 seconds" },
          { duration: Duration.millis(900_500) },
          { duration: Duration.infinity },
          { duration: -3_600_000 },
          { duration: Number.NaN },
          { duration: 3600 }
        ]
      ],
      ["policy", [{ policy: "{}" }], [{ policy: "{" }, { policy: " " }, { policy: "Allow" }]],
      [
        "externalId",
        [{ externalId: "ab" }, { externalId: "a".repeat(1224) }],
        [{ externalId: "a" }, { externalId: "a".repeat(1225) }, { externalId: "a b" }, { externalId: "密钥" }]
      ]
    ] as const
  ) {
    it(`accept ${fine.length} and reject ${wrong.length} values of ${name}`, () => {
      for (const role of fine) assert.strictEqual(issues(role), "", JSON.stringify(role))
      for (const role of wrong) {
        const text = issues(role)
        assert.match(text, new RegExp(`^${name} [^;]+$`), JSON.stringify(role))
      }
    })
  }

  it("are rejected with what is allowed, and with a number that is not", () => {
    assert.strictEqual(issues({ roleArn: "x-arn" }), "roleArn is not of the form acs:ram::<account>:role/<name>")
    assert.strictEqual(issues({ duration: 1 }), "duration takes whole seconds, at least 900 (found: 0.001)")
  })

  const wholeArn = "Write the whole ARN, for example acs:ram::1234567890123456:role/deploy"
  const wholeSeconds = "Use 3600 seconds, or another whole number that is at least 900"

  it.each<[string, Partial<roles.Role>, string | undefined]>([
    ["a name in the place of the ARN", { roleArn: "deploy", duration: 1 }, wholeArn],
    ["a short duration", { duration: "899 seconds" }, wholeSeconds],
    ["no ARN, which the issue alone explains", { roleArn: " " }, undefined],
    ["nothing wrong", { duration: "900 seconds" }, undefined]
  ])("have this hint for %s", (_, role, expected) => {
    assert.strictEqual(roles.hint({ roleArn, ...role }), expected)
  })

  it("are rejected with all issues, and without values", () => {
    const text = issues({ roleArn: "x-arn", roleSessionName: "!", duration: 1, policy: "x-policy", externalId: "x id" })
    assert.deepStrictEqual(
      text.split("; ").map((issue) => issue.split(" ")[0]),
      ["roleArn", "roleSessionName", "duration", "policy", "externalId"]
    )
    for (const value of ["x-arn", "x-policy", "x id"]) assert.notInclude(text, value)
  })
})

describe("the error for a response of a service", () => {
  const answer = (status: number, body: unknown, more: Partial<Answer> = {}): Answer => ({
    host: "sts.aliyuncs.com",
    status,
    body: typeof body === "string" ? body : JSON.stringify(body),
    exchange: { sentAt: 0, readAt: 0, serverDate: undefined },
    retryAfter: undefined,
    ...more
  })
  const secret = "LocalUserSecret0001+/=AbCdEf"
  const of = (status: number, body: unknown, more?: Partial<Answer>) =>
    serviceError("ram_role_arn/env", answer(status, body, more), [secret])

  const outage = /^Retry later; if the error continues, open a ticket with the request id$/
  const table: ReadonlyArray<
    readonly [number, string, CredentialError.CredentialError["_tag"], RegExp | undefined]
  > = [
    [400, "SignatureDoesNotMatch", "CredentialsRejected", /Enter the AccessKey id and its secret again/],
    [404, "InvalidAccessKeyId.NotFound", "CredentialsRejected", /was deleted, or its id is misspelled/],
    [403, "InvalidAccessKeyId.Inactive", "CredentialsRejected", /^Enable the AccessKey/],
    [400, "InvalidSecurityToken.Expired", "CredentialsRejected", /: this one has expired$/],
    [400, "InvalidSecurityToken", "CredentialsRejected", /: this one is not valid$/],
    [400, "InvalidSecurityToken.Malformed", "CredentialsRejected", /^Copy the security token again/],
    [
      403,
      "NoPermission",
      "CredentialsRejected",
      /^1\. check .* trust policy .*; 2\. check .* AliyunSTSAssumeRoleAccess; 3\. check .* external id/
    ],
    [403, "AuthenticationFail.NoPermission", "CredentialsRejected", /trust policy/],
    [404, "EntityNotExist.Role", "CredentialsRejected", /has no role of this name/],
    [400, "InvalidParameter.DurationSeconds", "CredentialsRejected", /maximum session duration/],
    [400, "InvalidTimeStamp.Expired", "CredentialsRejected", /clock/],
    [400, "IllegalTimestamp", "CredentialsRejected", /clock/],
    [400, "AuthenticationFail.OIDCToken.Expired", "CredentialsRejected", undefined],
    [400, "InvalidParameter.PolicyGrammar", "CredentialsRejected", undefined],
    [400, "SomethingNew", "CredentialsRejected", undefined],
    [400, "Throttling", "CredentialsUnavailable", /^Retry later/],
    [400, "Throttling.User", "CredentialsUnavailable", /^Retry later/],
    [403, "Throttling.Api", "CredentialsUnavailable", /^Retry later/],
    [400, "ServiceUnavailable", "CredentialsUnavailable", undefined],
    [400, "ThrottlingNot", "CredentialsRejected", undefined],
    [429, "SomethingNew", "CredentialsUnavailable", outage],
    [500, "InternalError", "CredentialsUnavailable", outage],
    [500, "InvalidTimeStamp.Expired", "CredentialsUnavailable", /clock/],
    [503, "ServiceUnavailable", "CredentialsUnavailable", undefined],
    [599, "SomethingNew", "CredentialsUnavailable", outage]
  ]
  for (const [status, code, tag, hint] of table) {
    it(`is ${tag} for ${status} ${code}`, () => {
      const error = of(status, { Code: code, Message: "It is so.", RequestId: "1E43-AAAA" })
      assert.strictEqual(error._tag, tag)
      assert.strictEqual(error.isTransient, tag === "CredentialsUnavailable")
      assert.include(error.message, code)
      assert.include(error.message, "sts.aliyuncs.com")
      if (hint === undefined) assert.isUndefined(error.hint)
      else assert.match(error.hint ?? "", hint)
      assert(error._tag === "CredentialsRejected" || error._tag === "CredentialsUnavailable")
      assert.deepStrictEqual(
        [error.provider, error.status, error.code, error.requestId],
        ["ram_role_arn/env", status, code, "1E43-AAAA"]
      )
      if (error._tag === "CredentialsUnavailable") return
      assert.strictEqual(error.message.includes("It is so."), code !== "SignatureDoesNotMatch")
    })
  }

  it("has the Retry-After of the response", () => {
    const retryAfter = Duration.seconds(7)
    for (const error of [of(400, { Code: "Throttling" }, { retryAfter }), of(503, "", { retryAfter })]) {
      assert.isTrue(error._tag === "CredentialsUnavailable" && error.retryAfter === retryAfter)
    }
  })

  for (
    const body of ["", "<html></html>", "null", "[]", "\"Code\"", "{\"Code\": 5, \"Message\": {}, \"RequestId\": null}"]
  ) {
    it(`has only the status if the body is ${JSON.stringify(body)}`, () => {
      const error = of(403, body)
      assert.strictEqual(error.message, "ram_role_arn/env: rejected\n  server: sts.aliyuncs.com: status 403")
    })
  }

  it("says that redirects are not followed, even if a browser hides the status", () => {
    for (const status of [0, 300, 301, 302, 307, 308, 399]) {
      const error = of(status, "")
      assert.strictEqual(error._tag, "CredentialsRejected")
      assert.include(error.message, "redirects are not followed")
    }
    for (const status of [204, 400]) assert.notInclude(of(status, "").message, "redirect")
  })

  const echoes = [
    (text: string) => text,
    encodeURIComponent,
    (text: string) => encodeURIComponent(encodeURIComponent(text)),
    (text: string) => encodeURIComponent(encodeURIComponent(encodeURIComponent(text))),
    (text: string) => text.replaceAll("+", " "),
    (text: string) => new URLSearchParams({ text }).toString(),
    (text: string) => text.slice(0, 12),
    (text: string) => text.slice(-12),
    (text: string) => `${text.slice(0, 14)}…`
  ]
  // The second has only reserved characters and short runs, so it is found only if each encoding is undone.
  for (
    const [which, hidden] of [["the secret", secret], [
      "a secret of reserved characters",
      "a+b/c=d e+f/g=h i+j/"
    ]] as const
  ) {
    echoes.forEach((echo, index) => {
      it(`hides a message that contains ${which}, in encoding ${index + 1}`, () => {
        const body = { Code: "InvalidParameter", Message: `Not valid: <${echo(hidden)}>`, RequestId: "1E43" }
        const error = serviceError("ram_role_arn/env", answer(400, body), [hidden])
        assert.strictEqual(error._tag, "CredentialsRejected")
        assert.notInclude(error.message, "Not valid")
        assert.include(error.message, "InvalidParameter")
        assertShowsNone(error, [hidden, echo(hidden)])
      })
    })
  }

  it("hides an invalid code or request id", () => {
    for (const odd of [secret, `x${secret}`, "a b", "", "x".repeat(81), "Code\nInjected", "<b>"]) {
      const error = of(400, { Code: odd, RequestId: odd })
      assert.strictEqual(
        error.message,
        "ram_role_arn/env: rejected\n  server: sts.aliyuncs.com: status 400",
        JSON.stringify(odd)
      )
    }
  })

  it("hides a message that contains a secret of the response itself", () => {
    const issued = "issued-secret-0123456789"
    const body = { Code: "Odd", Message: `You have ${issued}`, Nested: [{ AccessKeySecret: issued }] }
    assertShowsNone(of(400, body), [issued])
    assert.notInclude(of(400, body).message, "You have")
  })

  it("suggests no ticket without a request id", () => {
    const error = of(500, { Code: "InternalError", Message: "It is so." })
    assert.strictEqual(error._tag, "CredentialsUnavailable")
    assert.isUndefined(error.hint)
  })

  it("quotes at most 200 characters of a message, in one line", () => {
    const error = of(400, { Code: "Odd", Message: `a\n\tb\u0000\u001b[31m ${"x".repeat(1000)}` })
    assert.match(
      error.message,
      /^ram_role_arn\/env: rejected\n  server: sts\.aliyuncs\.com: status 400, Odd: a b \[31m x+…$/
    )
    assert.isBelow(error.message.length, 300)
  })
})
