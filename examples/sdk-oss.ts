/**
 * ali-oss with tokens that renew, in a program that has no other use for Effect. Closing the credential ends what it
 * started; without it the process ends all the same.
 */
import OSS from "ali-oss"
import { AlicloudSdk } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const { OSS_BUCKET: bucket = "my-bucket", OSS_REGION: region = "oss-cn-hangzhou" } = process.env

const credential = AlicloudSdk.fromLayer(NodeCredentials.layer)
try {
  const store = new OSS({ ...await AlicloudSdk.aliOss(credential), region, bucket })
  const { url } = await store.put("hello.txt", Buffer.from("hello"))
  console.log(url)
} finally {
  await credential.close()
}
