import { AlicloudSdk } from "effect-alicloud-credentials"
import { client, load } from "./client.ts"

const { MQClient } = load<{
  readonly MQClient: new(endpoint: string, id: string, secret: string, token: string) => {
    readonly request: (method: string, path: string, type: string, body: string) => Promise<unknown>
  }
}>("@aliyunmq/mq-http-sdk")

const fields = {
  accessKeyId: "accessKeyId",
  accessKeySecret: "accessKeySecret",
  securityToken: "securityToken"
} as const

client("@aliyunmq/mq-http-sdk", (credential, { url }) => {
  const client = AlicloudSdk.follow(new MQClient(url, "unused", "unused", "unused"), "request", fields, credential)
  return () => client.request("GET", "/topics/t/messages", "Messages", "")
})

const Mns = load<
  new(account: string, options: object) => { readonly getQueueAttributes: (queue: string) => Promise<unknown> }
>("@alicloud/mns")

client("@alicloud/mns", async (credential, { url: endpoint }) => {
  const client = new Mns("123456", { ...await AlicloudSdk.mns(credential), endpoint })
  return () => client.getQueueAttributes("q")
})
