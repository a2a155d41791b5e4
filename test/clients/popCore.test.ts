/** SDKs on top of `@alicloud/pop-core`, and the core itself. */
import Core from "@alicloud/pop-core"
import { assert } from "@effect/vitest"
import { AlicloudSdk } from "effect-alicloud-credentials"
import { client, load } from "./client.ts"

type Call = (params?: object, options?: object) => Promise<unknown>

type PopClient<Method extends string> = new(config: object) => Readonly<Record<Method, Call>>

/** The tests of an SDK whose operations are generated, and whose client is that of pop-core. */
const onPopCore = <Method extends string>(name: string, method: Method, params: object): void => {
  const Client = load<PopClient<Method>>(name)
  client(name, (credential, { url: endpoint }) => {
    const client = new Client({ endpoint, credentialsProvider: AlicloudSdk.popCore(credential) })
    return () => client[method](params, { timeout: 3000 })
  })
}

onPopCore("@alicloud/cloudapi", "describeRegions", {})
onPopCore("@alicloud/dybaseapi", "queryTokenForMnsQueue", { MessageType: "SmsReport" })
onPopCore("@alicloud/dysmsapi-2017-05-25", "sendSms", { PhoneNumbers: "1", SignName: "(a)*", TemplateCode: "c" })
onPopCore("@alicloud/fnf-2019-03-15", "listFlows", {})
onPopCore("@alicloud/nls-filetrans-2018-08-17", "getTaskResult", { TaskId: "t" })
onPopCore("@alicloud/ram", "listUsers", {})

client("@alicloud/pop-core", (credential, { url: endpoint }) => {
  const options = { endpoint, apiVersion: "2020-01-01", credentialsProvider: AlicloudSdk.popCore(credential) }
  const client = new Core(options as never)
  return () => client.request("ListThings", { Name: "n" }, { method: "POST" })
})

// The declarations of the package leave this client out.
const { ROAClient } = Core as unknown as {
  readonly ROAClient: new(
    options: object
  ) => { readonly request: (...request: ReadonlyArray<unknown>) => Promise<unknown> }
}

client("ROAClient of @alicloud/pop-core", (credential, { url: endpoint }) => {
  const options = { endpoint, apiVersion: "2020-01-01", credentialsProvider: AlicloudSdk.popCore(credential) }
  const client = new ROAClient(options)
  return () => client.request("GET", "/things", { name: "a b" })
})

interface SmsClient {
  readonly dysmsapiClient: { endpoint: string; credentialsProvider: object }
  readonly sendSMS: (request: object) => Promise<unknown>
}

const sms = { PhoneNumbers: "1", SignName: "s", TemplateCode: "c" }

const keys = { accessKeyId: "unused", secretAccessKey: "unused" }

const SMSClient = load<new(options: object) => SmsClient>("@alicloud/sms-sdk")

client("@alicloud/sms-sdk", (credential, { url: smsApiEndpoint }) => {
  const client = new SMSClient({ ...keys, smsApiEndpoint })
  client.dysmsapiClient.credentialsProvider = AlicloudSdk.popCore(credential)
  return () => client.sendSMS(sms)
})

/** What the plugin needs of the application. */
interface Egg {
  readonly addSingleton: (name: string, create: (config: object) => SmsClient) => void
  readonly sms: { createInstance: (config: object) => SmsClient }
}

const plugin = load<(app: Egg) => void>("egg-sms/app.js")

const egg = (): Egg => {
  const app: Egg = {
    addSingleton: (_, create) => void (app.sms.createInstance = create),
    sms: { createInstance: () => assert.fail("The plugin is not loaded.") }
  }
  plugin(app)
  return app
}

client("egg-sms", (credential, { url }) => {
  const app = egg()
  const client = app.sms.createInstance(keys)
  client.dysmsapiClient.endpoint = url
  client.dysmsapiClient.credentialsProvider = AlicloudSdk.popCore(credential)
  return () => client.sendSMS(sms)
})
