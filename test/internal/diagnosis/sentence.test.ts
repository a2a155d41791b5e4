import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { type Described, linesOf, messageOf, partsOf } from "../../../src/internal/diagnosis/sentence.ts"

const rejected = (reason: string, more: Partial<Described> = {}): Described =>
  ({ _tag: "CredentialsRejected", provider: "cli_profile/ram_role_arn", reason, ...more }) as Described

const login = (hint?: string): Described => ({
  _tag: "ReauthenticationRequired",
  provider: "cli_profile/oauth",
  reason: "the login has expired",
  command: "aliyun configure --mode OAuth",
  hint
})

describe("the parts of a message", () => {
  it.each([
    "sts.aliyuncs.com: status 403, NoPermission: no: more",
    "127.0.0.1:8080: status 404",
    "sts.aliyuncs.com: no connection: ECONNREFUSED",
    "sts.aliyuncs.com: no answer within 15000 ms",
    "100.100.100.200: no whole answer within 250 ms",
    "sts.aliyuncs.com: connection lost"
  ])("have what a server did apart from the step: %s", (server) => {
    for (const _tag of ["CredentialsRejected", "CredentialsUnavailable"] as const) {
      const state = _tag === "CredentialsRejected" ? "rejected" : "unavailable"
      assert.deepStrictEqual(partsOf(rejected(`AssumeRole of a role: ${server}`, { _tag })), {
        what: `cli_profile: ${state} (AssumeRole of a role)`,
        server,
        fix: undefined
      })
      assert.deepStrictEqual(partsOf(rejected(server, { _tag })), {
        what: `cli_profile/ram_role_arn: ${state}`,
        server,
        fix: undefined
      })
    }
  })

  it.each([
    "config.json: no profile",
    "config.json:4: no role",
    "the program: status unknown",
    "a host without answer",
    "status 403"
  ])("keep together what is no answer of a server: %s", (reason) => {
    assert.deepStrictEqual(partsOf(rejected(reason)), {
      what: `cli_profile/ram_role_arn: rejected (${reason})`,
      server: undefined,
      fix: undefined
    })
  })

  it("have no server for an error that only quotes one", () => {
    const reason = "oauth.aliyun.com: status 400, invalid_grant"
    assert.deepStrictEqual(partsOf({ ...login(), reason } as Described), {
      what: `cli_profile/oauth: login required (${reason})`,
      server: undefined,
      fix: "run: aliyun configure --mode OAuth"
    })
  })

  it("name the code and the request id once, where the server is", () => {
    const fields = { code: "NoPermission", requestId: "ID-1" }
    assert.strictEqual(
      partsOf(rejected("step: sts.aliyuncs.com: status 403, NoPermission: no", fields)).server,
      "sts.aliyuncs.com: status 403, NoPermission: no, request id ID-1"
    )
    assert.strictEqual(
      partsOf(rejected("sts.aliyuncs.com: status 403", fields)).server,
      "sts.aliyuncs.com: status 403, NoPermission, request id ID-1"
    )
    assert.strictEqual(
      partsOf(rejected("sts.aliyuncs.com: status 403, NoPermission: no (ID-1)", fields)).server,
      "sts.aliyuncs.com: status 403, NoPermission: no (ID-1)"
    )
    assert.strictEqual(
      partsOf(rejected("because", fields)).what,
      "cli_profile/ram_role_arn: rejected (because, NoPermission, request id ID-1)"
    )
  })

  it.each([
    ["Grant it", "grant it"],
    ["RRSA has to be enabled", "RRSA has to be enabled"],
    ["1. Grant it", "1. Grant it"],
    ["Ask Alice", "ask Alice"]
  ])("begin a fix with a small letter, but for abbreviations: %s", (hint, fix) => {
    assert.strictEqual(partsOf(rejected("because", { hint })).fix, fix)
  })

  it("have both times of a session that has expired", () => {
    const [expiration, now] = [DateTime.unsafeMake(0), DateTime.unsafeMake(60_000)]
    assert.strictEqual(
      partsOf({ _tag: "CredentialsExpired", provider: "env", expiration, now }).what,
      "env: expired on arrival (expiration 1970-01-01T00:00:00.000Z, local clock 1970-01-01T00:01:00.000Z)"
    )
  })

  it("have the command of a login as the last step", () => {
    assert.strictEqual(partsOf(login()).fix, "run: aliyun configure --mode OAuth")
    assert.strictEqual(
      partsOf(login("Make the file writable")).fix,
      "1. make the file writable; 2. run: aliyun configure --mode OAuth"
    )
  })
})

describe("the lines of a message", () => {
  it("are one for each part that there is", () => {
    assert.deepStrictEqual(linesOf({ what: "a: rejected", server: undefined, fix: undefined }), ["a: rejected"])
    assert.deepStrictEqual(linesOf({ what: "a: rejected", server: "h: status 403", fix: undefined }), [
      "a: rejected",
      "server: h: status 403"
    ])
    assert.deepStrictEqual(linesOf({ what: "a: rejected", server: undefined, fix: "grant it" }), [
      "a: rejected",
      "fix: grant it"
    ])
  })

  it("are one for each numbered step of the fix", () => {
    assert.deepStrictEqual(linesOf({ what: "a", server: undefined, fix: "1. look; 2. wait; then ask; 3. leave" }), [
      "a",
      "fix: 1. look",
      "     2. wait; then ask",
      "     3. leave"
    ])
  })

  it("are indented in a message, steps below one another", () => {
    assert.strictEqual(
      messageOf(rejected("step: sts.aliyuncs.com: status 403", { hint: "1. look; 2. wait" })),
      "cli_profile: rejected (step)\n" +
        "  server: sts.aliyuncs.com: status 403\n" +
        "  fix: 1. look\n" +
        "       2. wait"
    )
    assert.strictEqual(
      messageOf(login("Make the file writable")),
      "cli_profile/oauth: login required (the login has expired)\n" +
        "  fix: 1. make the file writable\n" +
        "       2. run: aliyun configure --mode OAuth"
    )
  })
})
