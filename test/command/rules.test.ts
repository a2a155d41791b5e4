/** The rules of the subcommands: findings, logins, variables, exit codes. */
import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import { Credentials, type Explain } from "effect-alicloud-credentials"
import { exitCodeOf, exitCodeOfSignal, meanings } from "../../src/command/exitCodes.ts"
import { collect, isNegative, render } from "../../src/command/findings.ts"
import { tidy, wrapped } from "../../src/command/help.ts"
import { loginOf, render as renderLogins } from "../../src/command/logins.ts"
import { isPassedOn } from "../../src/command/program.ts"
import { lineOf } from "../../src/command/progress.ts"
import { assignmentsOf, environmentWith, servedBy } from "../../src/command/sessionVariables.ts"

const plain = (_: string, text: string) => text

describe("login-status", () => {
  const now = Date.UTC(2026, 0, 2)
  const seconds = now / 1000
  const profile = (mode: string, fields: Readonly<Record<string, unknown>>) => ({
    name: "p",
    mode,
    index: 0,
    line: () => undefined,
    configure: "",
    fields
  })
  const statusOf = (mode: string, fields: Readonly<Record<string, unknown>>) => {
    const login = loginOf(profile(mode, fields), now, undefined)
    return login === undefined ? undefined : [login.status, login.until]
  }

  it("knows which login is over", () => {
    const oauth = (fields: Readonly<Record<string, unknown>>) => statusOf("OAuth", fields)
    assert.deepStrictEqual(oauth({}), ["expired", undefined])
    assert.deepStrictEqual(oauth({ oauth_refresh_token: "r", oauth_access_token_expire: 1 }), ["valid", undefined])
    assert.deepStrictEqual(oauth({ oauth_access_token: "a" }), ["unknown", undefined])
    assert.deepStrictEqual(oauth({ oauth_access_token: "a", oauth_access_token_expire: seconds + 60 }), [
      "valid",
      "2026-01-02T00:01:00Z"
    ])
    assert.deepStrictEqual(oauth({ oauth_access_token: "a", oauth_access_token_expire: seconds }), [
      "expired",
      "2026-01-02T00:00:00Z"
    ])
    const cloudSso = (fields: Readonly<Record<string, unknown>>) => statusOf("CloudSSO", fields)
    assert.deepStrictEqual(cloudSso({}), ["expired", undefined])
    assert.deepStrictEqual(cloudSso({ access_token: "a", cloud_sso_access_token_expire: 0 }), ["expired", undefined])
    assert.deepStrictEqual(cloudSso({ access_token: "a" }), ["unknown", undefined])
    assert.deepStrictEqual(cloudSso({ access_token: "a", cloud_sso_access_token_expire: seconds + 1 }), [
      "valid",
      "2026-01-02T00:00:01Z"
    ])
    assert.deepStrictEqual(statusOf("External", {}), ["unknown", undefined])
    assert.isUndefined(statusOf("AK", {}))
    assert.isUndefined(statusOf("toString", {}))
  })

  it("shows the command of a login that is over, and that its last session still works", () => {
    const login = loginOf(
      profile("CloudSSO", {
        access_token: "a",
        cloud_sso_access_token_expire: seconds - 60,
        sts_token: "s",
        sts_expiration: seconds + 60
      }),
      now,
      "/etc/config.json"
    )
    assert.strictEqual(
      renderLogins(login === undefined ? [] : [login], plain),
      "p  CloudSSO  expired  since 2026-01-01T23:59:00Z; its last session works until 2026-01-02T00:01:00Z\n" +
        "   run: aliyun configure --mode CloudSSO --profile p --config-path /etc/config.json"
    )
    assert.strictEqual(renderLogins([], plain), "No profile logs in.")
  })
})

describe("lint", () => {
  const finding = (code: string, severity: Explain.Severity, link?: string): Explain.Finding => ({
    code,
    severity,
    link,
    reason: `reason of ${code}`,
    fix: "1. this; 2. that"
  })
  const link = (name: string, tag?: string) =>
    ({
      name,
      outcome: "failed",
      reason: `${name} is wrong`,
      fix: "write it",
      error: { _tag: tag }
    }) as Explain.LinkReport
  const report = (links: ReadonlyArray<Explain.LinkReport>, findings: ReadonlyArray<Explain.Finding>) =>
    ({ links, findings }) as Explain.Report

  it("has each finding once, the worst first", () => {
    const found = collect([
      report([], [finding("unknown-key", "warning", "a")]),
      report([link("b"), link("c", "ReauthenticationRequired")], [
        finding("long-lived", "info"),
        finding("unknown-key", "warning", "b"),
        finding("skipped-source", "warning", "b")
      ])
    ])
    assert.deepStrictEqual(found.map(({ code, link }) => [code, link]), [
      ["source-fails", "b"],
      ["unknown-key", "a"],
      ["long-lived", undefined]
    ])
  })

  it("does not repeat an error that a rule explains", () => {
    const found = collect([report([link("env")], [finding("half-pair", "error", "env")])])
    assert.deepStrictEqual(found.map(({ code }) => code), ["half-pair"])
  })

  it("is negative about errors and warnings", () => {
    assert.isTrue(isNegative([finding("a", "warning")]))
    assert.isFalse(isNegative([finding("a", "info")]))
    assert.isFalse(isNegative([]))
    assert.strictEqual(render([], plain), "Nothing to fix.")
    assert.strictEqual(
      render([finding("a", "error", "env"), finding("b", "error")], plain),
      [
        "error    a: env: reason of a",
        "         fix: 1. this",
        "              2. that",
        "error    b: reason of b",
        "         fix: 1. this",
        "              2. that",
        "2 errors, 0 warnings, 0 info"
      ].join("\n")
    )
  })
})

