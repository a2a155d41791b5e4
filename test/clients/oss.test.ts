import { assert } from "@effect/vitest"
import OSS from "ali-oss"
import { AlicloudSdk } from "effect-alicloud-credentials"
import { Readable } from "node:stream"
import { promisify } from "node:util"
import { hour } from "../support/clock.ts"
import { client, load } from "./client.ts"

const bucket = "local-bucket"
const text = Buffer.from("text")

interface Store {
  readonly put: (name: string, content: Buffer) => Promise<unknown>
}

client("ali-oss", async (credential, { url }) => {
  const client = new OSS({ ...await AlicloudSdk.aliOss(credential), endpoint: url, bucket })
  return () => client.put("a", text)
})

interface Cluster extends Store {
  readonly on: (event: string, listener: () => void) => void
}

// The root has no declaration of it.
const { ClusterClient } = OSS as unknown as { readonly ClusterClient: new(options: object) => Cluster }

client("ali-oss, a cluster", async (credential, { url }) => {
  const client = new ClusterClient({
    cluster: [{ ...await AlicloudSdk.aliOss(credential), endpoint: url, bucket }],
    heartbeatInterval: hour
  })
  // Otherwise it prints the refusal of its own requests.
  client.on("error", () => {})
  return () => client.put("a", text)
}, { isOwn: ({ path }) => path.includes("check.status") })

const { OSSServiceFactory } = load<{
  readonly OSSServiceFactory: new() => { readonly createClient: (config: object) => Promise<Store> }
}>("@midwayjs/oss")

client("@midwayjs/oss", async (credential, { url }) => {
  const factory = new OSSServiceFactory()
  const client = await factory.createClient({ ...await AlicloudSdk.aliOss(credential), endpoint: url, bucket })
  return () => client.put("a", text)
})

interface App {
  readonly createOss: (config: object) => Store
}

type CreateStore = (config: object, app: object) => Store

/** What the plugin needs of an application of egg. */
const eggApp = (): App => {
  let create: CreateStore | undefined = undefined
  const app = {
    httpclient: load<object>("urllib"),
    oss: { createInstance: (config: object) => create?.(config, app) },
    addSingleton: (name: "oss", plugin: CreateStore) => {
      assert.strictEqual(name, "oss")
      create = plugin
    }
  }
  load<(app: object) => void>("egg-oss/lib/oss")(app)
  return app as typeof app & App
}

client("egg-oss", async (credential, { url }) => {
  const app = eggApp()
  const client = app.createOss({ ...await AlicloudSdk.aliOss(credential), endpoint: url, bucket })
  return () => client.put("a", text)
})

interface Storage {
  readonly _handleFile: (request: object, file: object, done: (error: unknown, file?: object) => void) => void
}

const multerOss = load<(options: object) => Storage>("multer-aliyun-oss")

client("multer-aliyun-oss", async (credential, { url }) => {
  const storage = multerOss({ config: { ...await AlicloudSdk.aliOss(credential), endpoint: url, bucket } })
  const handle = promisify(storage._handleFile.bind(storage))
  return () => handle({}, { originalname: "a.txt", stream: Readable.from([text]) })
})

interface Params {
  readonly headers?: object
}

const { OSSObject } = load<{
  readonly OSSObject: new(options: object) => Store & {
    readonly options: object
    request(params: Params): Promise<unknown>
  }
}>("oss-client")

client("oss-client", (credential, { url }) => {
  class StsObject extends OSSObject {
    override async request(params: Params) {
      const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
      Object.assign(this.options, { accessKeyId, accessKeySecret })
      const headers = Object.assign({}, params.headers, { "x-oss-security-token": securityToken })
      return super.request({ ...params, headers })
    }
  }
  const client = new StsObject({ accessKeyId: "unused", accessKeySecret: "unused", endpoint: url, cname: true })
  return () => client.put("a", text)
})

const { Config } = load<{ readonly Config: new(config: object) => object }>("@alicloud/openapi-client")

const Oss = load<{
  readonly default: new(config: object) => { readonly listBuckets: (request: object) => Promise<unknown> }
  readonly ListBucketsRequest: new(request: object) => object
}>("@alicloud/oss20190517")

client("@alicloud/oss20190517", (credential, { host }) => {
  const client = new Oss.default(new Config({ credential, endpoint: host, protocol: "HTTP" }))
  return () => client.listBuckets(new Oss.ListBucketsRequest({}))
})
