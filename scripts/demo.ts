/**
 * Gets credentials from every source of the library, and asks STS for their identity.
 *
 *     npm run demo               against a local cloud on this machine; no account, no network
 *     npm run demo -- --real     with the default chain, in this environment, against the real STS
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import { Array as Arr, ConfigProvider, Console, DateTime, Effect, Layer, Redacted } from "effect"
import {
  CallerIdentity,
  CliProfile,
  type CredentialChain,
  CredentialProvider,
  Credentials,
  CredentialsUri,
  DefaultChain,
  EcsRamRole,
  Environment,
  Explain,
  ExternalProcess,
  IniProfile,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer } from "node:http"
import { expiry, masked } from "./demo/words.ts"
import { type Row, table, wrapped } from "./table.ts"

const readers = 1000

const { accessKeyId, accountId, bearerToken, credentialsUri, oidcProviderArn, oidcToken, world } = LocalCloud.defaults
const accessKeySecret = Redacted.make(LocalCloud.defaults.accessKeySecret)
const deployRole = `acs:ram::${accountId}:role/deploy`
const auditRole = `acs:ram::${accountId}:role/audit`
const session = "demo"

type Source = CredentialChain.Link<
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor
>

interface Scenario {
  readonly title: string
  readonly source: Source
  readonly variables?: Readonly<Record<string, string>>
  /** Whether the metadata service answers. Defaults to true. */
  readonly instance?: boolean
}

const keyVariables = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: Redacted.value(accessKeySecret)
}

const podVariables = (oidcTokenFile: string) => ({
  ALIBABA_CLOUD_ROLE_ARN: deployRole,
  ALIBABA_CLOUD_ROLE_SESSION_NAME: session,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProviderArn,
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: oidcTokenFile
})

const accessKey = StaticCredentials.layerAccessKey({ accessKeyId, accessKeySecret })
const deploy = RamRoleArn.layer({ roleArn: deployRole, roleSessionName: session })
const audit = RamRoleArn.layer({ roleArn: auditRole, roleSessionName: session })

/** The files of the CLI and the SDKs in a user's home folder. */
const homeFiles: Readonly<Record<string, string>> = {
  "token": oidcToken,
  ".aliyun/config.json": JSON.stringify({
    current: "audit",
    profiles: [
      { name: "me", mode: "AK", access_key_id: accessKeyId, access_key_secret: Redacted.value(accessKeySecret) },
      {
        name: "audit",
        mode: "ChainableRamRoleArn",
        source_profile: "me",
        ram_role_arn: auditRole,
        ram_session_name: session
      }
    ]
  }),
  ".alibabacloud/credentials.ini": `[default]
type = access_key
access_key_id = ${accessKeyId}
access_key_secret = ${Redacted.value(accessKeySecret)}
`
}

const printKey = `process.stdout.write(JSON.stringify({ mode: "AK", access_key_id: process.argv[1],
  access_key_secret: process.argv[2] }))`

const sources = (given: Credentials.StsToken, home: string): ReadonlyArray<Scenario> => [
  { title: "AccessKey", source: accessKey },
  { title: "STS token", source: StaticCredentials.layerStsToken(given) },
  { title: "Bearer token", source: StaticCredentials.layerBearerToken(Redacted.make(bearerToken)) },
  { title: "Environment", source: Environment.layer, variables: keyVariables },
  { title: "RAM role", source: Layer.provide(deploy, accessKey) },
  {
    title: "Chained roles",
    source: audit.pipe(Layer.provide(deploy), Layer.provide(Environment.layer)),
    variables: keyVariables
  },
  {
    title: "OIDC role",
    source: OidcRoleArn.layer({
      roleArn: deployRole,
      roleSessionName: session,
      oidcProviderArn,
      oidcTokenFile: `${home}/token`
    })
  },
  { title: "ECS role", source: EcsRamRole.layer() },
  { title: "URI", source: CredentialsUri.layer({ uri: credentialsUri }) },
  { title: "config.json", source: CliProfile.layer({ file: `${home}/.aliyun/config.json` }) },
  { title: "INI file", source: IniProfile.layer({ file: `${home}/.alibabacloud/credentials.ini` }) },
  {
    title: "Own program",
    source: ExternalProcess.layer({
      command: Redacted.make(
        `'${process.execPath}' -e '${printKey}' ${accessKeyId} ${Redacted.value(accessKeySecret)}`
      )
    })
  }
]

const environments = (home: string): ReadonlyArray<Scenario> => [
  { title: "Keys in variables", source: DefaultChain.layer, variables: keyVariables },
  { title: "Pod with RRSA", source: DefaultChain.layer, variables: podVariables(`${home}/token`) },
  { title: "Laptop with the CLI", source: DefaultChain.layer, variables: { HOME: home } },
  { title: "Bare instance", source: DefaultChain.layer },
  {
    title: "Laptop, URI set",
    source: DefaultChain.layer,
    variables: { ALIBABA_CLOUD_CREDENTIALS_URI: credentialsUri },
    instance: false
  }
]

const failures: ReadonlyArray<Scenario> = [
  { title: "A laptop without any configuration", source: DefaultChain.layer, instance: false },
  {
    title: "The strict chain on an instance with half a key pair in its variables: it does not fall back to the role",
    source: DefaultChain.layerStrict,
    variables: { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId }
  }
]

