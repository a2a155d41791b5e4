/**
 * Changes of the file while it is in use.
 */
import { FileSystem, HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, LogLevel, TestClock } from "effect"
import { CliProfile, type Credentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { ak } from "../support/cliProfile.ts"
import { defaults, withCloud } from "../support/cloud.ts"
import {
  cloudSsoFields,
  configOf,
  type Fields,
  keyFields,
  oauthFields,
  pathIn,
  profileIn,
  readConfig,
  roleFields,
  withHome,
  writeConfig
} from "../support/configFiles.ts"
import { idOf } from "../support/credentials.ts"
import { faultyFiles } from "../support/faultyFiles.ts"
import { logs } from "../support/logs.ts"
import { watchedFiles } from "../support/watchedFiles.ts"

/** What the programs of these tests print. */
const printed = {
  mode: "StsToken",
  access_key_id: "STS.New",
  access_key_secret: "s",
  sts_token: "t",
  expiration: "2100-01-01T00:00:00Z"
}

describe("a change of the file", () => {
  const rewrite = (home: string, ...profiles: ReadonlyArray<Fields>) => writeConfig(home, configOf(profiles))

  /** Runs with a home folder. `idle` waits until work in the background is finished. */
  const withFiles = <A, E, R>(use: (home: string, idle: Effect.Effect<void>) => Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const files = watchedFiles()
      return withHome((home) => Effect.provide(use(home, files.idle), files.layer))
    }).pipe(withCloud)

  it.scoped("is noticed within a minute, and no get waits for it", () =>
    withFiles((home, idle) =>
      Effect.gen(function*() {
        yield* rewrite(home, ak("p", "first"))
        const provider = yield* CliProfile.make()
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* rewrite(home, ak("p", "second"))
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* idle
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(idOf(yield* provider.get), "first", "the cached credentials, while the file is read")
        yield* idle
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ))

  it.scoped("is noticed at once after a server refused the credentials", () =>
    withFiles((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, ak("p", "first"))
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        yield* rewrite(home, ak("p", "second"))
        yield* provider.invalidate({ ...first, accessKeyId: "another" } as Credentials.Credentials)
        assert.strictEqual(idOf(yield* provider.get), "first")
        yield* provider.invalidate(first)
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ))

  it.scoped("is noticed at once if there are no credentials", () =>
    withFiles((home) =>
      Effect.gen(function*() {
        yield* rewrite(home, { name: "p", mode: "Anonymous" })
        const provider = yield* CliProfile.make()
        yield* Effect.flip(provider.get)
        yield* rewrite(home, ak("p", "second"))
        assert.strictEqual(idOf(yield* provider.get), "second")
      })
    ))

  it.scoped.each<[string, string]>([
    ["makes it invalid", "{ \"current\": }"],
    ["removes the profile", configOf([ak("other")], "p")],
    [
      "makes the servers refuse it",
      configOf([{ name: "p", mode: "RamRoleArn", ...keyFields, ...roleFields, access_key_secret: "wrong" }])
    ]
  ])(
    "that %s keeps the cached credentials in use, with one warning",
    ([, text]) =>
      withFiles((home, idle) =>
        Effect.gen(function*() {
          yield* rewrite(home, ak("p", "first"))
          const { layer, lines } = logs(LogLevel.Warning)
          const provider = yield* Effect.provide(CliProfile.make(), layer)
          const first = yield* provider.get
          yield* writeConfig(home, text)
          for (let minute = 0; minute < 3; minute++) {
            yield* TestClock.adjust("1 minute")
            assert.strictEqual(yield* provider.get, first)
            yield* idle
          }
          assert.lengthOf(lines, 1)
          assert.match(
            lines[0] ?? "",
            /^WARN the file was changed and does not work now; the cached credentials stay in use: cli_profile/
          )
          yield* rewrite(home, ak("p", "third"))
          yield* TestClock.adjust("1 minute")
          yield* provider.get
          yield* idle
          assert.strictEqual(idOf(yield* provider.get), "third")
        })
      )
  )

  it.scoped("of another profile, or by this program itself, builds no new provider", () =>
    withFiles((home, idle) =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        const login = { name: "o", ...oauthFields }
        const top = { name: "p", mode: "ChainableRamRoleArn", ...roleFields, source_profile: "o" }
        yield* rewrite(home, top, login)
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        assert.strictEqual(yield* cloud.count(), 3)
        const stored = profileIn(yield* readConfig(home), "o") ?? {}
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* idle
        yield* rewrite(home, top, ak("another"), stored)
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* idle
        assert.strictEqual(yield* provider.get, first)
        assert.strictEqual(yield* cloud.count(), 3)
      })
    ))

  it.scoped("that is a new login is used", () =>
    withFiles((home, idle) =>
      Effect.gen(function*() {
        const login = { name: "o", ...oauthFields }
        yield* rewrite(home, login)
        const provider = yield* CliProfile.make()
        yield* provider.get
        const stored = profileIn(yield* readConfig(home), "o") ?? {}
        yield* rewrite(home, { ...stored, access_key_id: "STS.New", sts_expiration: 7200 })
        yield* TestClock.adjust("1 minute")
        yield* provider.get
        yield* idle
        assert.strictEqual(idOf(yield* provider.get), "STS.New")
      })
    ))
})

