import { Command, FileSystem, HttpClient, Path } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Config, Deferred, Effect, Either, Fiber, Layer, Logger, Metric, Redacted } from "effect"
import {
  CliProfile,
  CredentialChain,
  CredentialError,
  CredentialProvider,
  Credentials,
  CredentialsUri,
  DefaultChain,
  EcsRamRole,
  Environment,
  Explain,
  ExternalProcess,
  Profiles,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { whileTimePasses } from "../support/clock.ts"
import { cloudSsoFields } from "../support/configFiles.ts"
import { fakePrograms, machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { variables } from "../support/variables.ts"

const config = "/home/me/.aliyun/config.json"

const { accessKeyId, accessKeySecret } = LocalCloud.defaults

const roleProfile = {
  name: "default",
  mode: "RamRoleArn",
  access_key_id: accessKeyId,
  access_key_secret: accessKeySecret,
  ram_role_arn: "acs:ram::1234567890123456:role/local-role",
  ram_session_name: "test"
}

const withRole = { [config]: JSON.stringify({ current: "default", profiles: [roleProfile] }) }

/** How many requests a dry run sends, and how many the first `get` of a program. */
const costs = (options: Explain.Options) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    yield* whileTimePasses(Effect.exit(Effect.provide(CredentialProvider.get, DefaultChain.layer)))
    const cold = yield* cloud.count()
    const report = yield* whileTimePasses(Explain.run(DefaultChain.links, options))
    return { cold, dry: (yield* cloud.count()) - cold, report }
  }).pipe(Effect.provide(machine(memoryFiles(withRole))))

describe("a link of a dry run", () => {
  it.effect("is built anew, also if the program has built the same layer", () =>
    Effect.gen(function*() {
      const { layer: programs, started } = fakePrograms()
      const layer = ExternalProcess.layer({ command: Redacted.make("keys") })
      const explained = Effect.flatMap(
        CredentialProvider.CredentialProvider,
        () => Explain.run([{ name: "own", layer }], { offline: true })
      )
      const report = yield* Effect.provide(explained, Layer.provideMerge(layer, programs))
      assert.deepStrictEqual(yield* started, [])
      assert.deepStrictEqual(report.links.map(({ outcome }) => outcome), ["not asked"])
    }).pipe(Effect.provide(machine(memoryFiles({})))))
})

describe("the requests of a dry run", () => {
  it.effect("are those of a cold get, and the links after the winner send none", () =>
    Effect.gen(function*() {
      const { cold, dry, report } = yield* costs({})
      assert.deepStrictEqual([cold, dry], [1, 1])
      assert.deepStrictEqual(report.links.map(({ name, outcome }) => [name, outcome]), [
        ["env", "not configured"],
        ["oidc_role_arn", "not configured"],
        ["cli_profile", "used"],
        ["profile", "not configured"],
        ["ecs_ram_role", "not asked"],
        ["credential_uri", "not configured"]
      ])
      assert.deepStrictEqual(report.winner, {
        index: 2,
        link: "cli_profile",
        isCertain: true,
        found: report.links[2]?.found
      })
    }))

  it.effect("are one more with the identity", () =>
    Effect.gen(function*() {
      const { dry, report } = yield* costs({ identity: true })
      assert.strictEqual(dry, 2)
      assert.strictEqual(Either.getOrThrow(report.identity!).accountId, "1234567890123456")
    }))

  it.effect("are those of all links if all are asked", () =>
    Effect.gen(function*() {
      const { dry, report } = yield* costs({ all: true })
      // AssumeRole; token, name of the role and session of the metadata service.
      assert.strictEqual(dry, 4)
      assert.strictEqual(report.links[4]?.outcome, "works")
      assert.strictEqual(report.winner?.link, "cli_profile")
    }))

  it.effect("are none if it is offline, also with the identity", () =>
    Effect.gen(function*() {
      const { dry, report } = yield* costs({ offline: true, all: true, identity: true })
      assert.strictEqual(dry, 0)
      assert.strictEqual(report.links[2]?.reason, "would ask https://sts.aliyuncs.com")
      assert.deepStrictEqual(report.links[2]?.lookups.requests, [
        { method: "POST", address: "https://sts.aliyuncs.com", isSent: false, status: undefined, isImdsV1: false }
      ])
      assert.deepStrictEqual(report.winner, { index: 2, link: "cli_profile", isCertain: false, found: undefined })
      assert.isUndefined(report.identity)
    }))
})