describe("exec", () => {
  const key = Credentials.AccessKey({
    provider: "env",
    accessKeyId: "LTAI",
    accessKeySecret: Redacted.make("secret")
  })
  const session = Credentials.StsToken({
    provider: "sts",
    accessKeyId: "STS.1",
    accessKeySecret: Redacted.make("secret"),
    securityToken: Redacted.make("token"),
    expiration: Option.none()
  })

  it("leaves no variable of other credentials", () => {
    const before = {
      PATH: "/bin",
      ALIBABA_CLOUD_SECURITY_TOKEN: "stale",
      ALIBABA_CLOUD_PROFILE: "p",
      ALIBABA_CLOUD_ROLE_ARN: "r",
      ALIBABA_CLOUD_CREDENTIALS_URI: "u",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "f",
      ALICLOUD_ACCESS_KEY: "other",
      OSS_ACCESS_KEY_SECRET: "other",
      ALIBABA_CLOUD_STS_ENDPOINT: "sts.cn-hangzhou.aliyuncs.com",
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
    }
    const kept = {
      PATH: "/bin",
      ALIBABA_CLOUD_STS_ENDPOINT: "sts.cn-hangzhou.aliyuncs.com",
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
    }
    assert.deepStrictEqual(environmentWith(before, assignmentsOf(key)), {
      ...kept,
      ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret"
    })
    assert.deepStrictEqual(environmentWith(before, assignmentsOf(session)), {
      ...kept,
      ALIBABA_CLOUD_ACCESS_KEY_ID: "STS.1",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret",
      ALIBABA_CLOUD_SECURITY_TOKEN: "token"
    })
  })

  it("lets no proxy get the address of the server, in either spelling", () => {
    const proxies = (before: Readonly<Record<string, string>>) => {
      const after = environmentWith(before, servedBy("http://127.0.0.1:1/path", before))
      return [after["NO_PROXY"], after["no_proxy"]]
    }
    assert.deepStrictEqual(proxies({}), ["127.0.0.1", "127.0.0.1"])
    assert.deepStrictEqual(proxies({ no_proxy: "local" }), ["local,127.0.0.1", "local,127.0.0.1"])
    assert.deepStrictEqual(proxies({ NO_PROXY: "*" }), ["*", "*"])
    assert.deepStrictEqual(proxies({ NO_PROXY: "a", no_proxy: "b" }), ["a,127.0.0.1", "b,127.0.0.1"])
  })

  it("does not repeat what a terminal sends to the program itself", () => {
    assert.isFalse(isPassedOn("SIGINT", true))
    assert.isTrue(isPassedOn("SIGINT", false))
    assert.isTrue(isPassedOn("SIGTERM", true))
  })
})

describe("the exit code", () => {
  it("tells a fault of the configuration from one of the network", () => {
    const codeOf = (_tag: string, isTransient = false) => exitCodeOf({ _tag, isTransient })
    assert.strictEqual(codeOf("CredentialsMisconfigured"), 3)
    assert.strictEqual(codeOf("CredentialsRejected"), 3)
    assert.strictEqual(codeOf("CredentialsUnavailable", true), 4)
    assert.strictEqual(codeOf("CredentialsMalformed"), 4)
    assert.strictEqual(exitCodeOfSignal(15), 143)
    assert.strictEqual(new Set(meanings.map(([code]) => code)).size, meanings.length)
  })
})

describe("the help", () => {
  it("fits, and has no noise", () => {
    const page = "a\n\na 1.0 -- x\n\nUSAGE\n\n$ b [--c]\n\nOPTIONS\n\n--c\n\n  A true or false value.\n\n  Does c.\n"
    assert.strictEqual(tidy("a", page), "a 1.0 -- x\n\nUSAGE\n  a b [--c]\n\nOPTIONS\n\n--c\n  Does c.")
    assert.isTrue(wrapped(`  ${"word ".repeat(60)}`).every((line) => line.length <= 90 && line.startsWith("  word")))
  })
})

describe("progress", () => {
  it("names what is waited for", () => {
    assert.strictEqual(lineOf([]), "working ...")
    assert.strictEqual(lineOf(["100.100.100.200", "100.100.100.200"]), "asking the metadata service ...")
    assert.strictEqual(lineOf(["sts.aliyuncs.com", "h"]), "asking sts.aliyuncs.com and h ...")
  })
})
