import { FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import {
  Config,
  ConfigProvider,
  DateTime,
  Effect,
  Fiber,
  Layer,
  Option,
  Redacted,
  Ref,
  Schedule,
  TestClock
} from "effect"
import {
  type CredentialError,
  CredentialProvider,
  type Credentials,
  ExternalProcess
} from "effect-alicloud-credentials"
import { canary } from "../support/leaks.ts"
import { fakePrograms } from "../support/machine.ts"
import { renderValue } from "../support/renderings.ts"

/** A command line that runs a program of Node, with arguments of its own. */
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

/** The error, after a look for secrets in it. */
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

  it.live("reads a session with its end", () =>
    Effect.gen(function*() {
      const credentials = yield* getFrom(printing({ ...printedSession, expiration: "2100-01-02T03:04:05Z" }))
      assert(credentials._tag === "StsToken")
      assert.strictEqual(Redacted.value(credentials.securityToken), printedSession.sts_token)
      assert.deepStrictEqual(
        Option.map(credentials.expiration, DateTime.formatIso),
        Option.some("2100-01-02T03:04:05.000Z")
      )
    }))

  it.live("goes by the token, whatever the mode", () =>
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

  it.live("hands every argument over as it is, without a shell", () =>
    Effect.gen(function*() {
      const program = `const [access_key_id, access_key_secret] = process.argv.slice(1);
        process.stdout.write(JSON.stringify({ access_key_id, access_key_secret }))`
      const credentials = yield* getFrom(node(program, "$HOME `id` *", "a \"b\" \\ ; | > # ~"))
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.accessKeyId, "$HOME `id` *")
      assert.strictEqual(Redacted.value(credentials.accessKeySecret), "a \"b\" \\ ; | > # ~")
    }))

  it.live("gives the program its environment, and an input that ends at once", () =>
    Effect.gen(function*() {
      const program = `process.stdin.resume(); process.stdin.on("end", () =>
        process.stdout.write(JSON.stringify({ access_key_id: process.env.PATH, access_key_secret: "x" })))`
      const credentials = yield* getFrom(node(program), { timeout: "10 seconds" })
      assert(credentials._tag === "AccessKey")
      assert.strictEqual(credentials.accessKeyId, process.env["PATH"])
    }))

  it.live("reads more than a pipe holds, with as much on the error output", () =>
    Effect.gen(function*() {
      const program = `process.stderr.write("${canary}".repeat(20000)); process.stdout.write(JSON.stringify({
        ...${JSON.stringify(printedKey)}, note: "x".repeat(500000) }))`
      assert.strictEqual((yield* getFrom(node(program), { timeout: "20 seconds" }))._tag, "AccessKey")
    }))

  it.live("stops a program that prints without end", () =>
    Effect.gen(function*() {
      const program = `const more = () => process.stdout.write("${canary}".repeat(5000), more); more()`
      const error = yield* failureFrom(node(program), { timeout: "20 seconds" })
      assert(error._tag === "CredentialsMalformed")
      assert.deepStrictEqual(error.issues, ["the output is larger than 1 MiB"])
    }))

  it.scopedLive(
    "kills the program and its children when time is over, however deaf they are",
    () =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const pids = yield* files.makeTempFileScoped()
        const deaf = `process.on("SIGTERM", () => {}); require("fs").appendFileSync(${JSON.stringify(pids)},
        process.pid + "\\n"); setInterval(() => {}, 1000)`
        const program = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf)}],
        { stdio: ["ignore", "inherit", "inherit"] }); ${deaf}`.replaceAll("'", "")
        const started = yield* Effect.fork(failureFrom(node(program), { timeout: "3 seconds" }))
        const both = yield* eventually(
          Effect.map(files.readFileString(pids), (text) => text.trim().split("\n").map(Number)),
          (found) => found.length === 2
        )
        assert.isTrue(both.every(isAlive))
        const error = yield* started
        assert(error._tag === "CredentialsUnavailable")
        assert.include(error.message, "did not end within 3000 ms and was killed")
        yield* eventually(Effect.sync(() => both.filter(isAlive)), (alive) => alive.length === 0)
      }).pipe(Effect.provide(NodeContext.layer)),
    15_000
  )

  it.scopedLive("kills the program when its layer is closed", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const file = yield* files.makeTempFileScoped()
      const program = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);
        require("fs").appendFileSync(${JSON.stringify(file)}, String(process.pid))`
      const waiting = yield* Effect.fork(getFrom(node(program)))
      const pid = yield* eventually(Effect.map(files.readFileString(file), Number), (pid) => pid > 0)
      assert.isTrue(isAlive(pid))
      yield* Fiber.interrupt(waiting)
      assert.isFalse(isAlive(pid))
    }).pipe(Effect.provide(NodeContext.layer)))

  it.live("names the exit code, and nothing that the program said", () =>
    Effect.gen(function*() {
      const program = `process.stdout.write("${canary}"); console.error("${canary}"); process.exitCode = 3`
      const error = yield* failureFrom(node(program, canary))
      assert(error._tag === "CredentialsRejected")
      assert.include(error.message, `${process.execPath} ended with exit code 3`)
    }))

  it.live("tells a program that was killed from one that ended", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(
        node(`process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)`, canary)
      )
      assert(error._tag === "CredentialsUnavailable")
      assert.include(error.message, "was killed")
    }))

  it.live("refuses what is not the output of the protocol, without quoting it", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
        [canary, ["the output is not an object"]],
        [{ note: canary }, ["access_key_id is missing", "access_key_secret is missing"]],
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
      }
      const text = yield* failureFrom(node(`process.stdout.write("{${canary}")`))
      assert(text._tag === "CredentialsMalformed")
      assert.deepStrictEqual(text.issues, ["the output is not JSON"])
    }), 15_000)

  it.live("refuses to run a program that a program names", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(printing({ ...printedKey, mode: "External", process_command: canary }))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "External")
    }))

  it.live("refuses what has already ended, with both times", () =>
    Effect.gen(function*() {
      for (const output of [printedSession, printedKey]) {
        const error = yield* failureFrom(printing({ ...output, expiration: "2020-01-02T03:04:05Z" }))
        assert(error._tag === "CredentialsExpired")
        assert.include(error.message, "2020-01-02T03:04:05.000Z")
        assert.include(error.message, DateTime.formatIsoDateUtc(yield* DateTime.now))
      }
    }))

  it.live("says what is wrong with a command", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["", "command: names no program"],
        [`"${canary}`, "command: has a quote that is not closed"],
        [`keys ${canary}\\`, "command: ends with a backslash"],
        [`keys ${canary}\0`, "command: holds a NUL character"],
        [`/no/such/program ${canary}`, "command: /no/such/program is not there"],
        [`/ ${canary}`, "command: / may not be run"],
        [`TOKEN=${canary} keys`, "command: the program is not there"],
        [`${canary.repeat(5)}`, "command: the program is not there"],
        [`${canary}xyz`, "command: the program is not there"],
        ["/opt/LTAI5tQwErTyUiOp/Zx9Cv8Bn7 --json", "command: the program is not there"],
        ["./qWkZtRmPlKbNvCxSdFgHjKlMnBvCxZ", "command: the program is not there"],
        ["/opt/tools-2.14/aws-vault.exe", "command: /opt/tools-2.14/aws-vault.exe is not there"],
        ["no-such-program-2 --json", "command: no-such-program-2 is not there"],
        ["no-such-program-of-a-long-name", "command: no-such-program-of-a-long-name is not there"]
      ]
      for (const [command, expected] of cases) {
        const error = yield* failureFrom(Redacted.make(command))
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, expected)
      }
    }))

  it.live("survives a runtime that throws at an argument", () =>
    Effect.gen(function*() {
      const error = yield* failureFrom(Redacted.make(`${process.execPath} ${canary.repeat(20_000)}`))
      assert.strictEqual(error._tag, "CredentialsUnavailable")
      assert.include(error.message, `${process.execPath} cannot be started`)
    }))

  it.effect("is switched off by the variable of the CLI", () =>
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

const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (a: A) => boolean) =>
  effect.pipe(
    Effect.filterOrFail(until),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeout("10 seconds")
  )

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("ExternalProcess under a clock", () => {
  it.scoped("runs one program for however many ask", () =>
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

  it.scoped("runs it again in the background after a minute when it said no end", () =>
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
      yield* TestClock.adjust("0 seconds")
      assert.strictEqual(yield* runs, 2)
    }))

  it.scoped("hands out no key past the end that the program gave it", () =>
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

  it.scoped("keeps a backslash on Windows, by the paths or by the variable", () =>
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
  it.effect("takes its options from configuration of one's own", () =>
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
