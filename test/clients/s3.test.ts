import { assert } from "@effect/vitest"
import { type Context, Effect, Either, identity, type Layer, ManagedRuntime } from "effect"
import { AlicloudSdk } from "effect-alicloud-credentials"
import http from "node:http"
import { Readable } from "node:stream"
import { promisify } from "node:util"
import { assertRefusal } from "../support/sdk.ts"
import { client, load, loadModule } from "./client.ts"

interface S3Client {
  readonly send: (command: object) => Promise<unknown>
}

interface S3 {
  readonly S3Client: new(options: object) => S3Client
  readonly GetObjectCommand: new(input: object) => object
  readonly PutObjectCommand: new(input: object) => object
}

const { GetObjectCommand, PutObjectCommand, S3Client } = load<S3>("@aws-sdk/client-s3")

// The bucket is in the path, since a server on loopback has no name in which it could be.
const at = (endpoint: string) => ({
  endpoint,
  region: "oss-cn-hangzhou",
  forcePathStyle: true,
  maxAttempts: 1,
  requestChecksumCalculation: "WHEN_REQUIRED"
})

const object = { Bucket: "local-bucket", Key: "目录/a b+c~'().txt" }

client("@aws-sdk/client-s3", (credential, { url }) => {
  const client = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  return () => client.send(new PutObjectCommand({ ...object, Body: "text" }))
})

client("@aws-sdk/client-s3, with a stream", (credential, { url }) => {
  const client = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  return () => client.send(new PutObjectCommand({ ...object, Body: Readable.from(["text"]), ContentLength: 4 }))
})

/** Requests a signed URL, and returns the status. */
const request = (method: string, url: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    http.request(url, { method }, (response) => resolve(response.resume().statusCode)).on("error", reject).end()
  })

const { getSignedUrl } = load<{
  readonly getSignedUrl: (client: S3Client, command: object, options?: object) => Promise<string>
}>("@aws-sdk/s3-request-presigner")

client("@aws-sdk/s3-request-presigner", (credential, { url }) => {
  const client = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  return async () => request("GET", await getSignedUrl(client, new GetObjectCommand(object)))
})

const { Upload } = load<{
  readonly Upload: new(options: object) => { readonly done: () => Promise<unknown> }
}>("@aws-sdk/lib-storage")

client("@aws-sdk/lib-storage", (credential, { url }) => {
  const client = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  return () => new Upload({ client, params: { ...object, Body: Readable.from(["text"]) } }).done()
})

const { S3Driver } = await loadModule<{
  readonly S3Driver: new(options: object) => { readonly put: (key: string, text: string) => Promise<void> }
}>("flydrive/drivers/s3")

client("flydrive", (credential, { url }) => {
  const driver = new S3Driver({
    ...at(url),
    credentials: AlicloudSdk.awsSdk(credential),
    bucket: "local-bucket",
    visibility: "private"
  })
  return () => driver.put("a.txt", "text")
})

interface FilesAdapter {
  readonly raw: { readonly config: { credentials: unknown } }
  readonly upload: (key: string, body: string) => Promise<unknown>
}

const assertCause = (error: unknown): void => assertRefusal((error as Error).cause)

const files = await loadModule<{ readonly s3: (options: object) => FilesAdapter }>("files-sdk/s3")

client("files-sdk", (credential, { url }) => {
  const adapter = files.s3({ ...at(url), bucket: "local-bucket", credentials: AlicloudSdk.awsSdk(credential) as never })
  return () => adapter.upload("a.txt", "text")
}, { assertError: assertCause })

const { alibaba } = await loadModule<{ readonly alibaba: (options: object) => FilesAdapter }>("files-sdk/alibaba")

client("files-sdk, for Alibaba Cloud", (credential, { url }) => {
  const unused = { accessKeyId: "unused", secretAccessKey: "unused" }
  const adapter = alibaba({ ...unused, ...at(url), bucket: "local-bucket" })
  adapter.raw.config.credentials = AlicloudSdk.awsSdk(credential)
  return () => adapter.upload("a.txt", "text")
}, { assertError: assertCause })