describe("a profile that another program changes", () => {
  const oauth: Fields = { name: "o", ...oauthFields }
  const cloudSso: Fields = { name: "s", ...cloudSsoFields }
  const session = { access_key_id: "STS.Old", access_key_secret: "s", sts_token: "t", sts_expiration: 7200 }

  /** Replaces the profile right before a request to this path is sent. */
  const changing = (home: string, path: string, next: Fields) =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const write = Effect.orDie(files.writeFileString(pathIn(home), configOf([next])))
      return HttpClient.tapRequest(yield* HttpClient.HttpClient, (request) =>
        request.url.endsWith(path) ? write : Effect.void)
    })

  it.scoped.each<[string, string, Fields, Fields]>([
    ["another login", "/v1/token", oauth, { ...oauth, oauth_refresh_token: "of-bob" }],
    ["another login", "/v1/exchange", oauth, { ...oauth, oauth_refresh_token: "of-bob", ...session }],
    ["another site", "/v1/token", oauth, { ...oauth, oauth_site_type: "INTL" }],
    ["another account", "/cloud-credentials", cloudSso, { ...cloudSso, cloud_sso_account_id: "456" }],
    ["another access token", "/cloud-credentials", cloudSso, { ...cloudSso, access_token: "of-bob" }]
  ])("keeps %s that was written during %s", ([, path, before, after]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const { layer, lines } = logs(LogLevel.Warning)
        yield* writeConfig(home, configOf([before]))
        const http = yield* changing(home, path, after)
        const credentials = yield* Effect.flatMap(CliProfile.make(), ({ get }) => get).pipe(
          Effect.provideService(HttpClient.HttpClient, http),
          Effect.provide(layer)
        )
        assert.strictEqual(credentials._tag, "StsToken")
        assert.strictEqual(yield* readConfig(home), configOf([after]))
        assert.isAbove(lines.length, 0)
        assert.match(lines[0] ?? "", /config\.json: profile "[os]" was changed by another program/)
      })
    ).pipe(withCloud))

  it.scoped("gets the renewed login, and keeps the other changed fields", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([oauth]))
        const http = yield* changing(home, "/v1/token", { ...oauth, region_id: "cn-beijing" })
        yield* Effect.provideService(
          Effect.flatMap(CliProfile.make(), ({ get }) => get),
          HttpClient.HttpClient,
          http
        )
        const profile = profileIn(yield* readConfig(home), "o") ?? {}
        assert.strictEqual(profile["region_id"], "cn-beijing")
        assert.notStrictEqual(profile["oauth_refresh_token"], defaults.oauthRefreshToken)
        assert.match(String(profile["access_key_id"]), /^STS/)
      })
    ).pipe(withCloud))

  it.scoped.each<[string, Fields, Fields]>([
    ["account", { ...cloudSso, cloud_sso_account_id: "456", ...session }, cloudSso],
    ["access configuration", { ...cloudSso, cloud_sso_access_config: "ac-other", ...session }, cloudSso],
    ["login of CloudSSO", { ...cloudSso, access_token: "other", ...session }, cloudSso],
    ["login of OAuth", { ...oauth, oauth_refresh_token: "other", ...session }, oauth],
    [
      "command",
      { name: "e", mode: "External", process_command: "false", ...session },
      { name: "e", mode: "External", process_command: "cat printed.json" }
    ]
  ])("gives no session of another %s", ([, before, after]) =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${home}/printed.json`, JSON.stringify(printed))
        const command = after["process_command"] === undefined ? {} : { process_command: `cat ${home}/printed.json` }
        yield* writeConfig(home, configOf([before]))
        const provider = yield* CliProfile.make()
        const first = yield* provider.get
        assert.strictEqual(idOf(first), "STS.Old")
        yield* writeConfig(home, configOf([{ ...after, ...session, ...command }]))
        yield* provider.invalidate(first)
        const second = idOf(yield* provider.get)
        assert.notStrictEqual(second, "STS.Old")
        assert.strictEqual(profileIn(yield* readConfig(home), String(after["name"]))?.["access_key_id"], second)
      })
    ).pipe(withCloud))

  it.scoped("is read again if it was replaced right before the write", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([oauth]))
        let replaced = 0
        const files = faultyFiles((real) => ({
          open: (path, options) => {
            if (!path.endsWith(".tmp") || replaced >= 2) return real.open(path, options)
            replaced += 1
            const add = Effect.flatMap(real.readFileString(pathIn(home)), (text) => {
              const { profiles } = JSON.parse(text) as { readonly profiles: ReadonlyArray<Fields> }
              return real.writeFileString(pathIn(home), configOf([...profiles, ak(`added ${replaced}`)]))
            })
            return Effect.zipRight(add, real.open(path, options))
          }
        }))
        yield* Effect.provide(Effect.flatMap(CliProfile.make(), ({ get }) => get), files)
        const text = yield* readConfig(home)
        assert.isDefined(profileIn(text, "added 1"))
        assert.isDefined(profileIn(text, "added 2"))
        const profile = profileIn(text, "o") ?? {}
        assert.notStrictEqual(profile["oauth_refresh_token"], defaults.oauthRefreshToken)
        assert.match(String(profile["access_key_id"]), /^STS/)
        const real = yield* FileSystem.FileSystem
        assert.deepStrictEqual(yield* real.readDirectory(`${home}/.aliyun`), ["config.json"])
      })
    ).pipe(withCloud))

  it.live("is not waited for by the session of a program that another process has the lock of", () =>
    withHome((home) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${home}/printed.json`, JSON.stringify(printed))
        yield* writeConfig(
          home,
          configOf([{ name: "e", mode: "External", process_command: `cat ${home}/printed.json` }])
        )
        yield* files.writeFileString(`${pathIn(home)}.lock`, "another")
        yield* Effect.scoped(Effect.gen(function*() {
          const provider = yield* CliProfile.make()
          assert.strictEqual(idOf(yield* provider.get), "STS.New")
        }))
        // A lock that is not let go is not taken away before ten seconds.
        assert.strictEqual(yield* files.readFileString(`${pathIn(home)}.lock`), "another")
      })
    ).pipe(withCloud))

  it.scoped("is not written if it is replaced again and again", () =>
    withHome((home) =>
      Effect.gen(function*() {
        yield* writeConfig(home, configOf([cloudSso]))
        const { layer, lines } = logs(LogLevel.Warning)
        let replaced = 0
        const files = faultyFiles((real) => ({
          open: (path, options) => {
            if (!path.endsWith(".tmp")) return real.open(path, options)
            replaced += 1
            return Effect.zipRight(
              real.writeFileString(pathIn(home), configOf([cloudSso, ak("x".repeat(replaced))])),
              real.open(path, options)
            )
          }
        }))
        yield* Effect.provide(Effect.flatMap(CliProfile.make(), ({ get }) => get), [files, layer])
        assert.strictEqual(replaced, 4)
        assert.strictEqual(yield* readConfig(home), configOf([cloudSso, ak("xxxx")]))
        assert.lengthOf(lines, 1)
        assert.include(lines[0], "keep changing the file")
      })
    ).pipe(withCloud))
})
