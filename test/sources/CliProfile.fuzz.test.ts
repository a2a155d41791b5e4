/**
 * Damaged files of all kinds cause one typed error that names the file, the profile and the field, and no value.
 */
import { CommandExecutor, Error as PlatformError, HttpClient, HttpClientError } from "@effect/platform"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, FastCheck, Fiber, Layer, Option, TestClock } from "effect"
import { CliProfile, type CredentialError } from "effect-alicloud-credentials"
import { utf8 } from "../../src/testing/internal/wire/encode.ts"
import { configOf, type Fields } from "../support/configFiles.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

const file = "/home/u/.aliyun/config.json"

const canaryOf = (name: string) => `canary-${name}-0123456789`

const canaryKey = { access_key_id: canaryOf("id"), access_key_secret: canaryOf("secret") }

const canaryRole = {
  ram_role_arn: "acs:ram::1:role/r",
  ram_session_name: canaryOf("session"),
  expired_seconds: 900,
  policy: JSON.stringify({ canary: canaryOf("policy") }),
  external_id: canaryOf("external"),
  sts_region: "cn-hangzhou",
  sts_endpoint: "sts.cn-hangzhou.aliyuncs.com",
  enable_vpc: true
}

/**
 * The only values that may be shown are the path of a token file, the name of a program and the host of an address. One
 * changed byte must not make a value part of a host, so two characters are between them.
 */
const profiles: ReadonlyArray<Fields> = [
  { mode: "AK", ...canaryKey },
  { mode: "StsToken", ...canaryKey, sts_token: canaryOf("token") },
  { mode: "RamRoleArn", ...canaryKey, ...canaryRole },
  { mode: "RamRoleArnWithRoleName", ram_role_name: canaryOf("role"), ...canaryRole },
  { mode: "EcsRamRole", ram_role_name: canaryOf("role") },
  { mode: "OIDC", ...canaryRole, oidc_provider_arn: canaryOf("oidc"), oidc_token_file: "/path/to/token" },
  { mode: "CredentialsURI", credentials_uri: `http://127.0.0.1/?${canaryOf("uri")}` },
  { mode: "BearerToken", bearer_token: canaryOf("bearer") },
  {
    mode: "CloudSSO",
    cloud_sso_sign_in_url: `https://sso.example.com/?${canaryOf("url")}`,
    cloud_sso_account_id: canaryOf("account"),
    cloud_sso_access_config: canaryOf("config"),
    access_token: canaryOf("access"),
    cloud_sso_access_token_expire: 99_999
  },
  {
    mode: "OAuth",
    oauth_site_type: "CN",
    oauth_access_token: canaryOf("access"),
    oauth_refresh_token: canaryOf("refresh"),
    oauth_access_token_expire: 99_999
  },
  { mode: "External", process_command: `program ${canaryOf("argument")}` },
  { mode: "ChainableRamRoleArn", ...canaryRole, source_profile: "base" }
]

const base = { name: "base", mode: "AK", ...canaryKey }

const configText = (fields: Fields): string => configOf([{ name: "p", ...fields }, base])

const nothing = Layer.mergeAll(
  NodePath.layer,
  variables({ HOME: "/home/u" }),
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) => Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" })))
  ),
  Layer.succeed(
    CommandExecutor.CommandExecutor,
    CommandExecutor.makeExecutor(() =>
      Effect.fail(
        new PlatformError.SystemError({ module: "Command", method: "spawn", reason: "NotFound", pathOrDescriptor: "" })
      )
    )
  )
)

/** The result for a file. All requests and processes fail, so only the content of the file matters. */
const outcomeOf = (text: string | Uint8Array) =>
  Effect.scoped(Effect.flatMap(CliProfile.make(), (provider) => provider.get)).pipe(
    Effect.exit,
    // Failed requests are retried after a pause, and a file that looks cut short is read again.
    Effect.fork,
    Effect.flatMap((fiber) => Effect.zipRight(TestClock.adjust("1 minute"), Fiber.join(fiber))),
    Effect.provide([nothing, memoryFiles({ [file]: text }).layer])
  )

