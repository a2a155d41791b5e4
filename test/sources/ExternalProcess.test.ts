import { FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, DateTime, Effect, Fiber, Layer, Option, Redacted, Ref, TestClock } from "effect"
import {
  type CredentialError,
  CredentialProvider,
  type Credentials,
  ExternalProcess
} from "effect-alicloud-credentials"
import { hour, settableClock, settle } from "../support/clock.ts"
import { eventually } from "../support/eventually.ts"
import { canary } from "../support/leaks.ts"
import { fakePrograms } from "../support/machine.ts"
import { renderValue } from "../support/renderings.ts"

/** A command line that runs a Node.js program with arguments. */
const node = (program: string, ...args: ReadonlyArray<string>): Redacted.Redacted =>
  Redacted.make([process.execPath, "-e", program, "--", ...args].map((word) => `'${word}'`).join(" "))

const printing = (output: unknown): Redacted.Redacted =>
  node(`process.stdout.write(JSON.stringify(${JSON.stringify(output)}))`)

const printedKey = { mode: "AK", access_key_id: "LTAI.test", access_key_secret: canary }
const printedSession = { ...printedKey, mode: "StsToken", access_key_id: "STS.test", sts_token: `token ${canary}` }

type Options = Omit<ExternalProcess.ProcessOptions, "command">

const getFrom = (command: Redacted.Redacted, options: Options = {}) =>
  Effect.flatMap(ExternalProcess.make({ command, ...options }), (provider) => provider.get).pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer)
  )

/** The error, after checking that it shows no secret. */
const failureFrom = (
  command: Redacted.Redacted,
  options?: Options
): Effect.Effect<CredentialError.CredentialError, Credentials.Credentials> =>
  Effect.map(Effect.flip(getFrom(command, options)), (error) => {
    assert.notInclude(renderValue(error), canary)
    assert.strictEqual("provider" in error && error.provider, "external")
    return error
  })

