/** Function Compute, and the services with a signature of their own. */
import { AlicloudSdk } from "effect-alicloud-credentials"
import { client, load } from "./client.ts"

const keys = { accessKeyID: "unused", accessKeySecret: "unused", region: "cn-hangzhou" }

interface Functions {
  readonly listServices: () => Promise<unknown>
}

const Fc = load<new(account: string, options: object) => Functions & { endpoint: string }>("@alicloud/fc")

client("@alicloud/fc", (credential, { url }) => {
  const client = AlicloudSdk.fc2(new Fc("123456", keys), credential)
  client.endpoint = url
  return () => client.listServices()
})

const Fc2 = load<new(account: string, options: object) => Functions>("@alicloud/fc2")

client("@alicloud/fc2", (credential, { url: endpoint }) => {
  const client = AlicloudSdk.fc2(new Fc2("123456", { ...keys, endpoint }), credential)
  return () => client.listServices()
})

const Log = load<
  new(options: object) => { readonly listLogStore: (project: string, page: object) => Promise<unknown> }
>(
  "@alicloud/log"
)

client("@alicloud/log", (credential, { url: endpoint }) => {
  const client = new Log({ endpoint, credentialsProvider: AlicloudSdk.aliyunLog(credential) })
  return () => client.listLogStore("", { offset: 0, size: 10 })
})

const TableStore = load<{
  readonly Client: new(options: object) => { readonly listTable: (request: object) => Promise<unknown> }
}>("tablestore")

client("tablestore", (credential, { url: endpoint }) => {
  const client = AlicloudSdk.tablestore(new TableStore.Client({ endpoint, instancename: "db" }), credential)
  return () => client.listTable({})
})

interface Sls {
  readonly listLogStores: (request: object, done: (error: unknown, data: unknown) => void) => void
}

const ALY = load<{ readonly SLS: new(options: object) => Sls }>("aliyun-sdk")

client("aliyun-sdk", (credential, { url: endpoint }) => {
  const client = AlicloudSdk.aliyunSdk(new ALY.SLS({ endpoint, apiVersion: "2015-06-01" }), credential)
  return () =>
    new Promise((resolve, reject) =>
      client.listLogStores({ projectName: "" }, (error, data) => error ? reject(error) : resolve(data))
    )
})
