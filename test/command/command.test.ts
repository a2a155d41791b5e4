/** The bundled file as a process of its own: against the local cloud, or without any network. */
import { afterAll, afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Explain } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import { isBuiltin } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { bundleCommand } from "../../scripts/command.ts"
import { userAgent } from "../../src/internal/wire/userAgent.ts"
import { type Machine, runFile } from "../support/programs.ts"
import { onLoopback } from "../support/server.ts"

const { accessKeyId, accessKeySecret, accountId, roleArn } = LocalCloud.defaults

let built = ""
let empty = ""
let home = ""

beforeAll(async () => {
  built = mkdtempSync(path.join(tmpdir(), "command-built-"))
  await bundleCommand(built)
  // No package and no manifest is above it.
  empty = mkdtempSync(path.join(tmpdir(), "command-empty-"))
  copyFileSync(path.join(built, "command.js"), path.join(empty, "command.js"))
  home = mkdtempSync(path.join(tmpdir(), "command-home-"))
})

afterAll(() => {
  for (const folder of [built, empty, home]) rmSync(folder, { recursive: true, force: true })
})

// Programs that are waited for synchronously keep the test runner waiting too.
afterEach(() => new Promise((resolve) => setImmediate(resolve)))

const command = (): string => path.join(empty, "command.js")

const keys = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret
}

type Variables = Readonly<Record<string, string>>

const variablesWith = (more: Variables): Variables => ({
  PATH: process.env["PATH"] ?? "",
  HOME: home,
  ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true",
  ...more
})

/** Runs it without any network that it could use. */
const run = (args: ReadonlyArray<string>, variables: Variables = keys, input = "") => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [command(), ...args], {
    encoding: "utf8",
    input,
    env: variablesWith(variables),
    timeout: 60_000
  })
  return { code: status, output: stdout, errors: stderr }
}

const cloud = Layer.fresh(onLoopback())

/** Runs it against the local cloud. */
const ask = (args: ReadonlyArray<string>, machine: Machine = { variables: keys }) =>
  runFile([command(), ...args], machine)