describe("ExternalProcess", () => {
  it.live("reads an AccessKey", () =>
    Effect.gen(function*() {
      const credentials = yield* getFrom(printing(printedKey))
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.provider, "external")
      assert.strictEqual(credentials.accessKeyId, "LTAI.test")
      assert.strictEqual(Redacted.value(credentials.accessKeySecret), canary)
      assert.notInclude(renderValue(credentials), canary)
    }))

  it.live("reads a session with its expiration", () =>
    Effect.gen(function*() {
      const credentials = yield* getFrom(printing({ ...printedSession, expiration: "2100-01-02T03:04:05Z" }))
      assert(credentials._tag === "StsToken")
      assert.strictEqual(Redacted.value(credentials.securityToken), printedSession.sts_token)
      assert.deepStrictEqual(
        Option.getOrUndefined(Option.map(credentials.expiration, DateTime.formatIso)),
        "2100-01-02T03:04:05.000Z"
      )
    }))

  it.live("reads a session if there is a token, whatever the mode", () =>
    Effect.gen(function*() {
      const tags = yield* Effect.forEach(
        [{ ...printedSession, mode: "AK" }, { ...printedSession, mode: undefined }, {
          ...printedKey,
          mode: "Other",
          sts_token: null
        }],
        (output) => Effect.map(getFrom(printing(output)), (credentials) => credentials._tag),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(tags, ["StsToken", "StsToken", "AccessKey"])
    }))

  it.live("passes every argument unchanged, without a shell", () =>
    Effect.gen(function*() {
      const program = `const [access_key_id, access_key_secret] = process.argv.slice(1);
        process.stdout.write(JSON.stringify({ access_key_id, access_key_secret }))`
      const credentials = yield* getFrom(node(program, "$HOME `id` *", "a \"b\" \\ ; | > # ~"))
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.accessKeyId, "$HOME `id` *")
      assert.strictEqual(Redacted.value(credentials.accessKeySecret), "a \"b\" \\ ; | > # ~")
    }))

  it.live("passes the environment and an empty input to the program", () =>
    Effect.gen(function*() {
      const program = `process.stdin.resume(); process.stdin.on("end", () =>
        process.stdout.write(JSON.stringify({ access_key_id: process.env.PATH, access_key_secret: "x" })))`
      const credentials = yield* getFrom(node(program), { timeout: "100 seconds" })
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.accessKeyId, process.env["PATH"])
    }))

  it.live("reads more output than a pipe holds, while the error output is full too", () =>
    Effect.gen(function*() {
      const program = `process.stderr.write("${canary}".repeat(20000)); process.stdout.write(JSON.stringify({
        ...${JSON.stringify(printedKey)}, note: "x".repeat(500000) }))`
      assert.strictEqual((yield* getFrom(node(program), { timeout: "100 seconds" }))._tag, "AccessKey")
    }))

  it.live("kills a program that prints endlessly", () =>
    Effect.gen(function*() {
      const program = `const more = () => process.stdout.write("${canary}".repeat(5000), more); more()`
      const error = yield* failureFrom(node(program), { timeout: "100 seconds" })
      assert(error._tag === "CredentialsMalformed")
      assert.deepStrictEqual(error.issues, ["the output is larger than 1 MiB"])
    }))

  it.scoped(
    "kills the program and its children at the time limit, even if they ignore signals",
    () =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const pids = yield* files.makeTempFileScoped()
        const deaf = `process.on("SIGTERM", () => {}); require("fs").appendFileSync(${JSON.stringify(pids)},
        process.pid + "\\n"); setInterval(() => {}, 1000)`
        const program = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf)}],
        { stdio: ["ignore", "inherit", "inherit"] }); ${deaf}`.replaceAll("'", "")
        const started = yield* Effect.fork(failureFrom(node(program), { timeout: "3 seconds" }))
        const both = yield* eventually(Effect.filterOrFail(
          Effect.map(files.readFileString(pids), (text) => text.trim().split("\n").map(Number)),
          (found) => found.length === 2,
          () => "not started"
        ))
        assert.isTrue(both.every(isAlive))
        yield* TestClock.adjust("3 seconds")
        const error = yield* started
        assert(error._tag === "CredentialsUnavailable")
        assert.include(error.message, "did not end within 3 seconds and was killed")
        yield* eventually(Effect.sync(() => assert.deepStrictEqual(both.filter(isAlive), [])))
      }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("kills the program when its layer is released", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const file = yield* files.makeTempFileScoped()
      const program = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);
        require("fs").appendFileSync(${JSON.stringify(file)}, String(process.pid))`
      const waiting = yield* Effect.fork(getFrom(node(program)))
      const pid = yield* eventually(
        Effect.filterOrFail(Effect.map(files.readFileString(file), Number), (pid) => pid > 0, () => "not started")
      )
      assert.isTrue(isAlive(pid))
      yield* Fiber.interrupt(waiting)
      assert.isFalse(isAlive(pid))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("reports the exit code, and quotes no output", () =>
    Effect.gen(function*() {
      const program = `process.stdout.write("${canary}"); console.error("${canary}"); process.exitCode = 3`
      const error = yield* failureFrom(node(program, canary))
      assert(error._tag === "CredentialsRejected")
      assert.include(error.message, `${process.execPath} exited with code 3`)
      assert.strictEqual(
        error.hint,
        "Run the command in a terminal to see why; hide its output, which may hold secrets: COMMAND >/dev/null"
      )
    }))

  it.live("distinguishes a killed program from one that exited", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(
        node(`process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)`, canary)
      )
      assert(error._tag === "CredentialsUnavailable")
      assert.include(error.message, "was killed")
    }))

  it.live("rejects output that does not follow the protocol, without quoting it", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
        [canary, ["the output is not an object"]],
        [{ [canary]: "x" }, ["access_key_id is missing", "access_key_secret is missing"]],
        [{ note: canary, [canary]: canary }, [
          `${process.execPath} printed note instead of access_key_id, access_key_secret`
        ]],
        [{ ...printedKey, access_key_secret: undefined, SecretAccessKey: canary }, [
          `${process.execPath} printed SecretAccessKey instead of access_key_secret`
        ]],
        [{ ...printedKey, access_key_id: 5, access_key_secret: "" }, [
          "access_key_id is not text",
          "access_key_secret is empty"
        ]],
        [{ ...printedSession, sts_token: "" }, ["sts_token is missing"]],
        [{ ...printedSession, sts_token: "", expiration: canary }, [
          "sts_token is missing",
          "expiration is not a time such as 2030-01-01T00:00:00Z"
        ]],
        [{ ...printedSession, expiration: `tomorrow ${canary}` }, [
          "expiration is not a time such as 2030-01-01T00:00:00Z"
        ]]
      ]
      for (const [output, issues] of cases) {
        const error = yield* failureFrom(printing(output))
        assert(error._tag === "CredentialsMalformed")
        assert.sameMembers([...error.issues], [...issues])
        if (issues.some((issue) => issue.includes("instead"))) {
          assert.strictEqual(error.hint, "Make the program print access_key_id, access_key_secret and sts_token")
        }
      }
    }))

  it.live("says what the output looks like that is not JSON, without quoting it", () =>
    Effect.gen(function*() {
      const only = "Make the program print only JSON to stdout, and messages to stderr"
      const json = JSON.stringify(printedKey)
      const cases: ReadonlyArray<readonly [string, string, string]> = [
        ["", "printed nothing", "Run it in a terminal: it may need one, or a login"],
        [" \n", "printed nothing", "Run it in a terminal: it may need one, or a login"],
        [`{${canary}`, "printed not JSON (line 1, column 2)", only],
        [canary, "printed not JSON (line 1, column 1)", only],
        [`{\n  "mode": ${canary}`, "printed not JSON (line 2, column 11)", only],
        [`Hello ✓ {${canary}}\n${json}`, `printed other text before the JSON (${11 + canary.length + 2} bytes)`, only],
        [`<html>${canary}`, "printed an HTML page (a login page?)", only]
      ]
      for (const [output, issue, hint] of cases) {
        const error = yield* failureFrom(
          node(`process.stdout.write(Buffer.from("${Buffer.from(output).toString("hex")}", "hex"))`)
        )
        assert(error._tag === "CredentialsMalformed")
        assert.deepStrictEqual(error.issues, [`${process.execPath} ${issue}`])
        assert.strictEqual(error.hint, hint)
      }
    }))

  it.live("says how to find a program that is missing", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [string, string]> = [
        [`acme-keys ${canary}`, "Install acme-keys, or write its full path; check: command -v acme-keys"],
        [`/opt/acme/keys ${canary}`, "Install /opt/acme/keys, or correct its path"],
        [`~/bin/acme-keys ${canary}`, "Write the full path: nothing expands ~ here"],
        [`$HOME/bin/acme-keys ${canary}`, "Write the full path: nothing expands variables here"],
        [canary.repeat(5), "Install it, or write its full path"]
      ]
      for (const [command, hint] of cases) {
        const error = yield* failureFrom(Redacted.make(command))
        assert(error._tag === "CredentialsMisconfigured")
        assert.strictEqual(error.hint, hint)
      }
    }))

  it.live("does not run a program that another program prints", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(printing({ ...printedKey, mode: "External", process_command: canary }))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "External")
    }))

  it.live("refuses a profile that another program prints, whose key is not its credentials", () =>
    Effect.gen(function*() {
      const role = { ...printedKey, ram_role_arn: "acs:ram::1:role/r" }
      const printed: ReadonlyArray<readonly [unknown, string]> = [
        [{ ...role, mode: "RamRoleArn" }, "mode RamRoleArn"],
        [{ ...role, mode: "ramrolearn", sts_token: canary }, "mode RamRoleArn"],
        [{ mode: "ChainableRamRoleArn", source_profile: "p" }, "mode ChainableRamRoleArn"],
        [{ ...printedSession, mode: "OAuth" }, "mode OAuth"],
        [{ ...role, mode: undefined }, "ram_role_arn"],
        [{ ...role, mode: canary }, "ram_role_arn"]
      ]
      for (const [output, words] of printed) {
        const error = yield* failureFrom(printing(output))
        assert(error._tag === "CredentialsMisconfigured")
        assert.match(error.reason, / prints a profile .*, not credentials$/)
        assert.include(error.reason, words)
      }
      for (const mode of ["AK", "StsToken", undefined]) {
        const tag = mode === "AK" ? "AccessKey" : "StsToken"
        const output = mode === "AK" ? role : { ...role, sts_token: "t" }
        assert.strictEqual((yield* getFrom(printing({ ...output, mode })))._tag, tag)
      }
    }))

  it.live("rejects an expired session, with both times", () =>
    Effect.gen(function*() {
      for (const output of [printedSession, printedKey]) {
        const error = yield* failureFrom(printing({ ...output, expiration: "2020-01-02T03:04:05Z" }))
        assert(error._tag === "CredentialsExpired")
        assert.include(error.message, "2020-01-02T03:04:05.000Z")
        assert.include(error.message, DateTime.formatIsoDateUtc(yield* DateTime.now))
      }
    }))

  it.live("reports what is wrong with a command, without quoting arguments", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["", "command: names no program"],
        [`"${canary}`, "command: has an unclosed quote"],
        [`keys ${canary}\\`, "command: ends with a backslash"],
        [`keys ${canary}\0`, "command: contains a NUL character"],
        [`/no/such/program ${canary}`, "command: /no/such/program was not found"],
        [`/ ${canary}`, "command: / is not executable"],
        [`TOKEN=${canary} keys`, "command: the program was not found"],
        [`${canary.repeat(5)}`, "command: the program was not found"],
        [`${canary}xyz`, "command: the program was not found"],
        ["/opt/LTAI5tQwErTyUiOp/Zx9Cv8Bn7 --json", "command: the program was not found"],
        ["./qWkZtRmPlKbNvCxSdFgHjKlMnBvCxZ", "command: the program was not found"],
        ["/opt/tools-2.14/aws-vault.exe", "command: /opt/tools-2.14/aws-vault.exe was not found"],
        ["no-such-program-2 --json", "command: no-such-program-2 was not found"],
        ["no-such-program-of-a-long-name", "command: no-such-program-of-a-long-name was not found"]
      ]
      for (const [command, expected] of cases) {
        const error = yield* failureFrom(Redacted.make(command))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, expected)
      }
    }))

  it.live("fails with a typed error if the runtime throws for an argument", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(Redacted.make(`${process.execPath} ${canary.repeat(20_000)}`))
      assert.strictEqual(error._tag, "CredentialsUnavailable")
      assert.include(error.message, `${process.execPath} cannot be started`)
    }))

  it.effect("is disabled by the variable of the CLI", () =>
    Effect.gen(function*() {
      for (const [value, off] of [["1", true], ["true", true], ["TRUE", true], ["0", false], ["yes", false]] as const) {
        const result = yield* Effect.either(Effect.withConfigProvider(
          getFrom(printing(printedKey)),
          ConfigProvider.fromMap(new Map([["ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", value]]))
        ))
        assert.strictEqual(result._tag, off ? "Left" : "Right", value)
        if (result._tag === "Left") {
          assert.strictEqual(result.left._tag, "CredentialsMisconfigured")
          assert.include(result.left.message, "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS")
        }
      }
    }))
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("ExternalProcess with a test clock", () => {
  it.scoped("runs the program once for all concurrent callers", () =>
    Effect.gen(function*() {
      const programs = fakePrograms(Effect.delay(Effect.succeed(printedKey), "2 seconds"))
      const provider = yield* Effect.provide(
        ExternalProcess.make({ command: Redacted.make("keys") }),
        programs.layer
      )
      const waiting = yield* Effect.fork(Effect.all(Array.from({ length: 4 }, () => provider.get), { concurrency: 4 }))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* waiting).length, 4)
      assert.strictEqual((yield* Ref.get(programs.started)).length, 1)
    }))

  it.scoped("refuses more than 1 MiB of output", () =>
    Effect.gen(function*() {
      const programs = fakePrograms(Effect.succeed({ ...printedKey, note: "x".repeat(1024 * 1024) }))
      const provider = yield* Effect.provide(ExternalProcess.make({ command: Redacted.make("keys") }), programs.layer)
      assert.strictEqual((yield* Effect.flip(provider.get))._tag, "CredentialsMalformed")
    }))

  it.scoped("does not count the time that the machine slept against the time limit of the program", () =>
    Effect.gen(function*() {
      const wall = yield* settableClock
      const programs = fakePrograms(Effect.delay(Effect.succeed(printedKey), "30 seconds"))
      const provider = yield* wall.use(
        Effect.provide(ExternalProcess.make({ command: Redacted.make("keys") }), programs.layer)
      )
      const waiting = yield* Effect.fork(provider.get)
      yield* TestClock.adjust("10 seconds")
      yield* wall.move(hour)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(waiting))._tag, "AccessKey")
    }))

  it.scoped("runs it again in the background after a minute if it prints no expiration", () =>
    Effect.gen(function*() {
      const programs = fakePrograms(Effect.succeed(printedKey))
      const runs = Effect.map(Ref.get(programs.started), (all) => all.length)
      const provider = yield* Effect.provide(ExternalProcess.make({ command: Redacted.make("keys") }), programs.layer)
      yield* provider.get
      yield* TestClock.adjust("59 seconds")
      yield* provider.get
      assert.strictEqual(yield* runs, 1)
      yield* TestClock.adjust("1 second")
      yield* provider.get
      yield* settle
      assert.strictEqual(yield* runs, 2)
    }))

  it.scoped("provides no key past the expiration that the program printed", () =>
    Effect.gen(function*() {
      const output = yield* Ref.make<unknown>({ ...printedKey, expiration: "1970-01-01T01:00:00Z" })
      const programs = fakePrograms(Ref.get(output))
      const provider = yield* Effect.provide(ExternalProcess.make({ command: Redacted.make("keys") }), programs.layer)
      yield* provider.get
      yield* Ref.set(output, {})
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* provider.get)._tag, "AccessKey")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.flip(provider.get))._tag, "CredentialsMalformed")
    }))

  it.scoped("keeps backslashes on Windows, which it detects by the path separator or by a variable", () =>
    Effect.gen(function*() {
      const programs = fakePrograms(Effect.succeed(printedKey))
      const run = Effect.flatMap(
        ExternalProcess.make({ command: Redacted.make("C:\\bin\\keys a\\b") }),
        (provider) => provider.get
      ).pipe(Effect.provide(programs.layer))
      yield* Effect.provide(run, NodePath.layerWin32)
      yield* Effect.withConfigProvider(run, ConfigProvider.fromMap(new Map([["OS", "Windows_NT"]])))
      yield* Effect.provide(run, Path.layer)
      yield* Effect.withConfigProvider(run, ConfigProvider.fromMap(new Map()))
      assert.deepStrictEqual(
        yield* Ref.get(programs.started),
        [["C:\\bin\\keys", "a\\b"], ["C:\\bin\\keys", "a\\b"], ["C:binkeys", "ab"], ["C:binkeys", "ab"]]
      )
    }))
})

describe("ExternalProcess.layerConfig", () => {
  it.effect("reads its options from Config", () =>
    Effect.gen(function*() {
      const programs = fakePrograms(Effect.succeed(printedSession))
      const credentials = yield* CredentialProvider.get.pipe(
        Effect.provide(Layer.provide(
          ExternalProcess.layerConfig({ command: Config.redacted("KEYS"), timeout: Config.duration("WAIT") }),
          programs.layer
        )),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["KEYS", "keys --json"], ["WAIT", "3 seconds"]])))
      )
      assert.strictEqual(credentials._tag, "StsToken")
      assert.deepStrictEqual(yield* Ref.get(programs.started), [["keys", "--json"]])
    }))
})