const stopped = CredentialChain.link(
  "broken",
  Layer.fail(new CredentialError.CredentialsMisconfigured({ provider: "broken", reason: "because", hint: "Fix it" }))
)

const fixed = CredentialChain.link(
  "fixed",
  StaticCredentials.layerAccessKey({ accessKeyId: "LTAI5tExampleKey0001", accessKeySecret: Redacted.make("secret") })
)

describe("a dry run of other links", () => {
  it.effect("stops where the chain stops", () =>
    Effect.gen(function*() {
      const links = [stopped, CredentialChain.link("uri", CredentialsUri.layer({ uri: "http://127.0.0.1/" }))] as const
      const options = { stopWhen: CredentialChain.stopWhenConfigured }
      const report = yield* Effect.provide(Explain.run(links, options), LocalCloud.layer())
      assert.deepStrictEqual(report.links.map(({ fix, outcome, reason }) => [outcome, reason, fix]), [
        ["failed", "because", "fix it"],
        ["not asked", "would ask http://127.0.0.1", undefined]
      ])
      assert.isUndefined(report.winner)
    }))

  it.effect("takes links without names, and layers that cannot be built", () =>
    Effect.gen(function*() {
      const report = yield* Explain.run([
        Layer.effect(CredentialProvider.CredentialProvider, Effect.zipRight(Config.string("VAULT"), Effect.never)),
        Layer.effect(CredentialProvider.CredentialProvider, Effect.die("secret")),
        fixed
      ]).pipe(Effect.provide(variables({})))
      assert.deepStrictEqual(
        report.links.map(({ lookups, name, outcome, reason }) => [name, outcome, reason, lookups.variables]),
        [
          ["link 1", "not configured", "VAULT not set", [{ name: "VAULT", isSet: false }]],
          ["link 2", "failed", "defect", []],
          ["fixed", "used", "", []]
        ]
      )
      assert.strictEqual(report.winner?.found?.accessKeyId, "LTAI****0001")
    }))

  it.effect("takes a chain as a link", () =>
    Effect.gen(function*() {
      const report = yield* Explain.run([
        CredentialChain.link("inner", CredentialChain.layer([stopped, Environment.layer]))
      ])
        .pipe(Effect.provide(variables({})))
      assert.strictEqual(report.links[0].outcome, "failed")
      assert.match(report.links[0].reason, /^no credentials: broken: misconfigured \(because\); fix: fix it; /)
    }))

  it.effect("ends when it is interrupted, and closes the scope of its links", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      let closed = 0
      const hanging = Layer.scoped(
        CredentialProvider.CredentialProvider,
        Effect.acquireRelease(
          Effect.succeed({
            name: "hanging",
            get: Effect.zipRight(Deferred.succeed(started, undefined), Effect.never),
            invalidate: () => Effect.void
          }),
          () => Effect.sync(() => void (closed += 1))
        )
      )
      const fiber = yield* Effect.fork(Explain.run([hanging, fixed]))
      yield* Deferred.await(started)
      assert.isTrue((yield* Fiber.interrupt(fiber))._tag === "Failure")
      assert.strictEqual(closed, 1)
    }))

  it.effect("keeps the warnings of a link in the report, and out of the log", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const noisy = Layer.effect(
        CredentialProvider.CredentialProvider,
        Effect.as(
          Effect.zipRight(Effect.logInfo("fine"), Effect.logWarning("the certificate expires soon")),
          CredentialProvider.succeed(Credentials.AccessKey({
            provider: "noisy",
            accessKeyId: "LTAI5tExampleKey0001",
            accessKeySecret: Redacted.make("secret")
          }))
        )
      )
      const report = yield* Effect.provide(
        Explain.run([noisy]),
        Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => void logged.push(message)))
      )
      assert.deepStrictEqual(report.links[0].warnings, ["the certificate expires soon"])
      assert.deepStrictEqual(logged, [])
    }))

  it.effect("says why the identity is unknown", () =>
    Effect.gen(function*() {
      const alone = yield* Explain.run([fixed], { identity: true })
      assert.deepStrictEqual(alone.identity, Either.left("no HttpClient to ask with"))
      const refused = yield* Effect.provide(Explain.run([fixed], { identity: true }), LocalCloud.layer())
      assert.match(Either.getOrThrow(Either.flip(refused.identity!)), /InvalidAccessKeyId\.NotFound/)
    }))

  it.effect("is given the client of the context, which it watches", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const client = HttpClient.tapRequest(yield* HttpClient.HttpClient, ({ method }) =>
        Effect.sync(() => void asked.push(method)))
      const report = yield* Explain.run([EcsRamRole.layer()]).pipe(
        Effect.provideService(HttpClient.HttpClient, client)
      )
      assert.deepStrictEqual(
        report.links[0].lookups.requests.map(({ method }) =>
          method
        ),
        asked
      )
      assert.deepStrictEqual(asked, ["PUT", "GET", "GET"])
    }).pipe(Effect.provide(LocalCloud.layer())))
})