const written = (name: string, text: string): string => {
  const file = path.join(home, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** Runs a line of a shell in which `$CREDENTIALS` is the command. */
const inShell = (line: string, variables: Variables = keys) =>
  spawnSync("bash", ["-c", line], {
    encoding: "utf8",
    env: variablesWith({ ...variables, CREDENTIALS: `${process.execPath} ${command()}` }),
    timeout: 60_000
  })

const isInstalled = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0

describe("the file", () => {
  it("needs nothing beside it but Node.js", () => {
    assert.deepStrictEqual(readdirSync(empty), ["command.js"])
    const text = readFileSync(command(), "utf8")
    assert.isTrue(text.startsWith("#!/usr/bin/env node\n"))
    const imported = [...text.matchAll(/(?:from|import|require\()\s*"([\w@/:.-]+)"/g)].map(([, name = ""]) => name)
    assert.isNotEmpty(imported)
    assert.deepStrictEqual(imported.filter((name) => !isBuiltin(name)), [])
    const { code, errors, output } = run(["--version"])
    assert.deepStrictEqual([code, errors, output], [0, "", `${userAgent.split("/")[1]}\n`])
  })

  it("has the version of the package that it is in", () => {
    const folder = path.join(built, "package")
    mkdirSync(path.join(folder, "dist"), { recursive: true })
    copyFileSync(command(), path.join(folder, "dist/command.js"))
    const manifest = { name: "effect-alicloud-credentials", version: "4.9.9", type: "module" }
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest))
    const { stdout } = spawnSync(process.execPath, [path.join(folder, "dist/command.js"), "--version"], {
      encoding: "utf8"
    })
    assert.strictEqual(stdout, "4.9.9\n")
  })

  it("has the licenses of what is in it", () => {
    const licenses = readFileSync(path.join(built, "command.licenses.txt"), "utf8")
    for (const name of ["effect", "@effect/cli", "@effect/platform", "undici", "@noble/hashes"]) {
      assert.match(licenses, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: MIT$`, "m"))
    }
  })
})

describe("the command line", () => {
  it("has help for every subcommand, without colors in a pipe", () => {
    for (const args of [["--help"], ["explain", "--help"], ["exec", "--help"], ["--help", "env"]]) {
      const { code, errors, output } = run(args)
      assert.deepStrictEqual([code, errors], [0, ""])
      assert.include(output, "EXIT CODES")
      assert.notInclude(output, "\u001b")
      assert.isTrue(output.split("\n").every((line) => line.length <= 100), output)
    }
    assert.include(
      run(["exec", "--help"]).output,
      "alicloud-credentials exec [--profile NAME] [--role ARN] [--serve] -- PROGRAM"
    )
  })

  it("ends with 2 if it is wrong, and repeats no value", () => {
    const wrong = [
      ["bogus"],
      ["explain", "--bogus"],
      ["env", "--format", "tcsh"],
      ["exec"],
      ["exec", "true"],
      ["--wizard"],
      ["whoami", "SecretThatWasTyped1"],
      ["login-status", "--role", "SecretThatWasTyped1"],
      ["--profile", "work"]
    ]
    for (const args of wrong) {
      const { code, errors, output } = run(args)
      assert.deepStrictEqual([code, output], [2, ""], args.join(" "))
      assert.match(errors, /^alicloud-credentials: /)
      assert.notInclude(errors, "SecretThatWasTyped1")
    }
  })

  it("has completions that bash reads", () => {
    const completed = (...words: ReadonlyArray<string>) => {
      const line = `eval "$($CREDENTIALS --completions bash)"
COMP_WORDS=(alicloud-credentials ${words.join(" ")}); COMP_CWORD=${words.length}
_alicloud-credentials_bash_completions alicloud-credentials
printf '%s\\n' "\${COMPREPLY[@]}"`
      const { stderr, stdout } = inShell(line)
      assert.strictEqual(stderr, "")
      return stdout.trim().split("\n")
    }
    assert.deepStrictEqual(completed("e"), ["env", "exec", "explain"])
    assert.deepStrictEqual(completed("--w"), [""])
    assert.deepStrictEqual(completed("explain", "--o"), ["--offline"])
    assert.deepStrictEqual(completed("login-status", "--p"), ["--profile"])
    assert.deepStrictEqual(completed("env", "--format", "p"), ["powershell"])
  })

  it.skipIf(!isInstalled("zsh"))("has completions that zsh reads", () => {
    const file = written("completions.zsh", run(["--completions", "zsh"]).output)
    // A shell that believes to be on a terminal, whose last key prints what the line has become.
    const script = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -D; source '${file}'; \\
shown() { print -r -- \\"<<\\$BUFFER>>\\" }; zle -N shown; bindkey '^I' complete-word '^X' shown; print READ''Y"
zpty -r shell output '*READY*'
zpty -n -w shell "$1"$'\\t\\x18'
zpty -r shell output '*<<*>>*'
print -r -- \${\${output##*<<}%%>>*}`
    const completed = (line: string) =>
      spawnSync("zsh", ["-f", "-c", script, "zsh", `alicloud-credentials ${line}`], {
        encoding: "utf8",
        env: variablesWith({ TERM: "xterm" }),
        timeout: 60_000
      }).stdout.trim()
    assert.strictEqual(completed("login-"), "alicloud-credentials login-status")
    assert.strictEqual(completed("env --format p"), "alicloud-credentials env --format powershell")
    assert.strictEqual(completed("explain --profile work --o"), "alicloud-credentials explain --profile work --offline")
    assert.strictEqual(completed("exec --s"), "alicloud-credentials exec --serve")
    assert.strictEqual(completed("exec -- cat /dev/nul"), "alicloud-credentials exec -- cat /dev/null")
  })

  it.skipIf(!isInstalled("fish"))("has completions that fish reads", () => {
    const file = written("completions.fish", run(["--completions", "fish"]).output)
    const completed = (line: string) =>
      spawnSync("fish", ["-N", "-c", `source '${file}'; complete -C 'alicloud-credentials ${line}'`], {
        encoding: "utf8",
        env: variablesWith({}),
        timeout: 60_000
      }).stdout.trim().split("\n").map((found) => found.split("\t", 1)[0])
    assert.deepStrictEqual(completed("e"), ["env", "exec", "explain"])
    assert.deepStrictEqual(completed("--w"), [""])
    assert.deepStrictEqual(completed("env --format p"), ["powershell"])
    assert.deepStrictEqual(completed("explain --profile work --o"), ["--offline"])
    assert.deepStrictEqual(completed("exec -- cat /dev/nul"), ["/dev/null"])
  })

  it("says in one error what is wrong and how to fix it, without a stack", () => {
    const { code, errors, output } = run(["--profile", "nope", "whoami"])
    assert.deepStrictEqual([code, output], [3, ""])
    assert.match(errors, /^alicloud-credentials: profiles: misconfigured \(profile: "nope" is in neither file/)
    assert.match(errors, /\n {2}fix: correct the name, or run: aliyun configure --profile nope\n$/)
    assert.notMatch(errors, /\n\s+at /)
  })

  it("ends with 4 if a server cannot be reached", () => {
    const { code, errors } = run(["env"], { ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:1/" })
    assert.strictEqual(code, 4, errors)
  })

  it("says nothing to a reader that has gone away", () => {
    const { stderr, stdout } = inShell("$CREDENTIALS explain --json --offline | true; $CREDENTIALS --help | head -c 1")
    assert.deepStrictEqual([stderr, stdout], ["", "a"])
  })
})

describe("text from elsewhere", () => {
  const evil = "a\u001b]0;pwned\u0007\r\u009b31m\u202e\u2028"
  // eslint-disable-next-line no-control-regex
  const isObeyed = /[\0-\t\v-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

  it("does nothing to a terminal", () => {
    written(
      ".aliyun/config.json",
      JSON.stringify({
        current: evil,
        profiles: [
          { name: evil, mode: "OAuth", oauth_site_type: evil },
          { name: "b", mode: evil },
          { name: "c", mode: "AK", access_key_id: evil, access_key_secret: evil, [evil]: 1 }
        ]
      })
    )
    const variables = { ALIBABA_CLOUD_CREDENTIALS_FILE: `/no/${evil}` }
    for (
      const args of [["lint"], ["login-status"], ["explain", "--offline"], ["whoami"], ["whoami", "--profile", evil]]
    ) {
      for (const all of [args, [...args, "--json"]]) {
        const { errors, output } = run(all, variables)
        assert.notMatch(output + errors, isObeyed, all.join(" "))
      }
    }
    const { logins } = JSON.parse(run(["login-status", "--json"], {}).output) as {
      readonly logins: ReadonlyArray<{ readonly profile: string }>
    }
    assert.deepStrictEqual(logins.map(({ profile }) => profile), [evil])
    rmSync(path.join(home, ".aliyun"), { recursive: true })
    assert.notMatch(run(["exec", "--", `no${evil}`]).errors, isObeyed)
  })
})

describe("a result that cannot be written", () => {
  it.skipIf(!existsSync("/dev/full"))("is a failure, for example on a full disk", () => {
    for (const args of ["env --format dotenv", "explain --offline --json", "--help"]) {
      const { status, stderr } = inShell(`$CREDENTIALS ${args} > /dev/full`)
      assert.strictEqual(status, 74, args)
      assert.include(stderr, "the result cannot be written (ENOSPC)")
    }
  })
})

describe("explain", () => {
  it("shows the winner, as text and as JSON", () => {
    const { code, errors, output } = run(["explain"])
    assert.deepStrictEqual([code, errors], [0, ""])
    assert.match(output, /^env is used\.\n/)
    const json = run(["explain", "--json", "--offline"])
    const report = Schema.decodeUnknownSync(Schema.parseJson(Explain.Json))(json.output)
    assert.strictEqual(report.winner?.link, "env")
    assert.notInclude(output + json.output, accessKeySecret)
  })

  it("ends with 1 if no source works", () => {
    const { code, output } = run(["explain"], {})
    assert.strictEqual(code, 1)
    assert.match(output, /^No credentials: no source is configured\.\n/)
  })

  it.live("asks for the session of a role, and sends nothing offline", () =>
    Effect.gen(function*() {
      const { count } = yield* LocalCloud.LocalCloud
      const offline = yield* ask(["explain", "--offline", "--role", roleArn])
      assert.strictEqual(offline.code, 0)
      assert.strictEqual(yield* count({}), 0)
      const online = yield* ask(["explain", "--role", roleArn])
      assert.deepStrictEqual([online.code, online.errors], [0, ""])
      assert.match(online.output, /StsToken STS\.\*{4}\w{4} of ram_role_arn/)
      assert.strictEqual(yield* count({ operation: "AssumeRole" }), 1)
    }).pipe(Effect.provide(cloud)))
})

describe("whoami", () => {
  it.live("names the account, of a key, of a profile and of a role", () =>
    Effect.gen(function*() {
      const key = yield* ask(["whoami"])
      assert.deepStrictEqual([key.code, key.errors], [0, ""])
      assert.match(key.output, new RegExp(`^accountId +${accountId}\\narn +acs:ram::${accountId}:user/`))
      const files = {
        ".aliyun/config.json": JSON.stringify({
          current: "other",
          profiles: [{ name: "work", mode: "AK", access_key_id: accessKeyId, access_key_secret: accessKeySecret }]
        })
      }
      // The variables would come first in the chain.
      const wrong = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAIWrong", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "wrong" }
      const role = yield* ask(["--role", roleArn, "whoami", "--json", "--profile", "work"], { files, variables: wrong })
      assert.deepStrictEqual([role.code, role.errors], [0, ""])
      const found = JSON.parse(role.output) as Record<string, string>
      assert.deepStrictEqual([found["accountId"], found["type"]], [accountId, "AssumedRoleUser"])
      assert.strictEqual(found["provider"], "ram_role_arn/cli_profile/static_ak")
      assert.match(found["expiration"] ?? "", /^\d{4}-/)
    }).pipe(Effect.provide(cloud)))

  it.live("ends with 3 if the key is refused, and logs no secret", () =>
    Effect.gen(function*() {
      const variables = { ...keys, ALIBABA_CLOUD_ACCESS_KEY_SECRET: "NotTheSecretOfThisKey" }
      const { code, errors, output } = yield* ask(["--log-level", "all", "whoami"], { variables })
      assert.deepStrictEqual([code, output], [3, ""])
      assert.include(errors, "SignatureDoesNotMatch")
      assert.notInclude(errors, "NotTheSecretOfThisKey")
    }).pipe(Effect.provide(cloud)))
})

describe("env", () => {
  it.live("gives a shell the session of a role, with every log line on", () =>
    Effect.gen(function*() {
      const { issuedSecrets } = yield* LocalCloud.LocalCloud
      const { code, errors, output } = yield* ask(["--log-level", "all", "env", "--format", "sh", "--role", roleArn])
      assert.strictEqual(code, 0)
      const secrets = [...yield* issuedSecrets]
      assert.isNotEmpty(secrets.filter((secret) => output.includes(secret)))
      assert.deepStrictEqual(secrets.filter((secret) => errors.includes(secret)), [])
      assert.match(output, /\n# expires at \d{4}-\S+Z\n$/)
      const read = inShell("eval \"$LINES_OF\"; printf '%s' \"$ALIBABA_CLOUD_SECURITY_TOKEN\"", { LINES_OF: output })
      assert.include(secrets, read.stdout)
    }).pipe(Effect.provide(cloud)))

  it("unsets the token of another session", () => {
    const line =
      "export ALIBABA_CLOUD_SECURITY_TOKEN=stale; eval \"$($CREDENTIALS env --profile work)\"; echo \"${ALIBABA_CLOUD_SECURITY_TOKEN-none}\""
    const profile = { name: "work", mode: "AK", access_key_id: accessKeyId, access_key_secret: accessKeySecret }
    written(".aliyun/config.json", JSON.stringify({ current: "work", profiles: [profile] }))
    assert.strictEqual(inShell(line, {}).stdout, "none\n")
    rmSync(path.join(home, ".aliyun"), { recursive: true })
  })

  it("writes the format of the shell", () => {
    assert.match(run(["env"], { ...keys, SHELL: "/usr/bin/fish" }).output, /^set -gx /)
    assert.match(run(["env"], { ...keys, SHELL: "/bin/bash" }).output, /^export /)
    assert.match(run(["env", "--format", "powershell"]).output, /^\$Env:/)
    assert.strictEqual(
      run(["env", "--format", "dotenv"]).output,
      `ALIBABA_CLOUD_ACCESS_KEY_ID=${accessKeyId}\nALIBABA_CLOUD_ACCESS_KEY_SECRET=${accessKeySecret}\n`
    )
  })
})

describe("lint", () => {
  it("names the file, the field and the fix, and no value", () => {
    const file = written(
      ".aliyun/config.json",
      JSON.stringify({
        current: "work",
        profiles: [
          { name: "work", mode: "AK", access_key_id: accessKeyId, access_key_secret: accessKeySecret },
          { name: "half", mode: "AK", access_key_id: "LTAIHalfOfAPair" },
          { name: "typo", mode: "AK", access_key_id: accessKeyId, access_key_secret: accessKeySecret, sts_tokn: "x" }
        ]
      })
    )
    const ini = written(".alibabacloud/credentials.ini", "[default]\ntype = access_key\naccess_key_id = LTAIOther\n")
    const { code, errors, output } = run(["lint"], {})
    assert.deepStrictEqual([code, errors], [1, ""])
    assert.include(output, `${file}:1: profile "half": access_key_secret is missing`)
    assert.include(output, "fix: Run: aliyun configure --profile half")
    assert.include(output, "sts_tokn")
    assert.include(output, `${ini}:1: section "default": access_key_secret is missing`)
    assert.notInclude(output, "LTAIHalfOfAPair")
    assert.notInclude(output, accessKeySecret)
    assert.strictEqual(run(["lint", "--profile", "work"], {}).code, 0)
    const { findings } = JSON.parse(run(["lint", "--json"], {}).output) as { readonly findings: ReadonlyArray<unknown> }
    assert.isAbove(findings.length, 2)
    for (const folder of [".aliyun", ".alibabacloud"]) rmSync(path.join(home, folder), { recursive: true })
  })

  it("has nothing to say about a machine without configuration", () => {
    assert.deepStrictEqual(run(["lint"], {}), { code: 0, output: "Nothing to fix.\n", errors: "" })
  })
})

describe("login-status", () => {
  it("ends with 1 if a login is over, and names the command", () => {
    const login = (name: string, end: number) => ({
      name,
      mode: "CloudSSO",
      access_token: "SecretAccessToken",
      cloud_sso_access_token_expire: end
    })
    const ofRole = { name: "role", mode: "ChainableRamRoleArn", source_profile: "new" }
    const profiles = [login("old", 1_700_000_000), login("new", 9_000_000_000), ofRole, { name: "key", mode: "AK" }]
    written(".aliyun/config.json", JSON.stringify({ current: "key", profiles }))
    const all = run(["login-status"], {})
    assert.deepStrictEqual([all.code, all.errors], [1, ""])
    assert.strictEqual(
      all.output,
      "old  CloudSSO  expired  since 2023-11-14T22:13:20Z\n" +
        "     run: aliyun configure --mode CloudSSO --profile old\n" +
        "new  CloudSSO  valid    until 2255-03-14T16:00:00Z\n"
    )
    assert.strictEqual(run(["login-status", "--profile", "role"], {}).code, 0)
    assert.strictEqual(run(["login-status", "--profile", "key"], {}).output, "No profile logs in.\n")
    assert.strictEqual(run(["login-status", "--profile", "nope"], {}).code, 3)
    written(".aliyun/config.json", "{")
    assert.strictEqual(run(["login-status"], {}).code, 3)
    rmSync(path.join(home, ".aliyun"), { recursive: true })
    assert.strictEqual(run(["login-status"], {}).output, "No profile logs in.\n")
  })

  it("fails for a file that it cannot read, instead of finding no login in it", () => {
    for (const file of ["/no/such/file", home, "/dev/zero"]) {
      const variables = { ALIBABA_CLOUD_CONFIG_FILE: file }
      const { code, errors, output } = run(["login-status"], variables)
      assert.deepStrictEqual([code, output], [3, ""], file)
      assert.include(errors, file)
      assert.strictEqual(run(["lint"], variables).code, 1, file)
    }
  })
})

const until = (child: ChildProcess, text: string) =>
  Effect.async<void>((resume) => {
    let seen = ""
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      seen += chunk
      if (seen.includes(text)) resume(Effect.void)
    })
  })

const exitOf = (child: ChildProcess) =>
  Effect.async<number | null>((resume) => void child.once("exit", (code) => resume(Effect.succeed(code))))

describe("exec", () => {
  it("passes on variables, arguments, input and output, and the exit code", () => {
    const script = "cat; echo \"$ALIBABA_CLOUD_ACCESS_KEY_ID ${ALIBABA_CLOUD_PROFILE-none} $1\"; exit 7"
    const variables = { ...keys, ALIBABA_CLOUD_PROFILE: "other" }
    const { code, errors, output } = run(["exec", "--", "sh", "-c", script, "sh", "--help"], variables, "input\n")
    assert.deepStrictEqual([code, errors, output], [7, "", `input\n${accessKeyId} none --help\n`])
  })

  it("has the exit codes of a shell", () => {
    assert.strictEqual(run(["exec", "--", "/no/such/program"]).code, 127)
    assert.strictEqual(run(["exec", "--", home]).code, 126)
    assert.strictEqual(run(["exec", "--", ""]).code, 126)
    assert.strictEqual(run(["exec", "--", "sh", "-c", "kill -KILL $$"]).code, 137)
    assert.strictEqual(run(["exec", "--", "true"], {}).code, 3)
  })

  for (const [signal, code] of [["SIGTERM", 5], ["SIGINT", 6], ["SIGUSR1", 7], ["SIGUSR2", 8]] as const) {
    it.scopedLive(`gives the program ${signal}, and waits for it`, () =>
      Effect.gen(function*() {
        const script =
          "trap 'exit 5' TERM; trap 'exit 6' INT; trap 'exit 7' USR1; trap 'exit 8' USR2; echo ready; while :; do sleep 0.1; done"
        const child = yield* Effect.acquireRelease(
          Effect.sync(() =>
            spawn(process.execPath, [command(), "exec", "--", "sh", "-c", script], {
              env: variablesWith(keys),
              stdio: ["ignore", "pipe", "inherit"],
              // Without the terminal of those who run the tests.
              detached: true
            })
          ),
          killGroup
        )
        yield* until(child, "ready")
        child.kill(signal)
        assert.strictEqual(yield* exitOf(child), code)
      }))
  }
})

/** Also the program, which would go on if the test fails. */
const killGroup = ({ pid }: ChildProcess) =>
  Effect.ignore(Effect.try(() => pid === undefined ? undefined : process.kill(-pid, "SIGKILL")))

/** A service with one session, as the source. */
const session = {
  Code: "Success",
  AccessKeyId: "STS.Served",
  AccessKeySecret: "ServedSecret",
  SecurityToken: "ServedToken",
  Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "")
}

const source = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((_, response) => void response.end(JSON.stringify(session)))
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        close: () => {
          server.close()
          server.closeAllConnections()
        }
      })))
  }),
  ({ close }) => Effect.sync(close)
)

