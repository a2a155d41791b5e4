/** What the declarations of the clients must accept. Only compiled, not run. */
import { S3Client } from "@aws-sdk/client-s3"
import { AlicloudSdk } from "effect-alicloud-credentials"

declare const credential: AlicloudSdk.SdkCredential

export const s3 = new S3Client({ credentials: AlicloudSdk.awsSdk(credential), region: "oss-cn-hangzhou" })