const cloudSso = { ...cloudSsoFields, name: "default" }

const login = {
  name: "default",
  mode: "OAuth",
  oauth_site_type: "CN",
  oauth_access_token: "local-oauth-access-token-0001",
  oauth_access_token_expire: 1,
  oauth_refresh_token: "local-oauth-refresh-token-0001"
}

const oauthFile = { [config]: JSON.stringify({ current: "default", profiles: [login] }) }

describe("the program that a dry run runs in", () => {
  it.effect("keeps its profiles: the dry run has a provider of its own", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const links = [CredentialChain.link("p", Profiles.get("default"))] as const
      const report = yield* Explain.run(links, { offline: true })
      assert.deepStrictEqual([report.links[0].reason, yield* cloud.count()], ["would ask https://sts.aliyuncs.com", 0])
      const credentials = yield* Effect.provide(CredentialProvider.get, Profiles.get("default"))
      assert.strictEqual(credentials._tag, "StsToken")
      // The program has the session by now, and the dry run still asks nothing.
      yield* Explain.run(links, { offline: true })
      assert.strictEqual(yield* cloud.count(), 1)
    }).pipe(Effect.provide(Layer.provideMerge(Profiles.layer(), machine(memoryFiles(withRole))))))

  it.effect("keeps the login of its profiles", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const report = yield* Explain.run([CredentialChain.link("p", Profiles.get("default"))])
      assert.deepStrictEqual([report.links[0].reason, yield* cloud.count()], ["would renew the OAuth login", 0])
    }).pipe(Effect.provide(Layer.provideMerge(Profiles.layer(), machine(memoryFiles(oauthFile))))))

  it.effect("is not asked for what its own provider has not cached", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const role = RamRoleArn.layer({ roleArn: LocalCloud.defaults.roleArn })
      const report = yield* Explain.run([role])
      assert.strictEqual(report.links[0].reason, "would ask the provider cli_profile of the context")
      assert.strictEqual(yield* cloud.count(), 0)
    }).pipe(Effect.provide(Layer.provideMerge(CliProfile.layer(), machine(memoryFiles(oauthFile))))))

  it.effect("counts no renewal of a dry run", () =>
    Effect.gen(function*() {
      const renewals = () =>
        Metric.unsafeSnapshot().flatMap(({ metricKey, metricState }) =>
          metricKey.name === "alicloud_credentials_renewals" && "count" in metricState
            ? [Number(metricState.count)]
            : []
        ).reduce((sum, count) => sum + count, 0)
      const before = renewals()
      yield* Explain.run()
      assert.strictEqual(renewals(), before)
      yield* Effect.provide(CredentialProvider.get, DefaultChain.layer)
      assert.isAbove(renewals(), before)
    }).pipe(Effect.provide(machine(memoryFiles(withRole)))))
})

const external = ExternalProcess.make({ command: Redacted.make("acme-keys") })