const startWith = (url: string, args: ReadonlyArray<string>) =>
  spawn(process.execPath, [command(), ...args], {
    env: variablesWith({ ALIBABA_CLOUD_CREDENTIALS_URI: url }),
    stdio: ["ignore", "pipe", "inherit"]
  })

const firstLine = (child: ChildProcess) =>
  Effect.async<string>((resume) => {
    let seen = ""
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      seen += chunk
      if (seen.includes("\n")) resume(Effect.succeed(seen.slice(0, seen.indexOf("\n"))))
    })
  })

describe("serve", () => {
  it("serves no AccessKey", () => {
    const { code, errors, output } = run(["serve"])
    assert.deepStrictEqual([code, output], [3, ""])
    assert.include(errors, "fix: add --role ARN")
    assert.strictEqual(run(["exec", "--serve", "--", "true"]).code, 3)
  })

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it.live(`gives sessions at its address until ${signal}`, () =>
      Effect.gen(function*() {
        const { url } = yield* source
        const child = startWith(url, ["serve"])
        const uri = yield* firstLine(child)
        assert.match(uri, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/)
        const answer = yield* Effect.promise(() => fetch(uri).then((response) => response.json()))
        assert.deepStrictEqual(answer, session)
        child.kill(signal)
        assert.strictEqual(yield* exitOf(child), 0)
      }).pipe(Effect.scoped))
  }

  it.live("ends at once if nobody can get its address", () =>
    Effect.gen(function*() {
      const { url } = yield* source
      const unread = startWith(url, ["serve"])
      unread.stdout?.destroy()
      assert.strictEqual(yield* exitOf(unread), 0)
      if (!existsSync("/dev/full")) return
      const full = openSync("/dev/full", "w")
      const child = spawn(process.execPath, [command(), "serve"], {
        env: variablesWith({ ALIBABA_CLOUD_CREDENTIALS_URI: url }),
        stdio: ["ignore", full, "ignore"]
      })
      closeSync(full)
      assert.strictEqual(yield* exitOf(child), 74)
    }).pipe(Effect.scoped))

  it.live("gives the program of exec an address instead of a session", () =>
    Effect.gen(function*() {
      const { url } = yield* source
      const script = `fetch(process.env.ALIBABA_CLOUD_CREDENTIALS_URI).then((answer) => answer.json()).then((found) => {
        const { ALIBABA_CLOUD_ACCESS_KEY_ID: key = null, ALIBABA_CLOUD_CREDENTIALS_URI: uri } = process.env
        console.log(JSON.stringify([found.AccessKeyId, key, uri, process.env.NO_PROXY]))
        process.exitCode = 9
      })`
      const child = startWith(url, ["exec", "--serve", "--", process.execPath, "-e", script])
      const exit = yield* Effect.fork(exitOf(child))
      const [accessKey, key, uri, direct] = JSON.parse(yield* firstLine(child)) as ReadonlyArray<unknown>
      assert.deepStrictEqual([accessKey, key, direct], ["STS.Served", null, "127.0.0.1"])
      assert.notStrictEqual(uri, url)
      assert.strictEqual(yield* exit, 9)
    }).pipe(Effect.scoped))
})

