/** The generated SDKs, and what they are built on. Their clients take host and port, and plain HTTP if asked to. */
import { $OpenApiUtil } from "@alicloud/openapi-core"
import { client, load, type Server } from "./client.ts"

type Call = (...request: ReadonlyArray<unknown>) => Promise<unknown>

type Client<Method extends string> = Readonly<Record<Method, Call>>

interface Sdk<Method extends string> {
  readonly default: new(config: object) => Client<Method>
}

const optionsOf = ({ host }: Server) => ({ endpoint: host, protocol: "HTTP", regionId: "cn-hangzhou" })

/** The tests of a generated SDK: the same for all, since only the operations are generated. */
const generated = <Method extends string>(
  name: string,
  send: (client: Client<Method>, request: (name: string, fields?: object) => unknown) => Promise<unknown>
): void => {
  const sdk = load<Sdk<Method>>(name)
  const request = (name: string, fields: object = {}) =>
    new (sdk as unknown as Record<string, new(fields: object) => unknown>)[name]!(fields)
  client(name, (credential, server) => {
    const options = optionsOf(server)
    const client = new sdk.default(new $OpenApiUtil.Config({ credential, ...options }))
    return () => send(client, request)
  })
}

// Signature 3, RPC style.
generated<"describeRegions">(
  "@alicloud/ecs20140526",
  (client, request) => client.describeRegions(request("DescribeRegionsRequest"))
)
generated<"getCallerIdentity">("@alicloud/sts20150401", (client) => client.getCallerIdentity())
generated<"querySendStatistics">(
  "@alicloud/dysmsapi20170525",
  (client, request) => client.querySendStatistics(request("QuerySendStatisticsRequest", { isGlobe: 1 }))
)
generated<"verifyCaptcha">(
  "@alicloud/captcha20230305",
  (client, request) => client.verifyCaptcha(request("VerifyCaptchaRequest", { sceneId: "s" }))
)
generated<"listUsers">("@alicloud/ram20150501", (client, request) => client.listUsers(request("ListUsersRequest")))
generated<"describeRegions">(
  "@alicloud/r-kvstore20150101",
  (client, request) => client.describeRegions(request("DescribeRegionsRequest"))
)
generated<"getAuthToken">(
  "@alicloud/dypnsapi20170525",
  (client, request) => client.getAuthToken(request("GetAuthTokenRequest", { url: "u", origin: "o" }))
)
generated<"getBatchTranslate">(
  "@alicloud/alimt20181012",
  (client, request) =>
    client.getBatchTranslate(request("GetBatchTranslateRequest", { apiType: "a", sourceText: "a b*c~(é)" }))
)
generated<"authorizeFileUpload">(
  "@alicloud/openplatform20191219",
  (client, request) => client.authorizeFileUpload(request("AuthorizeFileUploadRequest", { product: "p" }))
)

// Signature 3, ROA style.
generated<"listFunctions">(
  "@alicloud/fc20230330",
  (client, request) => client.listFunctions(request("ListFunctionsRequest", { prefix: "a b" }))
)
generated<"getTaskInfo">("@alicloud/tingwu20230930", (client) => client.getTaskInfo("task"))

// The signature of Log Service.
generated<"listProject">(
  "@alicloud/sls20201230",
  (client, request) => client.listProject(request("ListProjectRequest", { size: 10 }))
)

const core = load<Sdk<"callApi">>("@alicloud/openapi-core")

const action = { action: "ListThings", version: "2020-01-01", protocol: "HTTP", authType: "AK", bodyType: "json" }

const styles = {
  RPC: { pathname: "/", method: "POST", style: "RPC", reqBodyType: "formData" },
  ROA: { pathname: "/things/a", method: "GET", style: "ROA", reqBodyType: "json" }
}

const listThings = { ...action, ...styles.RPC }

client("@alicloud/openapi-core", (credential, server) => {
  const options = optionsOf(server)
  const client = new core.default(new $OpenApiUtil.Config({ credential, ...options }))
  return () => client.callApi(new $OpenApiUtil.Params(listThings), new $OpenApiUtil.OpenApiRequest({}), {})
})

