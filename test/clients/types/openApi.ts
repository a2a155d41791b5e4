/** What the declarations of the OpenAPI family must accept. Only compiled, not run. */
import * as Translation from "@alicloud/alimt20181012"
import * as Captcha from "@alicloud/captcha20230305"
import Credential from "@alicloud/credentials"
import * as Numbers from "@alicloud/dypnsapi20170525"
import * as Sms from "@alicloud/dysmsapi20170525"
import * as Events from "@alicloud/eventbridge"
import * as Functions from "@alicloud/fc20230330"
import Kms from "@alicloud/kms20160120"
import * as OpenApi from "@alicloud/openapi-client"
import { $OpenApiUtil } from "@alicloud/openapi-core"
import * as Platform from "@alicloud/openplatform20191219"
import * as Oss from "@alicloud/oss-client"
import { RuntimeOptions } from "@alicloud/oss-util"
import Core from "@alicloud/pop-core"
import * as Redis from "@alicloud/r-kvstore20150101"
import * as Ram from "@alicloud/ram20150501"
import * as Rpc from "@alicloud/rpc-client"
import * as Log from "@alicloud/sls20201230"
import * as Tingwu from "@alicloud/tingwu20230930"
import { AlicloudSdk } from "effect-alicloud-credentials"
import { NacosConfigClient } from "nacos"

declare const credential: AlicloudSdk.SdkCredential

// The constructors take an open map.
const config = new $OpenApiUtil.Config({ credential, regionId: "cn-hangzhou" })
const older = new OpenApi.Config({ credential, regionId: "cn-hangzhou" })

export const clients = [
  new Translation.default.default(config),
  new Captcha.default.default(config),
  new Numbers.default.default(config),
  new Sms.default.default(config),
  new Functions.default.default(config),
  new Redis.default.default(config),
  new Ram.default.default(config),
  new Log.default.default(config),
  new Tingwu.default.default(config),
  new OpenApi.default.default(older),
  new Platform.default.default(older),
  new Events.default.default(new Events.Config({ credential, endpoint: "" })),
  new Kms.default(new Rpc.Config({ credential, regionId: "cn-hangzhou" })),
  new Core({ endpoint: "", apiVersion: "", credentialsProvider: AlicloudSdk.popCore(credential) } as never),
  new NacosConfigClient({ serverAddr: "127.0.0.1:8848", aliyunCredentialsProvider: credential })
]

const events = new Events.Config({ endpoint: "" })
const rpc = new Rpc.Config({ regionId: "cn-hangzhou" })

// The official class around the credential fits the property of each of them.
config.credential = new Credential.default(null, credential)
older.credential = new Credential.default(null, credential)
events.credential = new Credential.default(null, credential)
rpc.credential = new Credential.default(null, credential)

// So does a cast, with which the client gets the credential itself.
config.credential = credential as never
older.credential = credential as never
events.credential = credential as never
rpc.credential = credential as never

// @ts-expect-error the class has a private member, so only the class itself is assignable
config.credential = credential
// @ts-expect-error
older.credential = credential
// @ts-expect-error
events.credential = credential
// @ts-expect-error
rpc.credential = credential

const keys = new Oss.Config({ accessKeyId: "unused", accessKeySecret: "unused" })
const store = Object.assign(new Oss.default.default(keys), { _credential: credential })
export const object = () => store.getObject(new Oss.GetObjectRequest({}), new RuntimeOptions({}))
