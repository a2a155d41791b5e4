/**
 * The INI file: damaged files, of which only names of sections are shown, and values that come back whole.
 */
import * as NodePath from "@effect/platform-node/NodePath"
import { assert } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import { IniProfile } from "effect-alicloud-credentials"
import * as ini from "../../../src/internal/profile/ini.ts"
import { memoryFiles } from "../../support/memoryFiles.ts"
import { fakeHttp } from "../../support/network.ts"
import { variables } from "../../support/variables.ts"
import { damaged } from "../damage.ts"
import { printed, target } from "../target.ts"

const file = "/home/u/.alibabacloud/credentials.ini"

const secrets = {
  access_key_id: "canary-id-0123456789",
  access_key_secret: "canary-secret-0123456789",
  security_token: "canary-token-0123456789",
  bearer_token: "canary-bearer-0123456789",
  policy: "{\"canary\": \"canary-policy-0123456789\"}",
  role_arn: "acs:ram::1:role/r",
  role_name: "web",
  role_session_expiration: "900",
  timeout: "5",
  enable: "true",
  disable_imds_v1: "true",
  credentials_uri: "http://127.0.0.1/?canary-uri-0123456789",
  oidc_provider_arn: "canary-oidc-0123456789",
  __proto__x: "canary-unknown-0123456789",
  constructor: "canary-constructor-0123456789",
  "canary-key-0123456789": "x"
}

const types = ["access_key", "sts", "bearer", "ecs_ram_role", "ram_role_arn", "oidc_role_arn", "credentials_uri", "x"]

const line = FastCheck.oneof(
  { weight: 6, arbitrary: FastCheck.constantFrom(...Object.entries(secrets)) },
  { weight: 1, arbitrary: FastCheck.tuple(FastCheck.constant("type"), FastCheck.constantFrom(...types)) }
).chain(([key, value]) => FastCheck.constantFrom("=", " = ", ":", " : ").map((sign) => `${key}${sign}${value}`))

const texts = FastCheck.tuple(
  FastCheck.constantFrom(...types),
  FastCheck.array(line, { maxLength: 8 }),
  FastCheck.constantFrom("", "# a comment\n", "; another\n\n", "[other]\nenable = false\n")
).map(([type, lines, before]) => `${before}[default]\ntype = ${type}\n${lines.join("\n")}\n`)

const trace = /-0123|23456789/

const get = (text: string) =>
  Effect.flatMap(IniProfile.make(), (provider) => provider.get).pipe(
    Effect.provide([
      NodePath.layer,
      variables({ HOME: "/home/u" }),
      fakeHttp(() => Effect.succeed({ status: 404 })),
      memoryFiles({ [file]: text }).layer
    ])
  )

const isShown = (text: string): boolean =>
  text.split(/\r\n|\r|\n/).some((line) => line.trim().startsWith("[") && trace.test(line))

export const damagedIni = target({
  name: "ini",
  share: 2,
  strands: 20,
  inputs: damaged(texts),
  check: async (input) => {
    const text = await printed(get(input))
    if (!isShown(input)) assert.notMatch(text, trace)
  }
})

const value = FastCheck.string({ maxLength: 30 }).map((text) => text.replaceAll(/[\r\n"]/g, "'"))

const name = FastCheck.constantFrom("a", "b", "__proto__", "constructor", "key with blanks", "é")

export const iniValues = target({
  name: "iniValues",
  share: 10,
  inputs: FastCheck.tuple(
    FastCheck.array(FastCheck.tuple(name, FastCheck.array(FastCheck.tuple(name, value), { maxLength: 4 })), {
      maxLength: 4
    }),
    FastCheck.constantFrom("\n", "\r\n", "\r")
  ),
  check: ([sections, lineBreak]) => {
    const expected = new Map<string, Map<string, string>>()
    for (const [section, entries] of sections) {
      expected.set(section, new Map([...expected.get(section) ?? [], ...entries]))
    }
    const lines = sections.flatMap(([section, entries]) => [
      `[${section}]`,
      ...entries.map(([key, value]) => `${key} = "${value}" # it's a comment`)
    ])
    const parsed = ini.parse(lines.join(lineBreak))
    Either.match(parsed, {
      onLeft: ({ reason }) => assert.fail(reason),
      onRight: ({ sections }) => assert.deepStrictEqual(sections, expected)
    })
  }
})
