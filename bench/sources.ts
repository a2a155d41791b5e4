/**
 * The first get of each source over loopback, against one bare request with the same client.
 *
 * A local cloud in another process answers: it issues sessions and checks signatures, so it needs time of its own, which
 * is part of the milliseconds and not of the CPU. A figure is for one new provider and its first get. The bare request
 * reads the text of the credentials URI with the same client (undici, through the redirection to the local cloud). "x bare
 * for each request" divides by the number of requests that the source needs. Connections are open already.
 *
 * Tasks take turns in 15 rounds of 20 gets (programs: 2), and ratios are medians of those of each round.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import {
  CliProfile,
  CloudSso,
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  ExternalProcess,
  IniProfile,
  KmsSecret,
  OAuth,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { promisify } from "node:util"
import * as cached from "./cached.ts"
import * as measure from "./measure.ts"
import * as peers from "./peers.ts"
import type { Row, Table } from "./report.ts"
import type { Addresses } from "./server.ts"
import * as servers from "./servers.ts"
import { median, ratio } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const rounds = 15
const gets = 20
const processes = 2

const { defaults } = LocalCloud
const { accessKeyId, roleArn } = defaults
const accessKeySecret = Redacted.make(defaults.accessKeySecret)

type Need = HttpClient.HttpClient | NodeContext.NodeContext

interface Source {
  readonly name: string
  readonly requests: number
  readonly layer: Layer.Layer<CredentialProvider.CredentialProvider, never, Need>
}

interface Files {
  readonly config: string
  readonly ini: string
  readonly token: string
}

const writeFiles = (folder: string): Files => {
  const files = { config: `${folder}/config.json`, ini: `${folder}/credentials.ini`, token: `${folder}/token` }
  const key = { access_key_id: accessKeyId, access_key_secret: defaults.accessKeySecret }
  writeFileSync(
    files.config,
    JSON.stringify({ current: "me", profiles: [{ name: "me", mode: "AK", region_id: "cn-hangzhou", ...key }] })
  )
  writeFileSync(
    files.ini,
    ["[default]", "type = access_key", ...Object.entries(key).map(([name, value]) => `${name} = ${value}`)].join("\n")
  )
  writeFileSync(files.token, defaults.oidcToken)
  return files
}

const staticKey = StaticCredentials.layerAccessKey({ accessKeyId, accessKeySecret })
const shell = "/bin/echo"
const answer = JSON.stringify({ mode: "AK", access_key_id: accessKeyId, access_key_secret: defaults.accessKeySecret })

const sources = ({ config, ini, token }: Files): ReadonlyArray<Source> => [
  { name: "CredentialsUri", requests: 1, layer: CredentialsUri.layer({ uri: defaults.credentialsUri }) },
  { name: "EcsRamRole", requests: 3, layer: EcsRamRole.layer() },
  {
    name: "EcsRamRole with the name of the role",
    requests: 2,
    layer: EcsRamRole.layer({ roleName: defaults.instanceRole })
  },
  { name: "RamRoleArn", requests: 1, layer: Layer.provide(RamRoleArn.layer({ roleArn }), staticKey) },
  {
    name: "OidcRoleArn",
    requests: 1,
    layer: OidcRoleArn.layer({ roleArn, oidcProviderArn: defaults.oidcProviderArn, oidcTokenFile: token })
  },
  {
    name: "CloudSso",
    requests: 1,
    layer: CloudSso.layer({
      signInUrl: defaults.cloudSsoSignInUrl,
      accountId: defaults.cloudSsoAccountId,
      accessConfiguration: defaults.cloudSsoAccessConfiguration,
      accessToken: Redacted.make(defaults.cloudSsoAccessToken)
    })
  },
  {
    name: "OAuth with an access token",
    requests: 1,
    layer: OAuth.layer({ siteType: "CN", accessToken: Redacted.make(defaults.oauthAccessToken) })
  },
  {
    name: "KmsSecret",
    requests: 1,
    layer: Layer.provide(KmsSecret.layer({ secretName: defaults.secretName, region: "cn-hangzhou" }), staticKey)
  },
  { name: "CliProfile", requests: 0, layer: CliProfile.layer({ file: config }) },
  { name: "IniProfile", requests: 0, layer: IniProfile.layer({ file: ini }) },
  {
    name: "ExternalProcess",
    requests: 0,
    layer: ExternalProcess.layer({ command: Redacted.make(`${shell} '${answer}'`) })
  }
]

const bare = "a bare request"
const bareProcess = "a bare process"

const first = (layer: Source["layer"]) =>
  Effect.scoped(Effect.flatMap(CredentialProvider.CredentialProvider, ({ get }) => get)).pipe(
    Effect.provide(Layer.fresh(layer))
  )

const countOf = (name: string): number => name === "ExternalProcess" || name === bareProcess ? processes : gets

const tasksOf = (addresses: Addresses, files: Files): ReadonlyArray<measure.Task> => {
  const runtime = ManagedRuntime.make(Layer.merge(servers.cloudClient(addresses), NodeContext.layer))
  const task = (name: string, effect: Effect.Effect<unknown, unknown, Need>): measure.Task => {
    const count = countOf(name)
    const all = Effect.replicateEffect(effect, count, { discard: true })
    return { name, count, run: () => runtime.runPromise(all) }
  }
  const promises = (name: string, get: () => Promise<unknown>): measure.Task => ({
    name,
    count: countOf(name),
    run: async () => {
      for (let count = 0; count < countOf(name); count++) await get()
    }
  })
  const run = promisify(execFile)
  return [
    task(bare, Effect.flatMap(HttpClient.get(defaults.credentialsUri), ({ text }) => text)),
    ...sources(files).map(({ layer, name }) => task(name, first(layer))),
    promises(bareProcess, () => run(shell, [answer])),
    promises(
      "@alicloud/credentials, credentials URI",
      () => cached.officialUri(`${addresses.cloud}/credentials`).getCredential()
    ),
    ...peers.present.filter(({ name }) => name !== peers.smithy.name).map(({ fresh, name }) =>
      promises(name, () => fresh(addresses.fixed)())
    )
  ]
}

const measureAll = async (folder: string): Promise<Table> => {
  const files = writeFiles(folder)
  const tasks = tasksOf(await servers.start(), files)
  const { cpu, wall } = await measure.times(tasks, rounds)
  const requests = new Map(sources(files).map((source) => [source.name, source.requests]))
  const row = (name: string): Row => {
    const own = measure.of(cpu, name)
    const all = requests.get(name) ?? (name === bareProcess ? 0 : 1)
    const base = name === "ExternalProcess" || name === bareProcess ? bareProcess : all === 0 ? undefined : bare
    const times = base === undefined ? undefined : ratio(own, measure.of(cpu, base)) / Math.max(1, all)
    return { name, values: [all, median(measure.of(wall, name)) / 1000, median(own) / 1000, times] }
  }
  return {
    title: "First get, over loopback",
    rowsAre: "source",
    columns: ["requests", "ms", "CPU ms", "x bare for each request"],
    rows: [
      ...tasks.map(({ name }) => row(name)),
      ...peers.absent.map(({ name, skipped }) => ({ name, skipped, values: [] }))
    ],
    note:
      "Other libraries are compared with the same bare request of Effect. CPU is that of all threads of the process."
  }
}

export const subject: Subject = {
  run: async () => {
    const folder = mkdtempSync(`${tmpdir()}/bench-`)
    try {
      return [await measureAll(folder)]
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}
