/**
 * What it costs that an `S3Client` asks the provider for each request: `npx tsx test/clients/cost.ts`. The ways take
 * turns in rounds, with a server on loopback in a thread of its own that checks no signatures.
 */
import { DateTime, Effect, Option, Redacted } from "effect"
import { AlicloudSdk, CredentialProvider, Credentials } from "effect-alicloud-credentials"
import { once } from "node:events"
import { createRequire } from "node:module"
import { Worker } from "node:worker_threads"

const rounds = 41
const requests = 100
const reads = 20_000

const { HeadObjectCommand, S3Client } = createRequire(import.meta.url)("@aws-sdk/client-s3") as {
  readonly S3Client: new(options: object) => {
    readonly config: { readonly credentials: () => Promise<unknown> }
    readonly send: (command: object) => Promise<unknown>
  }
  readonly HeadObjectCommand: new(input: object) => object
}

const server = new Worker(
  `const { createServer } = require("node:http")
  const { parentPort } = require("node:worker_threads")
  const server = createServer((_, response) => response.end())
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port))`,
  { eval: true }
)
const [port] = await once(server, "message") as [number]

const session = Credentials.StsToken({
  provider: "cost",
  accessKeyId: "STS.cost",
  accessKeySecret: Redacted.make("secret"),
  securityToken: Redacted.make("token".repeat(100)),
  expiration: Option.some(DateTime.unsafeMake(Date.now() + 3_600_000))
})

const credential = Effect.runSync(Effect.scoped(Effect.flatMap(
  CredentialProvider.make({ name: "cost", fetch: Effect.succeed(session) }),
  (service) => Effect.zipRight(service.get, AlicloudSdk.fromService(service))
)))

const fields = async () => {
  const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
  return { accessKeyId, secretAccessKey: accessKeySecret, sessionToken: securityToken }
}

const ways: Readonly<Record<string, unknown>> = {
  "static credentials": await fields(),
  "awsSdk": AlicloudSdk.awsSdk(credential),
  "real expiration": async () => ({ ...await fields(), expiration: new Date(Date.now() + 3_600_000) })
}

const clients = Object.entries(ways).map(([name, credentials]) => ({
  name,
  client: new S3Client({
    credentials,
    endpoint: `http://127.0.0.1:${port}`,
    region: "oss-cn-hangzhou",
    forcePathStyle: true
  })
}))

type Client = (typeof clients)[number]["client"]

const head = new HeadObjectCommand({ Bucket: "local-bucket", Key: "a" })

/** Microseconds for each run. */
const time = async (count: number, run: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  for (let index = 0; index < count; index++) await run()
  return (performance.now() - start) * 1000 / count
}

const measures: Readonly<Record<string, (client: Client) => Promise<number>>> = {
  "a request": (client) => time(requests, () => client.send(head)),
  "credentials of a request": (client) => time(reads, () => client.config.credentials())
}

const quantile = (values: ReadonlyArray<number>, at: number): number =>
  [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * at)] ?? NaN

const text = (value: number): string => value.toFixed(2)

for (const [measure, run] of Object.entries(measures)) {
  const samples = new Map(clients.map(({ name }) => [name, [] as Array<number>]))
  for (let round = 0; round < rounds; round++) {
    const order = clients.map((_, index) => clients[(index + round) % clients.length]!)
    for (const { client, name } of order) {
      const micros = await run(client)
      // The first round compiles.
      if (round > 0) samples.get(name)?.push(micros)
    }
  }
  const base = samples.get("static credentials") ?? []
  for (const [name, values] of samples) {
    const [median, low, high] = [0.5, 0.25, 0.75].map((at) => text(quantile(values, at)))
    const ratio = text(quantile(values.map((value, index) => value / (base[index] ?? NaN)), 0.5))
    process.stdout.write(`${measure}, ${name}: median ${median} us (${low} to ${high}), ${ratio} times\n`)
  }
}

await server.terminate()
