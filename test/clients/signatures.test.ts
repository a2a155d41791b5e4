/** The server refuses what the services refuse. Otherwise a client that signs too little would pass its test. */
import { $OpenApiUtil } from "@alicloud/openapi-core"
import Core from "@alicloud/pop-core"
import { assert, describe, it } from "@effect/vitest"
import OSS from "ali-oss"
import { Clock, Effect } from "effect"
import { AlicloudSdk, CredentialProvider } from "effect-alicloud-credentials"
import { createHash, createHmac } from "node:crypto"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import { claimOf, type Received } from "../fixtures/signatures.ts"
import * as signedServices from "../fixtures/signedServices.ts"
import { fakeDate, hour } from "../support/clock.ts"
import { load, type Server, type Setup } from "./client.ts"

const { default: OpenApi } = load<{
  readonly default: new(config: object) => { readonly callApi: (...call: ReadonlyArray<unknown>) => Promise<unknown> }
}>("@alicloud/openapi-core")

const { HeadObjectCommand, S3Client } = load<{
  readonly S3Client: new(options: object) => { readonly send: (command: object) => Promise<unknown> }
  readonly HeadObjectCommand: new(input: object) => object
}>("@aws-sdk/client-s3")

const { ROAClient } = Core as unknown as {
  readonly ROAClient: new(
    options: object
  ) => { readonly request: (...request: ReadonlyArray<unknown>) => Promise<unknown> }
}

const version3: Setup = (credential, { host: endpoint }) => {
  const client = new OpenApi(new $OpenApiUtil.Config({ credential, endpoint, protocol: "HTTP" }))
  const params = { action: "ListThings", version: "2020-01-01", protocol: "HTTP", pathname: "/", method: "POST" }
  const more = { authType: "AK", style: "RPC", reqBodyType: "formData", bodyType: "json" }
  return () => client.callApi(new $OpenApiUtil.Params({ ...params, ...more }), new $OpenApiUtil.OpenApiRequest({}), {})
}

const popOptions = (credential: AlicloudSdk.SdkCredential, { url: endpoint }: Server) => ({
  endpoint,
  apiVersion: "2020-01-01",
  credentialsProvider: AlicloudSdk.popCore(credential)
})

const rpcVersion1: Setup = (credential, server) => {
  const client = new Core(popOptions(credential, server) as never)
  return () => client.request("ListThings", {}, { method: "POST" })
}

const roaVersion1: Setup = (credential, server) => {
  const client = new ROAClient(popOptions(credential, server))
  return () => client.request("GET", "/things")
}

const ossVersion4 = (region = "oss-cn-hangzhou"): Setup => async (credential, { url: endpoint }) => {
  const options = { endpoint, region, bucket: "local-bucket", authorizationV4: true }
  const client = new OSS({ ...await AlicloudSdk.aliOss(credential), ...options } as OSS.Options)
  return () => client.put("a", Buffer.from("text"))
}

const s3 = (region = "oss-cn-hangzhou"): Setup => (credential, { url: endpoint }) => {
  const client = new S3Client({
    credentials: AlicloudSdk.awsSdk(credential),
    endpoint,
    region,
    forcePathStyle: true,
    maxAttempts: 1
  })
  return () => client.send(new HeadObjectCommand({ Bucket: "local-bucket", Key: "a" }))
}

/** Sends one request. */
const sendOne = (setup: Setup) =>
  Effect.gen(function*() {
    const ring = new KeyRing()
    const services = yield* signedServices.make(ring)
    const session = ring.issue(hour)
    const credential = yield* AlicloudSdk.fromService(CredentialProvider.succeed(toCredentials(session)))
    const server = { url: services.url, host: new URL(services.url).host }
    yield* Effect.promise(async () => (await setup(credential, server))().catch(() => {}))
    return { refusal: services.arrivals[0]?.refusal, received: services.received[0]!, session }
  })