describe("what a dry run says", () => {
  it.effect("ends also if a source does what is refused where nothing can interrupt it", () =>
    Effect.gen(function*() {
      const asked = Layer.scoped(
        CredentialProvider.CredentialProvider,
        Effect.uninterruptible(Effect.tap(external, (provider) => provider.get))
      )
      const report = yield* Explain.run([asked])
      assert.deepStrictEqual([report.links[0].outcome, report.links[0].reason], ["not asked", "would run acme-keys"])
    }).pipe(Effect.provide(machine(memoryFiles()))))

  it.effect("does not call a session without a known expiration a lasting one", () =>
    Effect.gen(function*() {
      const report = yield* Explain.run([Environment.layer]).pipe(Effect.provide(variables({
        ALIBABA_CLOUD_ACCESS_KEY_ID: "STS.NTExampleKeyId0001",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret",
        ALIBABA_CLOUD_SECURITY_TOKEN: "token"
      })))
      assert.include(Explain.render(report), "  expiration unknown\n")
    }))

  it.effect("is not certain if a link before the winner was not asked", () =>
    Effect.gen(function*() {
      const links = [CredentialChain.link("guess", EcsRamRole.layerEnv), fixed] as const
      const report = yield* Explain.run(links, { offline: true })
      assert.deepStrictEqual([report.winner?.link, report.winner?.isCertain], ["fixed", false])
      assert.match(Explain.render(report), /^fixed is used, unless guess works: this dry run did not ask it\.\n/)
    }).pipe(Effect.provide(machine(memoryFiles()))))

  it.effect("tells links of the same name apart", () =>
    Effect.gen(function*() {
      const report = yield* Explain.run([CredentialChain.link("fixed", stopped.layer), fixed])
      assert.strictEqual(report.winner?.index, 1)
      assert.deepStrictEqual(report.findings.map(({ code }) => code), ["skipped-source", "long-lived-access-key"])
    }))

  it.effect("has the same remarks on files if side effects are allowed", () =>
    Effect.gen(function*() {
      const misspelled = { ...roleProfile, ram_session_nam: "x", kind_of_disk: "red" }
      const files = memoryFiles({ [config]: JSON.stringify({ current: "default", profiles: [misspelled] }) })
      const codes = (options: Explain.Options) =>
        Effect.map(
          Effect.provide(Explain.run(undefined, options), machine(files)),
          ({ findings }) => findings.map(({ code, severity }) => `${severity} ${code}`)
        )
      assert.deepStrictEqual(yield* codes({}), ["warning unknown-key", "info unknown-key"])
      assert.deepStrictEqual(yield* codes({ allowSideEffects: true }), yield* codes({}))
    }))

  it.effect("has no control characters of a source of your own", () =>
    Effect.gen(function*() {
      const odd = Layer.fail(new CredentialError.CredentialsUnavailable({ provider: "odd", reason: "\u001b[31m a\nb" }))
      const report = yield* Explain.run([CredentialChain.link("o\nd", odd)])
      assert.deepStrictEqual([report.links[0].name, report.links[0].reason], ["o d", " [31m a b"])
    }))

  it.effect("is a failure for a source that interrupts itself", () =>
    Effect.gen(function*() {
      const report = yield* Explain.run([Layer.effect(CredentialProvider.CredentialProvider, Effect.interrupt), fixed])
      assert.deepStrictEqual(report.links.map(({ outcome }) => outcome), ["failed", "used"])
    }))
})