const { AwsClient } = load<{
  readonly AwsClient: new(options: object) => {
    sign(url: string, init?: object): Promise<Request>
    readonly fetch: (url: string, init?: object) => Promise<Response>
  }
}>("aws4fetch")

client("aws4fetch", (credential, { url }) => {
  class StsClient extends AwsClient {
    override async sign(url: string, init?: object) {
      const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
      const aws = { accessKeyId, secretAccessKey: accessKeySecret, sessionToken: securityToken }
      return super.sign(url, { ...init, aws })
    }
  }
  const client = new StsClient({
    accessKeyId: "unused",
    secretAccessKey: "unused",
    service: "s3",
    region: "oss-cn-hangzhou"
  })
  return () => client.fetch(`${url}/local-bucket/a%20b'.txt`, { method: "PUT", body: "text" })
})

const minio = load<{
  readonly Client: new(options: object) => {
    readonly putObject: (bucket: string, name: string, text: string) => Promise<unknown>
  }
}>("minio")

client("minio", (credential, { url }) => {
  const { hostname: endPoint, port } = new URL(url)
  const client = new minio.Client({
    endPoint,
    port: Number(port),
    useSSL: false,
    region: "oss-cn-hangzhou",
    credentialsProvider: {
      getCredentials: async () => {
        const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
        return {
          getAccessKey: () => accessKeyId,
          getSecretKey: () => accessKeySecret,
          getSessionToken: () => securityToken
        }
      }
    }
  })
  return () => client.putObject("local-bucket", "a b'.txt", "text")
}, { assertError: assertCause })

interface Storage {
  readonly _handleFile: (request: object, file: object, done: (error: unknown, file?: object) => void) => void
}

const multerS3 = load<(options: object) => Storage>("multer-s3")

client("multer-s3", (credential, { url }) => {
  const s3 = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  const storage = multerS3({ s3, bucket: "local-bucket" })
  const handle = promisify(storage._handleFile.bind(storage))
  return () => handle({}, { originalname: "a.txt", stream: Readable.from(["text"]) })
})

const strapi = load<{
  readonly init: (options: object) => { readonly upload: (file: object) => Promise<unknown> }
}>("@strapi/provider-upload-aws-s3")

client("@strapi/provider-upload-aws-s3", (credential, { url }) => {
  const provider = strapi.init({
    s3Options: { ...at(url), credentials: AlicloudSdk.awsSdk(credential), params: { Bucket: "local-bucket" } }
  })
  return () => provider.upload({ hash: "a", ext: ".txt", mime: "text/plain", buffer: Buffer.from("text") })
})

const { AwsS3StorageAdapter } = load<{
  readonly AwsS3StorageAdapter: new(client: S3Client, options: object) => {
    readonly write: (path: string, content: Readable, options: object) => Promise<unknown>
  }
}>("@flystorage/aws-s3")

client("@flystorage/aws-s3", (credential, { url }) => {
  const client = new S3Client({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  const adapter = new AwsS3StorageAdapter(client, { bucket: "local-bucket" })
  return () => adapter.write("a.txt", Readable.from(["text"]), { mimeType: "text/plain" })
})

const { S3Service } = load<{
  readonly S3Service:
    & Context.Tag<"S3Service", { readonly putObject: (input: object) => Effect.Effect<unknown, unknown> }>
    & { readonly layer: (config: object) => Layer.Layer<"S3Service"> }
}>("@effect-aws/client-s3")

client("@effect-aws/client-s3", (credential, { url }) => {
  const layer = S3Service.layer({ ...at(url), credentials: AlicloudSdk.awsSdk(credential) })
  const runtime = ManagedRuntime.make(layer)
  const put = Effect.flatMap(S3Service, (s3) => s3.putObject({ ...object, Body: "text" }))
  return async () => Either.getOrThrowWith(await runtime.runPromise(Effect.either(put)), identity)
}, {
  // It copies the fields of an error into one of its own.
  assertError: (error) => assert.include(error, { name: "SdkError", code: "NoPermission", status: 403 })
})
