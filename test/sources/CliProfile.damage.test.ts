/**
 * Damaged files of all kinds cause one typed error that names the file, the profile and the field, and no value.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Option, TestClock } from "effect"
import type { CredentialError } from "effect-alicloud-credentials"
import { utf8 } from "../../src/testing/internal/wire/encode.ts"
import { base, canaryKey, canaryOf, canaryRole, configText, file, getFrom, profiles } from "../support/canaryConfig.ts"
import type { Fields } from "../support/configFiles.ts"
import { renderValue } from "../support/renderings.ts"

/** The result for a file. */
const outcomeOf = (text: string | Uint8Array) =>
  Effect.scoped(getFrom(text)).pipe(
    Effect.exit,
    // Failed requests are retried after a pause, and a file that looks cut short is read again.
    Effect.fork,
    Effect.flatMap((fiber) => Effect.zipRight(TestClock.adjust("1 minute"), Fiber.join(fiber)))
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