/** A dry run over a real folder, with what it has left there. */
const onDisk = (profile: object, options: Explain.Options) =>
  Effect.gen(function*() {
    const home = yield* folder
    const text = JSON.stringify({ current: "default", profiles: [profile] })
    mkdirSync(join(home, ".aliyun"))
    writeFileSync(join(home, ".aliyun", "config.json"), text, { mode: 0o600 })
    const started = fakePrograms(Effect.succeed({ mode: "AK", access_key_id: "i", access_key_secret: "s" }))
    const { cloud, report } = yield* Effect.gen(function*() {
      const report = yield* Explain.run(DefaultChain.links, options)
      return { report, cloud: yield* (yield* LocalCloud.LocalCloud).requests }
    }).pipe(Effect.provide(Layer.mergeAll(
      NodeFileSystem.layer,
      Path.layer,
      started.layer,
      LocalCloud.layer(),
      variables({ HOME: home })
    )))
    return {
      report: report.links[2],
      tokens: cloud.filter(({ operation, service }) => service === "oauth" && operation === "token").length,
      programs: (yield* started.started).length,
      isChanged: readFileSync(join(home, ".aliyun", "config.json"), "utf8") !== text,
      files: readdirSync(join(home, ".aliyun"))
    }
  })

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "explain-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("side effects", () => {
  it.scopedLive("do not happen: no login is renewed, no file is written", () =>
    Effect.gen(function*() {
      const { files, isChanged, report, tokens } = yield* onDisk(login, { all: true })
      assert.deepStrictEqual({ files, isChanged, tokens }, { files: ["config.json"], isChanged: false, tokens: 0 })
      assert.deepStrictEqual([report?.outcome, report?.reason], ["not asked", "would renew the OAuth login"])
    }))

  it.scopedLive("happen to a login if they are allowed", () =>
    Effect.gen(function*() {
      const { isChanged, report, tokens } = yield* onDisk(login, { allowSideEffects: true })
      assert.deepStrictEqual({ isChanged, tokens }, { isChanged: true, tokens: 1 })
      assert.strictEqual(report?.outcome, "used")
    }))

  it.scopedLive("leave out what a valid login would store", () =>
    Effect.gen(function*() {
      const valid = { ...login, oauth_access_token_expire: 4_102_444_800 }
      const { isChanged, report, tokens } = yield* onDisk(valid, {})
      assert.deepStrictEqual({ isChanged, tokens }, { isChanged: false, tokens: 0 })
      assert.deepStrictEqual([report?.outcome, report?.warnings], ["used", []])
    }))

  it.scopedLive("leave out the session of CloudSSO, which a program stores for others", () =>
    Effect.gen(function*() {
      const dry = yield* onDisk(cloudSso, {})
      assert.deepStrictEqual([dry.report?.outcome, dry.isChanged, dry.files], ["used", false, ["config.json"]])
      const real = yield* onDisk(cloudSso, { allowSideEffects: true })
      assert.deepStrictEqual([real.report?.outcome, real.isChanged], ["used", true])
    }))

  const externalProfile = { name: "default", mode: "External", process_command: "acme-keys" }

  it.scopedLive("start no program unless they are allowed", () =>
    Effect.gen(function*() {
      const dry = yield* onDisk(externalProfile, { all: true })
      assert.deepStrictEqual([dry.programs, dry.report?.reason], [0, "would run acme-keys"])
      const real = yield* onDisk(externalProfile, { allowSideEffects: true })
      assert.deepStrictEqual([real.programs, real.report?.outcome], [1, "used"])
    }))

  it.scopedLive("of a source of your own are refused too, by the services of the context", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const mark = Layer.effect(
        CredentialProvider.CredentialProvider,
        Effect.gen(function*() {
          const files = yield* FileSystem.FileSystem
          yield* Effect.orDie(files.writeFileString(join(home, "mark"), "x"))
          return CredentialProvider.succeed(Credentials.BearerToken({ provider: "b", bearerToken: Redacted.make("t") }))
        })
      )
      const program = Layer.effect(
        CredentialProvider.CredentialProvider,
        Effect.zipRight(
          Effect.orDie(Command.exitCode(Command.make("acme-keys"))),
          Effect.succeed(CredentialProvider.succeed(
            Credentials.BearerToken({ provider: "b", bearerToken: Redacted.make("t") })
          ))
        )
      )
      const { layer, started } = fakePrograms()
      const report = yield* Effect.provide(Explain.run([mark, program]), [NodeFileSystem.layer, layer])
      assert.deepStrictEqual(report.links.map(({ outcome, reason }) => [outcome, reason]), [
        ["not asked", `would write ${join(home, "mark")}`],
        ["not asked", "would run a program"]
      ])
      assert.deepStrictEqual([readdirSync(home), yield* started], [[], []])
    }))
})
