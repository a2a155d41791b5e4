import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { CredentialError } from "effect-alicloud-credentials"
import { readFileSync } from "node:fs"
import * as verdict from "../../../src/internal/diagnosis/verdict.ts"
import * as codes from "../../../src/internal/wire/codes.ts"

const absent = (provider: string) =>
  new CredentialError.CredentialsNotConfigured({ provider, reason: `${provider.toUpperCase()} not set` })

const disabled = new CredentialError.CredentialsNotConfigured({
  provider: "cli_profile",
  reason: "switched off by SWITCH",
  hint: "Unset SWITCH"
})

const refused = new CredentialError.CredentialsRejected({
  provider: "ram_role_arn/env",
  reason: "AssumeRole of a role: sts.aliyuncs.com: status 403, NoPermission: no",
  status: 403,
  code: "NoPermission",
  requestId: "ID-1",
  hint: "Grant it"
})

const broken = (provider: string) =>
  new CredentialError.CredentialsMisconfigured({ provider, reason: "broken", hint: "RRSA has to be enabled" })

const lost = new CredentialError.ReauthenticationRequired({
  provider: "cli_profile/oauth",
  reason: "expired",
  command: "aliyun configure --mode OAuth"
})

const nowhere: CredentialError.Surroundings = {
  user: undefined,
  home: undefined,
  inKubernetes: false,
  onInstance: false,
  proxy: undefined,
  time: DateTime.unsafeMake(0)
}

const mine = { ...nowhere, user: "me" }

const messageOf = (
  attempts: ReadonlyArray<CredentialError.CredentialError>,
  surroundings?: CredentialError.Surroundings,
  notAsked: ReadonlyArray<string> = [],
  asked: ReadonlyArray<string | undefined> = []
): ReadonlyArray<string> =>
  verdict.message({ attempts, asked, notAsked, surroundings }).split("\n").filter((line) => !line.includes("more: "))

