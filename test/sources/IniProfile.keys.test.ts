/**
 * Keys of an INI section that other tools document, and keys that nobody knows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, LogLevel, TestClock } from "effect"
import { type CredentialError, CredentialProvider, DefaultChain, IniProfile } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed, settle } from "../support/clock.ts"
import { always, defaults } from "../support/cloud.ts"
import { canary } from "../support/leaks.ts"
import { logs } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { renderValue } from "../support/renderings.ts"

const iniPath = "/home/me/.alibabacloud/credentials.ini"
const keyLines = `access_key_id=${defaults.accessKeyId}\naccess_key_secret=${defaults.accessKeySecret}`
const roleLines = `type=ram_role_arn\n${keyLines}\nrole_arn=${defaults.roleArn}`
const place = `${iniPath}:1: section "default"`

const fileOf = (keys: string) => memoryFiles({ [iniPath]: `[default]\n${keys}\n` })

const getSection = (keys: string) =>
  Effect.flatMap(IniProfile.make(), (provider) => provider.get).pipe(
    Effect.scoped,
    Effect.provide(machine(fileOf(keys)))
  )

const reasonOf = (keys: string) =>
  Effect.map(Effect.flip(getSection(keys)), (error: CredentialError.CredentialError) => {
    assert.notInclude(renderValue(error), canary)
    assert(error._tag === "CredentialsMisconfigured")
    assert.strictEqual(error.at, place)
    return error.reason
  })

/** What is logged while credentials are given. */
const logged = (keys: string, level = LogLevel.Warning) =>
  Effect.suspend(() => {
    const { layer, lines } = logs(level)
    return Effect.map(Effect.provide(getSection(keys), layer), () => {
      assert.notInclude(lines.join("\n"), canary)
      return lines
    })
  })

// The example in the documents of the PHP client, but for the values.
const phpLines = `enable = true
type = access_key
access_key_id = ${defaults.accessKeyId}
access_key_secret = ${defaults.accessKeySecret}
region_id = cn-hangzhou
debug = true
timeout = 0.2
connect_Timeout = 0.03
cert_file = /path/server.pem
cert_password = ${canary}
proxy = tcp://${canary}@localhost:8125
proxy_http = tcp://localhost:8125
proxy_https = tcp://localhost:9124
proxy_no = .mit.edu,foo.com`

describe("a proxy in an INI section", () => {
  for (const type of ["access_key", "sts\nsecurity_token=t", "bearer\nbearer_token=t"]) {
    it.effect(`is ignored by type ${type.split("\n")[0]}, which makes no requests, with a debug line`, () =>
      Effect.gen(function*() {
        const lines = yield* logged(`type=${type}\n${keyLines}\nproxy=http://${canary}@proxy`, LogLevel.Debug)
        const ignored = lines.filter((line) => line.includes("proxy"))
        assert.lengthOf(ignored, 1)
        assert.match(ignored[0] ?? "", /^DEBUG .*type \w+ does not use: .*proxy$/)
      }))
  }

  it.effect("is refused by types that make requests, since it names a route", () =>
    Effect.gen(function*() {
      const types = [roleLines, "type=ecs_ram_role", `type=credentials_uri\ncredentials_uri=${defaults.credentialsUri}`]
      for (const type of types) {
        for (const key of ["proxy", "proxy_http", "proxy_https"]) {
          assert.include(
            yield* reasonOf(`${type}\n${key}=http://${canary}@proxy`),
            `${key} is not supported: configure it in the HTTP client of the program`
          )
        }
      }
    }))

  it.effect("does not make the default chain sign as another identity", () =>
    Effect.gen(function*() {
      const credentials = yield* CredentialProvider.get
      assert.strictEqual(credentials.provider, "profile/static_ak")
    }).pipe(Effect.provide(Layer.provideMerge(DefaultChain.layer, machine(fileOf(phpLines))))))

  it.effect("and the other keys that PHP documents are no reason for a warning", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged(phpLines), [])
    }))
})

describe("a time limit in an INI section", () => {
  /** How long the provider waits for a server that does not answer, in milliseconds. */
  const waitOf = (lines: string) =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* cloud.fault({ service: "uri", kind: "silent", ...always })
      const provider = yield* IniProfile.make()
      const { millis } = yield* elapsed(Effect.flip(provider.get))
      return millis
    }).pipe(
      Effect.scoped,
      Effect.provide(machine(fileOf(`type=credentials_uri\ncredentials_uri=${defaults.credentialsUri}\n${lines}`)))
    )

  for (
    const [lines, millis] of [
      ["timeout=200\nconnect_timeout=300", 500],
      ["timeout=0.2\nconnect_timeout=0.3", 500],
      ["timeout=2\nconnect_timeout=1500", 3500],
      ["read_timeout=100\nconnect_timeout=99", 99_100]
    ] as const
  ) {
    it.effect(`is ${millis} ms for ${lines.replace("\n", " and ")}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* waitOf(lines), millis)
      }))
  }

  for (const value of ["0", "-1", "100.5", "5s", "Infinity", "NaN"]) {
    it.effect(`is refused with the units for ${value}`, () =>
      Effect.gen(function*() {
        const words = "takes milliseconds, a whole number from 100, or seconds, less than 100"
        assert.strictEqual(
          yield* reasonOf(`type=ecs_ram_role\ntimeout=${value}\nconnect_timeout=${value}`),
          `timeout ${words}; connect_timeout ${words}`
        )
      }))
  }
})

describe("the region of STS in an INI section", () => {
  it.effect("cannot be two", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* reasonOf(`${roleLines}\nsts_region=cn-beijing\nsts_region_id=cn-hangzhou`),
        "sts_region and sts_region_id differ"
      )
    }))
})

describe("a key that nobody knows", () => {
  it.effect("is a warning that suggests the nearest known key", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged(`${roleLines}\npolciy={"Statement": []}`), [
        `WARN ${place}: unknown keys are ignored: polciy (did you mean policy?)`
      ])
    }))

  it.effect("is shown without a suggestion if no known key is near, and only if it is a word", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged(`type=access_key\n${keyLines}\nflavor=x\n${canary}=y`), [
        `WARN ${place}: unknown keys are ignored: flavor, a name that cannot be shown`
      ])
    }))

  it.effect("is named by the error if the known key is missing", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* reasonOf(`type=access_key\nacces_key_id=${canary}\naccess_key_secret=${canary}\nflavor=x`),
        "access_key_id is missing; acces_key_id is unknown"
      )
    }))

  it.effect("is reported once for each version of the file", () =>
    Effect.gen(function*() {
      const files = fileOf(`type=ecs_ram_role\nrolename=${defaults.instanceRole}`)
      const { layer, lines } = logs(LogLevel.Warning)
      yield* Effect.gen(function*() {
        const provider = yield* IniProfile.make()
        const cloud = yield* LocalCloud.LocalCloud
        yield* provider.get
        yield* provider.get
        files.write(iniPath, `[default]\ntype=ecs_ram_role\nrole_name=none\nrolename=x\n`)
        yield* cloud.fault({ service: "imds", kind: "status", status: 404, ...always })
        for (let minute = 0; minute < 4; minute++) {
          yield* TestClock.adjust("1 minute")
          yield* provider.get
          yield* settle
        }
      }).pipe(Effect.scoped, Effect.provide(Layer.merge(machine(files), layer)))
      const warnings = lines.filter((line) => line.includes("unknown keys"))
      assert.deepStrictEqual(warnings, [warnings[0], warnings[0]])
      assert.include(warnings[0], "rolename (did you mean role_name?)")
    }))
})