const { default: Credential } = load<{ readonly default: new(config: null, provider: object) => object }>(
  "@alicloud/credentials"
)

client("@alicloud/credentials", (credential, server) => {
  const config = new $OpenApiUtil.Config(optionsOf(server))
  config.credential = new Credential(null, credential) as never
  const client = new core.default(config)
  return () => client.callApi(new $OpenApiUtil.Params(listThings), new $OpenApiUtil.OpenApiRequest({}), {})
})

const kms = load<Sdk<"getSecretValue"> & { readonly GetSecretValueRequest: new(request: object) => object }>(
  "@alicloud/kms20160120"
)

client("@alicloud/kms20160120", (credential, { host: endpoint }) => {
  const client = new kms.default({ credential, endpoint, protocol: "http" })
  return () => client.getSecretValue(new kms.GetSecretValueRequest({ secretName: "s" }))
})

const openApiClient = load<{
  readonly default: new(config: object) => Client<"callApi">
  readonly Config: new(config: object) => object
  readonly OpenApiRequest: new(request: object) => object
  readonly Params: new(params: object) => object
}>("@alicloud/openapi-client")

const { RuntimeOptions } = load<{ readonly RuntimeOptions: new(options: object) => object }>("@alicloud/tea-util")

for (const style of ["RPC", "ROA"] as const) {
  for (const signatureAlgorithm of [undefined, "v2"]) {
    client(`@alicloud/openapi-client, ${style}, ${signatureAlgorithm ?? "v3"}`, (credential, server) => {
      const options = { ...optionsOf(server), signatureAlgorithm }
      const client = new openApiClient.default(new openApiClient.Config({ credential, ...options }))
      const params = new openApiClient.Params({ ...action, ...styles[style] })
      const request = new openApiClient.OpenApiRequest({ query: { Name: "a b*c~(é)", empty: "" } })
      return () => client.callApi(params, request, new RuntimeOptions({}))
    })
  }
}

const rpc = load<{
  readonly default: new(config: object) => Client<"doRequest">
  readonly Config: new(config: object) => object
}>("@alicloud/rpc-client")

client("@alicloud/rpc-client", (credential, server) => {
  const options = { ...optionsOf(server), protocol: "http" }
  const client = new rpc.default(new rpc.Config({ credential, ...options }))
  return () =>
    client.doRequest("ListThings", "http", "POST", "2020-01-01", "AK", {}, { Name: "n" }, new RuntimeOptions({}))
})

const events = load<{
  readonly default: new(config: object) => Client<"listEventBuses">
  readonly Config: new(config: object) => object
  readonly ListEventBusesRequest: new(request: object) => object
}>("@alicloud/eventbridge")

client("@alicloud/eventbridge", (credential, { host: endpoint }) => {
  const client = new events.default(new events.Config({ credential, endpoint, protocol: "http" }))
  return () => client.listEventBuses(new events.ListEventBusesRequest({ limit: 10 }))
})

const Sts = load<new(config: object) => Client<"getCallerIdentity">>("@alicloud/sts-sdk")

client("@alicloud/sts-sdk", (credential, { host: endpoint }) => {
  const client = new Sts({ credential, endpoint })
  // The client passes this option on as `rejectUnauthorized`.
  return () => client.getCallerIdentity({ ignoreSSL: false })
}, { isSecure: true })

const oss = load<{
  readonly default: new(config: object) => Client<"getObject">
  readonly Config: new(config: object) => object
  readonly GetObjectRequest: new(request: object) => object
}>("@alicloud/oss-client")

const { RuntimeOptions: OssRuntime } = load<{ readonly RuntimeOptions: new(options: object) => object }>(
  "@alicloud/oss-util"
)

client("@alicloud/oss-client", (credential, { host: endpoint }) => {
  const keys = { accessKeyId: "unused", accessKeySecret: "unused" }
  const options = { ...keys, endpoint, protocol: "http", hostModel: "ip", signatureVersion: "V1" }
  const client = Object.assign(new oss.default(new oss.Config(options)), { _credential: credential })
  const request = new oss.GetObjectRequest({ bucketName: "local-bucket", objectName: "o" })
  return () => client.getObject(request, new OssRuntime({}))
})