/** Many concurrent readers of a new provider, with only the variables of the scenario. */
const resolve = (scenario: Scenario) =>
  Effect.gen(function*() {
    const cloud = yield* LocalCloud.LocalCloud
    yield* cloud.clearFaults
    if (scenario.instance === false) yield* cloud.fault({ service: "imds", kind: "silent", times: Infinity })
    yield* cloud.clearRequests
    const variables = ConfigProvider.fromMap(new Map(Object.entries(scenario.variables ?? {})))
    const [credentials] = yield* Effect.all(Arr.makeBy(readers, () => CredentialProvider.get), {
      concurrency: "unbounded"
    }).pipe(
      Effect.provide(Layer.provide(scenario.source, Layer.setConfigProvider(variables)))
    )
    return { credentials, requests: yield* cloud.count() }
  })

const row = (scenario: Scenario) =>
  Effect.gen(function*() {
    const { credentials, requests } = yield* resolve(scenario)
    const { arn } = yield* Effect.provideService(
      CallerIdentity.get(),
      CredentialProvider.CredentialProvider,
      CredentialProvider.succeed(credentials)
    )
    return [
      scenario.title,
      credentials.provider,
      masked(credentials),
      expiry(credentials, yield* DateTime.now),
      arn.replace(`acs:ram::${accountId}:`, ""),
      String(requests)
    ] satisfies Row
  })

const head = (first: string): Row => [
  first,
  "Provider",
  "AccessKey id",
  "Expires",
  `Identity (acs:ram::${accountId}:...)`,
  "Requests"
]

const refusal = (scenario: Scenario) =>
  Effect.matchEffect(resolve(scenario), {
    onFailure: (error) => Effect.succeed(`${scenario.title}:\n\n${wrapped(error.message, "    ")}`),
    onSuccess: () => Effect.dieMessage(`${scenario.title}: expected an error, got credentials`)
  })

const homeFolder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* files.makeTempDirectoryScoped()
  yield* Effect.forEach(Object.entries(homeFiles), ([name, text]) => {
    const file = path.join(home, name)
    return Effect.zipRight(
      files.makeDirectory(path.dirname(file), { recursive: true }),
      files.writeFileString(file, text, { mode: 0o600 })
    )
  })
  return home
})

const sessionFromElsewhere = resolve({ title: "STS token", source: Layer.provide(audit, accessKey) }).pipe(
  Effect.map(({ credentials }) => credentials),
  Effect.filterOrDieMessage(Credentials.is("StsToken"), "a role gives a session")
)

const local = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  const home = yield* homeFolder
  const given = yield* sessionFromElsewhere
  yield* Console.log(`Each source, called by ${readers} concurrent fibers, against a local cloud at ${cloud.url}:\n`)
  yield* Console.log(table(head("Source"), yield* Effect.forEach(sources(given, home), row)))
  yield* Console.log("\nThe default chain in five environments:\n")
  yield* Console.log(table(head("Environment"), yield* Effect.forEach(environments(home), row)))
  yield* Console.log(`\n${legend}\n\nThe errors for missing and for incomplete configuration:\n`)
  yield* Console.log((yield* Effect.forEach(failures, refusal)).join("\n\n"))
  yield* explained
})

/** Half a pair, a broken file that everybody can read, and an address without encryption. */
const faultyMachine = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const home = yield* files.makeTempDirectoryScoped()
  yield* files.makeDirectory(`${home}/.aliyun`)
  yield* files.writeFileString(`${home}/.aliyun/config.json`, `{"current": "me", "profiles": [],}`, { mode: 0o644 })
  return {
    HOME: home,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECERT: Redacted.value(accessKeySecret),
    ALIBABA_CLOUD_CREDENTIALS_URI: "http://keys.example.com/ticket"
  }
})

const explained = Effect.gen(function*() {
  const cloud = yield* LocalCloud.LocalCloud
  yield* cloud.clearFaults
  const variables = ConfigProvider.fromMap(new Map(Object.entries(yield* faultyMachine)))
  const report = yield* Effect.withConfigProvider(Explain.run(DefaultChain.links, { identity: true }), variables)
  yield* Console.log("\nA dry run of the default chain on an instance with three faults (Explain.run):\n")
  yield* Console.log(Explain.render(report, { color: process.stdout.isTTY }))
})

const legend = [
  "Requests: all requests for credentials, for all fibers together, without GetCallerIdentity. An ECS role needs three",
  "(IMDSv2 token, role name, session). The laptop with a URI spends two on a metadata service that does not answer."
].join("\n")

const cloud = LocalCloud.layerServer({
  seed: "demo",
  world: {
    roles: [
      { arn: deployRole, trusted: "all", maxSession: "1 hour" },
      { arn: auditRole, trusted: [deployRole, `acs:ram::${accountId}:user/local-user`], maxSession: "1 hour" }
    ],
    imds: { ...world.imds, roles: ["web"] },
    uri: { ...world.uri, role: "ci" }
  }
}).pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
)

const localLayer = LocalCloud.layerClient.pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(cloud),
  Layer.provideMerge(NodeContext.layer)
)

const real = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  const found = [credentials.provider, masked(credentials), expiry(credentials, yield* DateTime.now)]
  yield* Console.log(table(["Provider", "AccessKey id", "Expires"], [found]))
  const { arn } = yield* CallerIdentity.get()
  yield* Console.log(`\nIdentity according to STS: ${arn}`)
})

const realLayer = Layer.provideMerge(NodeCredentials.layer, NodeCredentials.layerHttpClient)

const main = process.argv.includes("--real") ? Effect.provide(real, realLayer) : Effect.provide(local, localLayer)

main.pipe(
  Effect.scoped,
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