const checkedFailure = (text: string | Uint8Array) =>
  Effect.map(outcomeOf(text), (exit) => {
    const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
    assert.isDefined(error, "a failure, and no defect")
    assert.notInclude(renderValue(error) + renderValue(exit), "canary")
    return error as CredentialError.CredentialError
  })

/** The error names the file and the reason, and quotes no value. */
const isMisconfigured = (error: CredentialError.CredentialError, ...parts: ReadonlyArray<string>) => {
  assert.strictEqual(error._tag, "CredentialsMisconfigured", error.message)
  for (const part of [file, ...parts]) assert.include(error.message, part)
}

const deep = "[".repeat(200_000) + "]".repeat(200_000)

describe("config.json", () => {
  it.effect.each<[string, string | Uint8Array, string]>([
    ["an empty file", "", "not JSON"],
    ["only white space", " \n", "not JSON"],
    ["plain text", canaryOf("text"), "not JSON"],
    ["an INI file", `[default]\naccess_key_secret = ${canaryOf("ini")}\n`, "not JSON"],
    ["JSON with a comment", `// ${canaryOf("comment")}\n{}`, "not JSON"],
    ["two JSON objects", "{}{}", "not JSON"],
    ["a list", "[]", "the file is not an object"],
    ["a JSON string", JSON.stringify(canaryOf("string")), "the file is not an object"],
    ["null", "null", "the file is not an object"],
    ["only unknown members", "{\"x\": {}}", "profiles is missing"],
    ["profiles of the wrong type", "{\"profiles\": {}}", "profiles is not a list"],
    ["a profile of the wrong type", `{"profiles": [{}, "${canaryOf("profile")}"]}`, "profiles.1 is not an object"],
    [
      "a current profile that does not exist",
      "{\"current\": \"p\", \"profiles\": [{}]}",
      "current names profile \"p\", which does not exist; found: none"
    ],
    ["current of the wrong type", "{\"current\": 5, \"profiles\": []}", "current is not text"],
    ["a missing current", "{\"profiles\": [{}]}", "current: names no profile"],
    ["invalid UTF-8", new Uint8Array([0xff, 0xfe, 0x00, 0x7b]), "not UTF-8 text"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, ...[...utf8("{}")].flatMap((byte) => [byte, 0])]), "not UTF-8 text"],
    ["NUL bytes", new Uint8Array(100), "not JSON"],
    [
      "more than 16 MiB",
      `{"profiles": [], "x": "${"x".repeat(16 * 1024 * 1024)}"}`,
      "16777241 bytes, more than the limit of 16 MiB (16777216 bytes)"
    ],
    ["half a million brackets", "[".repeat(500_000), "not JSON"],
    [
      "a deeply nested unknown member",
      configText({ mode: "AK", ...canaryKey }).replace(/\[\s*1,/, `[${deep},`),
      "not JSON"
    ],
    [
      "a deeply nested unknown field",
      configText({ mode: "AK", ...canaryKey }).replace("\"AK\"", `"AK", "x": ${deep}`),
      "not JSON"
    ]
  ])(
    "with %s is misconfigured",
    ([, text, reason]) => Effect.map(checkedFailure(text), (error) => isMisconfigured(error, reason))
  )

  it.effect.each<[string, (text: string) => string]>([
    ["a byte order mark", (text) => `\uFEFF${text}`],
    ["Windows line endings", (text) => text.replaceAll("\n", "\r\n")],
    ["no line breaks", (text) => JSON.stringify(JSON.parse(text))],
    ["a duplicate member", (text) => text.replace("{", `{"profiles": "${canaryOf("first")}",`)],
    [
      "a duplicate profile",
      (text) => text.replace("\"profiles\": [", `"profiles": [${JSON.stringify({ ...base, name: "p" })},`)
    ],
    [
      "members that are null, empty or zero",
      (text) =>
        text.replace(
          "\"mode\": \"AK\"",
          "\"mode\": \"AK\", \"sts_token\": null, \"ram_role_arn\": \"\", \"expired_seconds\": 0"
        )
    ]
  ])(
    "with %s is accepted",
    ([, change]) =>
      Effect.map(
        outcomeOf(change(configText({ mode: "AK", ...canaryKey }))),
        (exit) => assert.isTrue(Exit.isSuccess(exit))
      )
  )
})

