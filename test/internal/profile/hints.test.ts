/**
 * How to fix what is wrong in a file: the known mistakes of people, each with its fix.
 */
import { assert, describe, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import * as configFile from "../../../src/internal/profile/configFile.ts"
import type { Issue } from "../../../src/internal/profile/document.ts"
import * as parameterNames from "../../../src/internal/profile/parameterNames.ts"
import * as parameters from "../../../src/internal/profile/parameters.ts"
import { nearestMode } from "../../../src/internal/profile/profileFields.ts"
import { choiceFor, configure, listed, oneOf } from "../../../src/internal/profile/quoted.ts"
import { explain } from "../../../src/internal/profile/unknownKeys.ts"

const fileOf = (profiles: ReadonlyArray<object>, current?: string): configFile.ConfigFile =>
  Either.getOrThrow(configFile.parse(JSON.stringify({ current, profiles }, null, 2), "/c.json"))

const issueOf = (result: Either.Either<unknown, Issue>): Issue => Either.getOrThrow(Either.flip(result))

describe("the mode that was meant", () => {
  it.each([
    ["ak", "AK"],
    ["ramrolearn", "RamRoleArn"],
    ["ram_role_arn", "RamRoleArn"],
    ["StsTokn", "StsToken"],
    ["sts", "StsToken"],
    ["sso", "CloudSSO"],
    ["constructor", undefined],
    ["flavor", undefined]
  ])("by %s is %s", (word, mode) => assert.strictEqual(nearestMode(word), mode))
})

describe("the type that was meant", () => {
  it.each([
    ["access-key", "access_key"],
    ["access_keys", "access_key"],
    ["AK", "access_key"],
    ["StsToken", "sts"],
    ["oidc", "oidc_role_arn"],
    ["toString", undefined]
  ])("by %s is %s", (word, type) => assert.strictEqual(parameters.nearestType(word), type))

  it.each([
    ["access_key", { accessKeyId: "a" }],
    ["sts", { accessKeyId: "a", securityToken: "t" }],
    ["ram_role_arn", { accessKeyId: "a", securityToken: "t", roleArn: "r" }],
    ["oidc_role_arn", { roleArn: "r", oidcTokenFilePath: "/t" }],
    ["ecs_ram_role", { roleName: "r" }],
    ["bearer", { bearerToken: "b" }],
    ["credentials_uri", { credentialsURI: "u" }],
    [undefined, { policy: "p" }]
  ])("is %s if the keys suggest it", (type, values) => assert.strictEqual(parameters.suggestedType(values), type))
})

describe("the fix of a section", () => {
  const hintOf = (entries: object, form: parameterNames.Form = "file") =>
    Either.getOrThrow(
      Either.flip(parameters.decode(parameterNames.collect({ ...entries }), form, { values: {}, variables: {} }))
    ).hint

  it.each<[object, parameterNames.Form, string | undefined]>([
    [{ type: "access_key", access_key_id: "a" }, "file", "Add the line access_key_secret = <value>"],
    [{ type: "access_key" }, "file", "Add lines for access_key_id and access_key_secret"],
    [{ type: "access_key", accessKeyId: "a" }, "camel", "Add accessKeySecret to the config"],
    [
      { type: "access_key", access_key_id: "a", access_key_secrt: "s" },
      "file",
      "Rename access_key_secrt to access_key_secret"
    ],
    [{ access_key_id: "a" }, "file", "Add the line type = access_key"],
    [{ tpye: "access_key", access_key_id: "a" }, "file", "Rename tpye to type"],
    [{ type: "access-key" }, "file", "Write type = access_key"],
    [{ type: "access-key" }, "camel", "Set type to \"access_key\""],
    [
      { type: "zzz" },
      "file",
      "Write type = one of access_key, sts, bearer, ecs_ram_role, ram_role_arn, oidc_role_arn, credentials_uri"
    ],
    [{ type: "rsa_key_pair" }, "file", "Use an AccessKey or a role"],
    [{ type: "access_key", access_key_id: "'a'", access_key_secret: "s" }, "file", "Remove the quotes"],
    [
      {
        type: "ram_role_arn",
        access_key_id: "a",
        access_key_secret: "s"
      },
      "file",
      "Add the line role_arn = acs:ram::<account>:role/<name>"
    ],
    [{ type: "ecs_ram_role", disable_imds_v1: "yes" }, "file", undefined]
  ])("%j as %s is: %s", (entries, form, hint) => assert.strictEqual(hintOf(entries, form), hint))
})

describe("the fix of a profile", () => {
  const Key = Schema.Struct({ access_key_id: Schema.String, access_key_secret: Schema.String })
  const Role = Schema.Struct({ ram_role_arn: Schema.String })
  const hintOf = <A extends Readonly<Record<string, unknown>>, I>(schema: Schema.Schema<A, I>, fields: object) => {
    const file = fileOf([{ name: "p", mode: "AK", ...fields }])
    return issueOf(Either.flatMap(configFile.pick(file, "p", { file: "/my c.json" }), configFile.decodeFields(schema)))
  }

  it("is the command that asks for a missing key, with the file if the CLI needs it", () => {
    assert.deepStrictEqual(hintOf(Key, { access_key_id: "a" }), {
      at: "profile \"p\"",
      line: 3,
      reason: "access_key_secret is missing",
      hint: "Run: aliyun configure --profile p --config-path '/my c.json'"
    })
  })

  it("is the new name of a misspelled field", () => {
    const { hint, reason } = hintOf(Key, { access_key_id: "a", access_key_secert: "s", polciy: "{}" })
    assert.strictEqual(hint, "Rename access_key_secert to access_key_secret")
    assert.include(reason, "access_key_secert is unknown; polciy is unknown (did you mean policy?)")
  })

  it("is the line to add, or the quotes to remove", () => {
    assert.strictEqual(hintOf(Role, {}).hint, "Add \"ram_role_arn\": \"acs:ram::<account>:role/<name>\"")
    assert.strictEqual(hintOf(Role, { ram_role_arn: "'a'" }).hint, "Remove the quotes inside of the value")
    assert.strictEqual(hintOf(Role, { ram_role_arn: "a\nb" }).hint, "Copy the value again, as one line")
  })

  it("is the mode, or the misspelled name of the field", () => {
    const hint = (fields: object) => issueOf(configFile.pick(fileOf([{ name: "p", ...fields }]), "p")).hint
    assert.strictEqual(hint({ access_key_id: "a" }), "Add \"mode\": \"AK\"")
    assert.strictEqual(hint({ mdoe: "AK" }), "Rename mdoe to mode")
  })
})

describe("the fix of a name that no profile has", () => {
  const two = fileOf([{ name: "work" }, { name: "home" }], "default")

  it.each<[string | undefined, configFile.Naming, string]>([
    [undefined, { variable: "V" }, "Set \"current\" to \"work\" or \"home\", or set V"],
    [undefined, {}, "Set \"current\" to \"work\" or \"home\""],
    ["x", { variable: "V" }, "Set V to \"work\" or \"home\", or run: aliyun configure --profile x"],
    ["x", {}, "Use \"work\" or \"home\", or run: aliyun configure --profile x"]
  ])("%s, chosen by %j, is: %s", (name, naming, hint) => {
    assert.strictEqual(issueOf(configFile.pick(two, name, naming)).hint, hint)
  })

  it("is another profile to build on, but none of the chain", () => {
    const on = (name: string, source?: string) => ({ name, mode: "ChainableRamRoleArn", source_profile: source })
    const hint = (...profiles: ReadonlyArray<object>) => issueOf(configFile.pickChain(fileOf(profiles), "a")).hint
    assert.strictEqual(
      hint(on("a", "x"), { name: "work" }),
      "Set source_profile to \"work\", or run: aliyun configure --profile x"
    )
    assert.strictEqual(
      hint(on("a", "x"), ...["b", "c", "d", "e", "f"].map((name) => ({ name }))),
      "Set source_profile to the name of another profile, or run: aliyun configure --profile x"
    )
    assert.strictEqual(hint(on("a"), { name: "work" }), "Add \"source_profile\": \"work\"")
    assert.strictEqual(hint(on("a", "x")), "Run: aliyun configure --profile x")
    assert.strictEqual(
      hint(on("a", "b"), on("b", "a")),
      "Set source_profile of \"b\" to a profile outside of the cycle, " +
        "or replace it with credentials of its own, such as mode AK"
    )
  })

  it.each([
    ["prod", ["default", "production"], "\"production\" or \"default\"", "found: \"production\", \"default\""],
    ["production", ["default", "prod"], "\"prod\" or \"default\"", "found: \"prod\", \"default\""],
    ["DEV", ["default", "dev"], "\"dev\" or \"default\"", "found: \"dev\", \"default\""],
    ["stagign", ["default", "staging"], "\"staging\" or \"default\"", "found: \"staging\", \"default\""],
    ["prod", ["", "default"], undefined, "found: with a name that cannot be shown, \"default\""],
    [
      "prod",
      ["a", "b", "prod-eu", "c", "prod-cn"],
      "\"prod-eu\" or \"prod-cn\"",
      "found: \"prod-eu\", \"prod-cn\", \"a\", \"b\", \"c\""
    ],
    ["x", ["default", "a", "b", "c", "d"], undefined, "found: \"default\", \"a\", \"b\", \"c\", \"d\""]
  ])("names those first that are like %s: %j", (wanted, names, choice, list) => {
    assert.strictEqual(choiceFor(wanted, names), choice)
    assert.strictEqual(listed(wanted, names), list)
  })

  it("names one that is like it also where the list is cut off", () => {
    const names = [...Array.from({ length: 10 }, (_, index) => `team-${index}`), "production"]
    assert.match(listed("prod", names), /^found: "production", "team-0", .*, "team-8", and 1 more$/)
  })

  it("offers no more names than a person can choose from", () => {
    assert.strictEqual(oneOf(["a", "b"]), "\"a\" or \"b\"")
    assert.isUndefined(oneOf([]))
    assert.isUndefined(oneOf(["a", "b", "c", "d", "e"]))
    assert.isUndefined(oneOf(["a", "b\u0000"]))
  })
})

describe("a command", () => {
  it("quotes what a shell would split, and leaves out what it cannot show", () => {
    assert.strictEqual(configure(), "aliyun configure")
    assert.strictEqual(configure("a b"), "aliyun configure --profile 'a b'")
    assert.strictEqual(configure("a'b"), "aliyun configure --profile 'a'\\''b'")
    assert.strictEqual(configure("a\nb", "/c"), "aliyun configure --config-path /c")
  })
})

describe("the line of a profile", () => {
  it("is where its object begins, by every line ending", () => {
    const text = `\uFEFF{"profiles": [{"name": "a"},\r\n  {"name": "b"\r\n  },\r\n\r\n  {"name": "c"}]}`
    const { lineOf } = Either.getOrThrow(configFile.parse(text, "/c.json"))
    assert.deepStrictEqual([0, 1, 2, 3].map(lineOf), [1, 2, 5, undefined])
  })
})

describe("a misspelled key", () => {
  it("is renamed only if the key that was meant is missing, and if it can be shown", () => {
    const typos = [{ key: "polciy", meant: "policy" }, { key: "p0licy", meant: "policy" }]
    assert.deepStrictEqual(explain(typos, ["policy"]), {
      issues: ["polciy is unknown", "a name that cannot be shown is unknown (did you mean policy?)"],
      hint: "Rename polciy to policy"
    })
    assert.isUndefined(explain(typos, []).hint)
  })
})