const isSigned = (received: Received, secret: string): boolean => claimOf(received)?.isSignedWith(secret) ?? false

describe("the signatures of requests", () => {
  const methods = { version3, rpcVersion1, roaVersion1, ossVersion4: ossVersion4(), s3: s3() }
  for (const [name, setup] of Object.entries(methods)) {
    it.live(`of ${name} are valid for 15 minutes`, () =>
      Effect.gen(function*() {
        const setDate = yield* fakeDate
        const { received, refusal, session } = yield* sendOne(setup)
        assert.strictEqual(refusal, "")
        const sent = yield* Clock.currentTimeMillis
        const valid = [-16, -14, 0, 14, 16].map((minutes) => {
          setDate(sent + minutes * 60_000)
          return isSigned(received, session.accessKeySecret)
        })
        assert.deepStrictEqual(valid, [false, true, true, true, false])
      }).pipe(Effect.scoped))
  }

  it.live("are refused for another region", () =>
    Effect.gen(function*() {
      const refusals = [
        yield* sendOne(ossVersion4("oss-cn-beijing")),
        yield* sendOne(s3("oss-cn-beijing")),
        yield* sendOne(s3("cn-hangzhou"))
      ].map(({ refusal }) => refusal)
      assert.deepStrictEqual(refusals, ["SignatureDoesNotMatch", "NotSigned", "NotSigned"])
    }).pipe(Effect.scoped))
})

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

const canonicalOf = (headers: Readonly<Record<string, string>>, signed: ReadonlyArray<string>, payload: string) =>
  ["GET", "/", "", ...signed.map((name) => `${name}:${headers[name] ?? ""}`), "", signed.join(";"), payload].join("\n")

const withHeaders = (headers: Received["headers"]): Received => ({
  method: "GET",
  path: "/",
  query: [],
  headers,
  body: Buffer.alloc(0)
})

const acs3 = (signed: ReadonlyArray<string>): Received => {
  const date = new Date().toISOString()
  const headers = { "host": "127.0.0.1", "x-acs-action": "ListThings", "x-acs-date": date }
  const text = `ACS3-HMAC-SHA256\n${sha256(canonicalOf(headers, signed, sha256("")))}`
  const signature = hmac("secret", text).toString("hex")
  const authorization = `ACS3-HMAC-SHA256 Credential=id,SignedHeaders=${signed.join(";")},Signature=${signature}`
  return withHeaders({ ...headers, authorization })
}

const aws4 = (signed: ReadonlyArray<string>): Received => {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")
  const payload = "UNSIGNED-PAYLOAD"
  const headers = { "host": "127.0.0.1", "x-amz-content-sha256": payload, "x-amz-date": date }
  const scope = [date.slice(0, 8), "oss-cn-hangzhou", "s3", "aws4_request"]
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonicalOf(headers, signed, payload))].join("\n")
  const signature = hmac(scope.reduce<Buffer | string>(hmac, "AWS4secret"), text).toString("hex")
  const credential = `id/${scope.join("/")}`
  const parts = [`Credential=${credential}`, `SignedHeaders=${signed.join(";")}`, `Signature=${signature}`]
  const authorization = `AWS4-HMAC-SHA256 ${parts.join(", ")}`
  return withHeaders({ ...headers, authorization })
}

describe("a header that has to be signed", () => {
  for (
    const [name, sign, all] of [
      ["ACS3-HMAC-SHA256", acs3, ["host", "x-acs-action", "x-acs-date"]],
      ["AWS4-HMAC-SHA256", aws4, ["host", "x-amz-content-sha256", "x-amz-date"]]
    ] as const
  ) {
    it(`is each of ${name}: host, and those of the service`, () => {
      assert.isTrue(isSigned(sign(all), "secret"))
      for (const left of all) {
        assert.isFalse(isSigned(sign(all.filter((name) => name !== left)), "secret"), `without ${left}`)
      }
    })
  }
})