/** A program that runs another one on a terminal of its own, where it is installed. */
const hasTerminals = spawnSync("script", ["--version"]).status === 0

const onTerminal = (line: string, variables: Variables, input: "ignore" | "pipe" = "ignore") =>
  spawn("script", ["-qec", line, "/dev/null"], {
    env: variablesWith({ TERM: "xterm", ...variables, CREDENTIALS: `${process.execPath} ${command()}` }),
    stdio: [input, "pipe", "inherit"]
  })

const outputOf = (child: ChildProcess) =>
  Effect.async<string>((resume) => {
    let output = ""
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk
    })
    child.once("close", () => resume(Effect.succeed(output)))
  })

/** A credentials URI whose answer waits. */
const slowServer = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly answer: () => void; readonly close: () => void }>((resume) => {
    const waiting: Array<ServerResponse> = []
    let isOpen = false
    const end = (response: ServerResponse) => void response.writeHead(404).end()
    const server = createServer((_, response) => isOpen ? end(response) : void waiting.push(response))
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        answer: () => {
          isOpen = true
          waiting.forEach(end)
        },
        close: () => {
          server.close()
          server.closeAllConnections()
        }
      })))
  }),
  ({ close }) => Effect.sync(close)
)

describe.skipIf(!hasTerminals)("on a terminal", () => {
  it.live("it has colors, unless NO_COLOR is set, and warns about secrets on the screen", () =>
    Effect.gen(function*() {
      const shown = yield* outputOf(onTerminal("$CREDENTIALS explain --offline; $CREDENTIALS env", keys))
      assert.include(shown, "\u001b[")
      assert.include(shown, "warning: these lines are secrets")
      const plain = yield* outputOf(onTerminal("$CREDENTIALS explain --offline; $CREDENTIALS --help", {
        ...keys,
        NO_COLOR: "1"
      }))
      assert.notInclude(plain, "\u001b[")
      const piped = yield* outputOf(onTerminal("$CREDENTIALS explain --offline | cat; $CREDENTIALS env | cat", keys))
      assert.notInclude(piped, "\u001b[")
      assert.notInclude(piped, "warning: these lines")
    }))

  it.live("its Ctrl-C is not sent to the program of exec again, also if the input is a file", () =>
    Effect.gen(function*() {
      const script = path.join(home, "count.cjs")
      writeFileSync(
        script,
        "let hits = 0; process.on('SIGINT', () => hits++); setTimeout(() => console.log('hits=' + hits), 1500); console.log('ready')"
      )
      for (const input of ["", " < /dev/null"]) {
        // In a session of its own, it gets from the terminal nothing but what exec passes on.
        const line = `$CREDENTIALS exec -- setsid ${process.execPath} ${script}${input}; true`
        const child = onTerminal(line, keys, "pipe")
        const output = yield* Effect.fork(outputOf(child))
        yield* until(child, "ready")
        child.stdin?.write("\u0003")
        assert.include(yield* output, "hits=0", input)
      }
    }))

  it.live("it shows that lint of many profiles is not done yet", () =>
    Effect.gen(function*() {
      // No machine checks them within the second that passes before the line.
      const profiles = Array.from({ length: 20_000 }, (_, index) => ({ name: `p${index}`, mode: "AK" }))
      const file = written("many.json", JSON.stringify({ current: "p0", profiles }))
      const child = onTerminal("exec $CREDENTIALS lint", { ALIBABA_CLOUD_CONFIG_FILE: file })
      yield* until(child, "working ...")
      child.kill("SIGTERM")
      yield* outputOf(child)
    }))

  it.live("it shows what it waits for, and removes that again", () =>
    Effect.gen(function*() {
      const { answer, url } = yield* slowServer
      const child = onTerminal("$CREDENTIALS explain", { ALIBABA_CLOUD_CREDENTIALS_URI: url })
      const output = yield* Effect.fork(outputOf(child))
      yield* until(child, `asking ${new URL(url).host} ...`)
      answer()
      const shown = yield* output
      assert.include(shown, "\r\u001b[K")
    }).pipe(Effect.scoped))
})
