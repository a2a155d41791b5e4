/** Clients of OSS and of S3 on OSS. */
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { S3Service } from "@effect-aws/client-s3"
import { AwsS3StorageAdapter } from "@flystorage/aws-s3"
import OSS from "ali-oss"
import { AwsClient } from "aws4fetch"
import { AlicloudSdk } from "effect-alicloud-credentials"
import { alibaba } from "files-sdk/alibaba"
import { s3 as filesOnS3 } from "files-sdk/s3"
import { S3Driver } from "flydrive/drivers/s3"
import { Client as MinioClient } from "minio"
import { OSSObject } from "oss-client"

declare const credential: AlicloudSdk.SdkCredential

const credentials = AlicloudSdk.awsSdk(credential)
const region = "oss-cn-hangzhou"
const bucket = "bucket"

const s3 = new S3Client({ credentials, region, requestChecksumCalculation: "WHEN_REQUIRED" })

export const s3Clients = [
  getSignedUrl(s3, new HeadObjectCommand({ Bucket: bucket, Key: "a" })),
  new Upload({ client: s3, params: { Bucket: bucket, Key: "a" } }),
  new AwsS3StorageAdapter(s3, { bucket }),
  S3Service.layer({ credentials, region }),
  new S3Driver({ credentials, region, bucket, visibility: "private" }),
  filesOnS3({ bucket, region, credentials: credentials as never })
]

const files = alibaba({ bucket, region: "cn-hangzhou", accessKeyId: "unused", secretAccessKey: "unused" })
files.raw.config.credentials = credentials

export class StsClient extends AwsClient {
  override async sign(...[input, init]: Parameters<AwsClient["sign"]>) {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    const aws = { accessKeyId, secretAccessKey: accessKeySecret, sessionToken: securityToken }
    return super.sign(input, { ...init, aws: { ...init?.aws, ...aws } })
  }
}

export const minio = new MinioClient({
  endPoint: "s3.oss-cn-hangzhou.aliyuncs.com",
  region,
  pathStyle: false,
  credentialsProvider: {
    getCredentials: async () => {
      const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
      return {
        getAccessKey: () => accessKeyId,
        getSecretKey: () => accessKeySecret,
        getSessionToken: () => securityToken
      }
    }
  } as never
})

export class StsObject extends OSSObject {
  protected override async request<T>(params: Parameters<OSSObject["request"]>[0]) {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    Object.assign(this.options, { accessKeyId, accessKeySecret })
    const headers = Object.assign({}, params.headers, { "x-oss-security-token": securityToken })
    return super.request<T>({ ...params, headers })
  }
}

export const store = async () => new OSS({ ...await AlicloudSdk.aliOss(credential), bucket, region })