describe("each field of each mode", () => {
  const others: ReadonlyArray<unknown> = [
    5.5,
    true,
    [canaryOf("list")],
    { canary: canaryOf("object") },
    canaryOf("text")
  ]

  const cases = profiles.flatMap((profile) =>
    Object.keys(profile).map((field): [string, string, Fields] => [String(profile["mode"]), field, profile])
  )

  it.effect.each(cases)("%s: %s of the wrong type is misconfigured", ([, field, profile]) =>
    Effect.forEach(
      others.filter((other) => typeof other !== typeof profile[field]),
      (other) =>
        Effect.map(
          checkedFailure(configText({ ...profile, [field]: other })),
          (error) => isMisconfigured(error, "profile \"p\"", field)
        ),
      { discard: true }
    ))

  const optional = new Set([
    ...Object.keys(canaryRole).filter((field) => field !== "ram_role_arn"),
    "ram_role_name",
    "oauth_site_type"
  ])
  const tokens = /^(?:access_token|oauth_.*|cloud_sso_access_token_expire)$/
  const required = cases.filter(([, field]) => !optional.has(field) && !tokens.test(field))

  it.effect.each(required)(
    "%s: a missing %s is misconfigured",
    ([, field, profile]) =>
      Effect.forEach([undefined, null, ""], (nothing) =>
        Effect.map(
          checkedFailure(configText({ ...profile, [field]: nothing })),
          (error) => isMisconfigured(error, "profile \"p\"", field)
        ), { discard: true })
  )
})

describe("no random damage causes anything but a typed error", () => {
  const anyText = FastCheck.constantFrom(...profiles.map(configText))

  /** Either the error names the file, or the file is valid and the servers cannot be reached. */
  const isHarmless = (text: string | Uint8Array) =>
    Effect.map(outcomeOf(text), (exit) => {
      if (Exit.isSuccess(exit)) return true
      const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
      assert.isDefined(error, Cause.pretty(exit.cause))
      assert.notInclude(renderValue(error) + renderValue(exit), "canary")
      return true
    })

  it.effect.prop(
    "in a truncated file",
    [anyText, FastCheck.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })],
    ([text, share]) =>
      Effect.map(
        checkedFailure(text.slice(0, Math.floor((text.length - 2) * share))),
        (error) => isMisconfigured(error)
      ),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect.prop(
    "in a file with changed bytes",
    [anyText, FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.nat(255)), { minLength: 1, maxLength: 5 })],
    ([text, changes]) => {
      const bytes = utf8(text)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return isHarmless(bytes)
    },
    { fastCheck: { numRuns: 40 } }
  )

  it.effect.prop(
    "in a file of random JSON",
    [FastCheck.json({ maxDepth: 4 })],
    ([text]) => isHarmless(text),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect.prop(
    "in a profile with random fields",
    [
      FastCheck.constantFrom(...profiles),
      FastCheck.dictionary(
        FastCheck.constantFrom(...profiles.flatMap((profile) => Object.keys(profile))),
        FastCheck.jsonValue({ maxDepth: 2 })
      )
    ],
    ([profile, changes]) => isHarmless(configText({ ...profile, ...changes })),
    { fastCheck: { numRuns: 40 } }
  )
})
