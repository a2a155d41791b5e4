/**
 * ali-oss with sessions that are renewed, in a program that does not use Effect otherwise. `close` stops everything
 * that the credential started. A credential that is not closed does not keep the process alive.
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