describe("the verdict of a chain", () => {
  it("names what is configured before what is only disabled, and that before what is absent", () => {
    assert.deepStrictEqual(messageOf([absent("env"), disabled, refused], mine, ["credential_uri"]), [
      "no credentials: ram_role_arn: rejected (AssumeRole of a role)",
      "  server: sts.aliyuncs.com: status 403, NoPermission: no, request id ID-1",
      "  fix: grant it",
      "  also: cli_profile: not configured (switched off by SWITCH); fix: unset SWITCH",
      "  nothing configured for: env",
      "  not asked, because a source before them is configured: credential_uri",
      "  user me, 1970-01-01T00:00:00.000Z"
    ])
    assert.deepStrictEqual(messageOf([absent("env"), disabled]), [
      "no credentials: cli_profile: not configured (switched off by SWITCH)",
      "  fix: unset SWITCH",
      "  nothing configured for: env"
    ])
  })

  it("has the command of a login as its fix, after what has to be done first", () => {
    assert.deepStrictEqual(messageOf([lost]), [
      "no credentials: cli_profile/oauth: login required (expired)",
      "  fix: run: aliyun configure --mode OAuth"
    ])
    const readOnly = new CredentialError.ReauthenticationRequired({
      provider: lost.provider,
      reason: lost.reason,
      command: lost.command,
      hint: "Make it writable"
    })
    assert.deepStrictEqual(messageOf([readOnly]).slice(1), [
      "  fix: 1. make it writable",
      "       2. run: aliyun configure --mode OAuth"
    ])
  })

  it("keeps the capitals of an abbreviation, and counts what it leaves out", () => {
    assert.deepStrictEqual(messageOf(["a", "b", "c", "d", "e"].map(broken)), [
      "no credentials: a: misconfigured (broken)",
      "  fix: RRSA has to be enabled",
      ..."bcd".split("").map((name) => `  also: ${name}: misconfigured (broken); fix: RRSA has to be enabled`),
      "  also: 1 more, see attempts"
    ])
    assert.deepStrictEqual(
      messageOf(["a", "b", "c", "d"].map(broken)).at(-1),
      "  also: d: misconfigured (broken); fix: RRSA has to be enabled"
    )
  })

  it("has the steps of another fix in one line", () => {
    const steps = new CredentialError.CredentialsRejected({ provider: "b", reason: "no", hint: "1. Look; 2. Wait" })
    assert.deepStrictEqual(messageOf([broken("a"), steps]).slice(2), [
      "  also: b: rejected (no); fix: 1. Look; 2. Wait"
    ])
  })

  it("names a link as the program does, before its provider unless that has the name already", () => {
    const attempts = [absent("env"), absent("env/x"), refused, absent("own")]
    assert.deepStrictEqual(messageOf(attempts, undefined, [], ["e", "env", "primary", undefined]), [
      "no credentials: primary: ram_role_arn: rejected (AssumeRole of a role)",
      "  server: sts.aliyuncs.com: status 403, NoPermission: no, request id ID-1",
      "  fix: grant it",
      "  nothing configured for: e, env, own"
    ])
    assert.deepStrictEqual(messageOf(["own", "own/x", "own"].map(absent), undefined, [], ["o", "own", "own"]), [
      "no credentials: no source is configured",
      "  o: own: not configured (OWN not set)",
      "  own/x: not configured (OWN/X not set)",
      "  own: not configured (OWN not set)"
    ])
  })

  it("takes a source for meant if there is a hint, but for one that is switched off in a pod", () => {
    const odd = new CredentialError.CredentialsNotConfigured({ provider: "env", reason: "a typo", hint: "Fix it" })
    const inPod = { ...nowhere, inKubernetes: true }
    assert.deepStrictEqual([odd, disabled, absent("env"), refused].map(verdict.kindOf(inPod)), [
      "unusable",
      "absent",
      "absent",
      "failed"
    ])
    for (const surroundings of [undefined, nowhere]) {
      assert.deepStrictEqual([odd, disabled].map(verdict.kindOf(surroundings)), ["unusable", "unusable"])
    }
  })

  it("has the links of an inner chain as its own", () => {
    const inner = new CredentialError.CredentialChainError({
      attempts: [absent("env"), refused],
      surroundings: { ...nowhere, user: "inner" }
    })
    assert.deepStrictEqual(messageOf([absent("profile"), inner], { ...nowhere, user: "outer" }).slice(-2), [
      "  nothing configured for: profile, env",
      "  user outer, 1970-01-01T00:00:00.000Z"
    ])
  })

  it.each([
    ["on a laptop", mine, ["on your machine, run", "in CI, set", "in Kubernetes, label"]],
    [
      "in Kubernetes",
      { ...mine, inKubernetes: true },
      ["in Kubernetes, label", "on your machine, run", "in CI, set"]
    ],
    ["on ECS", { ...mine, onInstance: true }, ["on ECS, attach", "on your machine, run", "in CI, set"]]
  ])("says how to begin where nothing is configured: %s", (_, surroundings, expected) => {
    const lines = messageOf(["env", "oidc_role_arn", "cli_profile", "ecs_ram_role"].map(absent), surroundings)
    assert.strictEqual(lines[0], "no credentials: no source is configured")
    assert.strictEqual(lines[1], "  env: not configured (ENV not set)")
    assert.deepStrictEqual(
      lines.slice(5, 8).map((line) => /\d\. (.*?, \w+)/.exec(line)?.[1]),
      expected
    )
  })

  it("says only how to begin with the sources of the chain, each once", () => {
    const inCi = "in CI, set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"
    const inPod = { ...nowhere, inKubernetes: true }
    assert.deepStrictEqual(verdict.waysToBegin(["env"], nowhere), [`fix: ${inCi}`])
    assert.deepStrictEqual(verdict.waysToBegin(["own"], nowhere), [])
    const inOrder = (surroundings: CredentialError.Surroundings | undefined) =>
      verdict.waysToBegin(["env", "oidc_role_arn"], surroundings).map((line) => line.slice(0, 20))
    assert.deepStrictEqual(inOrder(undefined), ["fix: 1. in CI, set A", "     2. in Kubernete"])
    assert.deepStrictEqual(inOrder(inPod), ["fix: 1. in Kubernete", "     2. in CI, set A"])
  })

  it("shows the message of an error of a kind that only another version of the library knows", () => {
    const error = { _tag: "CredentialsOdd", provider: "new", message: "new: odd (because)" }
    assert.deepStrictEqual(messageOf([error as unknown as CredentialError.CredentialError]), [
      "no credentials: new: odd (because)"
    ])
  })

  it("suspects the proxy of a connection that is refused", () => {
    const down = new CredentialError.CredentialsUnavailable({
      provider: "oidc_role_arn",
      reason: "AssumeRoleWithOIDC of a role: sts.aliyuncs.com: no connection: ECONNREFUSED"
    })
    assert.deepStrictEqual(messageOf([down], { ...mine, proxy: "http://proxy:3128" }).slice(0, 3), [
      "no credentials: oidc_role_arn: unavailable (AssumeRoleWithOIDC of a role)",
      "  server: sts.aliyuncs.com through the proxy http://proxy:3128: no connection: ECONNREFUSED",
      "  fix: check the proxy http://proxy:3128 (HTTPS_PROXY), or add sts.aliyuncs.com to NO_PROXY"
    ])
    assert.lengthOf(messageOf([down], mine), 3)
  })

  it("does not suspect the proxy of an answer, of another error, or where there is a fix already", () => {
    const proxied = { ...mine, proxy: "http://proxy:3128" }
    const failed = (reason: string, hint?: string) =>
      new CredentialError.CredentialsUnavailable({ provider: "a", reason, hint })
    const lines = [
      failed("step: sts.aliyuncs.com: status 503"),
      failed("because"),
      failed("step: sts.aliyuncs.com: no connection: ENOTFOUND", "Check the region")
    ].map((error) => messageOf([error], proxied).slice(0, -1))
    assert.deepStrictEqual(lines, [
      ["no credentials: a: unavailable (step)", "  server: sts.aliyuncs.com: status 503"],
      ["no credentials: a: unavailable (because)"],
      [
        "no credentials: a: unavailable (step)",
        "  server: sts.aliyuncs.com: no connection: ENOTFOUND",
        "  fix: check the region"
      ]
    ])
  })

  it("names one section of the page on troubleshooting", () => {
    const page = readFileSync(new URL("../../../docs/troubleshooting.md", import.meta.url), "utf8")
    const slugs = Array.from(page.matchAll(/^## (.*)$/gm), ([, title = ""]) => title.toLowerCase().replaceAll(" ", "-"))
    assert.deepStrictEqual(slugs, [...Object.values(verdict.sections), verdict.codes])
    const withoutCode = new CredentialError.CredentialsRejected({ provider: "a", reason: "no", code: undefined })
    for (
      const [error, section] of [
        [absent("env"), "nothing-configured"],
        [refused, "server-codes"],
        [withoutCode, "rejected"],
        [lost, "login-required"]
      ] as const
    ) {
      const message = verdict.message({ attempts: [error], asked: [], notAsked: [], surroundings: undefined })
      assert.deepStrictEqual(message.match(/more: .*/g), [
        `more: effect-alicloud-credentials/docs/troubleshooting.md#${section}`
      ])
    }
  })

  it("has every hint of a code in the table of the page", () => {
    const page = readFileSync(new URL("../../../docs/troubleshooting.md", import.meta.url), "utf8")
    assert.deepStrictEqual(codes.hints.filter(([, hint]) => !page.includes(`| ${hint} |`)), [])
  })
})
