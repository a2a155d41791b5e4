/**
 * Adapts a `CredentialProvider` to the clients of Alibaba Cloud for Node.js. The clients read the credentials for each
 * request, so they always sign with the current ones and you write no code for renewal.
 *
 * | Client | How |
 * | --- | --- |
 * | generated SDKs (`@alicloud/ecs20140526`, …) | `new $OpenApiUtil.Config({ credential })` |
 * | `@alicloud/credentials` as a type | `new Credential(null, credential)` |
 * | `@alicloud/pop-core` | `credentialsProvider:` {@link popCore} |
 * | `@alicloud/log` | `credentialsProvider:` {@link aliyunLog} |
 * | `ali-oss` | options of {@link aliOss} |
 * | `@alicloud/mns` | options of {@link mns} |
 * | `tablestore`, `aliyun-sdk`, `@alicloud/fc2` | {@link tablestore}, {@link aliyunSdk}, {@link fc2} around the client |
 * | `rocketmq-client-nodejs` | `sessionCredentials:` {@link rocketmq} |
 * | `@aws-sdk/client-s3` and what is built on it, for OSS | `credentials:` {@link awsSdk} |
 * | others that keep their keys in fields, such as `@aliyunmq/mq-http-sdk` | {@link follow} around the client |
 *
 * Secrets become plain strings only where a client takes them.
 *
 * In your own code, call `getCredential()`: its fields always belong together. If you need the getters of single
 * fields, call `getAccessKeyId`, `getAccessKeySecret` and `getSecurityToken` in this order without a pause; the values
 * then belong together as long as all callers do so.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { CredentialProvider, type Health, type Service } from "./CredentialProvider.ts"
import * as Peek from "./internal/provider/peek.ts"
import * as sdkClients from "./internal/sdk/clients.ts"
import * as sdkCredential from "./internal/sdk/credential.ts"
import * as sdkOptions from "./internal/sdk/options.ts"
import * as sdkRuntime from "./internal/sdk/runtime.ts"

/**
 * One set of credentials, in the form that the official SDKs read. Fields that do not apply are empty strings.
 *
 * The secret fields are getters that are not enumerable, so neither `JSON.stringify` nor an inspector shows them.
 *
 * @since 0.1.0
 * @category models
 */
// An alias, since an interface is not assignable to the official class, which has an index signature.
export type SdkModel = {
  /** Empty for a bearer token. */
  readonly accessKeyId: string
  /** Empty for a bearer token. */
  readonly accessKeySecret: string
  /** Empty unless the credentials are an STS token. */
  readonly securityToken: string
  /** Empty unless the credentials are a bearer token. */
  readonly bearerToken: string
  /** `access_key`, `sts` or `bearer`. The clients treat only `bearer` differently. */
  readonly type: string
  /** When they expire. Undefined if they do not. */
  readonly expiration?: Date | undefined
  /** The value that clients send as `x-acs-credentials-provider`, for example `default/env`. */
  readonly providerName: string
  /** All fields as a plain object, including the secrets. The official type requires it. */
  readonly toMap: () => { [key: string]: string }
}

/**
 * The object that the official SDKs take as `credential`, and `pop-core` and `@alicloud/log` as `credentialsProvider`.
 * It caches nothing itself: each call returns the current credentials of the provider and renews them when they are
 * due.
 *
 * A call without credentials rejects with the `CredentialError`, which has a stable `name` and `code`.
 *
 * Prefer `getCredential`, whose fields always belong together. The three getters of single fields exist for clients
 * that use nothing else. Read the id first, then the secret, then the token, without a pause. The object matches
 * secrets and tokens to ids in the order of the reads, so concurrent requests get consistent values while the
 * credentials change. It cannot distinguish callers: if one caller reads only ids, another caller may get an id and a
 * secret of different credentials just after a change.
 *
 * @since 0.1.0
 * @category models
 */
export interface SdkCredential {
  /** The current credentials. All fields belong together. */
  readonly getCredential: () => Promise<SdkModel>
  /** The same for clients that sign only with a key pair. Rejects if the provider returns a bearer token. */
  readonly getCredentials: () => Promise<SdkModel>
  /** The current id. The next secret and the next token that are read belong to it. */
  readonly getAccessKeyId: () => Promise<string>
  /** The secret of the id that was read within the last second, otherwise the current secret. */
  readonly getAccessKeySecret: () => Promise<string>
  /**
   * The token of the id that was read within the last second, otherwise the current token. Empty if it has no token.
   */
  readonly getSecurityToken: () => Promise<string>
  /**
   * The cached bearer token, or an empty string. Throws the `CredentialError` if the provider fails without waiting.
   */
  readonly getBearerToken: () => string
  /**
   * `access_key`, `sts` or `bearer`, and `sts` while the provider has not answered yet. Throws the `CredentialError` if
   * the provider fails without waiting.
   */
  readonly getType: () => string
  /** The name of the provider, for example `default`. */
  readonly getProviderName: () => string
}

/**
 * The options of `ali-oss` for credentials. Made by {@link aliOss}.
 *
 * @since 0.1.0
 * @category models
 */
export interface AliOssOptions {
  /** The first id. */
  readonly accessKeyId: string
  /** The first secret. */
  readonly accessKeySecret: string
  /** The first token. Empty for an AccessKey. */
  readonly stsToken: string
  /** Returns the current credentials. Rejects with a `CredentialError`. */
  readonly refreshSTSToken: () => Promise<Pick<AliOssOptions, "accessKeyId" | "accessKeySecret" | "stsToken">>
  /** Always 0: the client reads the credentials for each request. A longer interval could use expired keys. */
  readonly refreshSTSTokenInterval: number
}

/**
 * The options of `@alicloud/mns` for credentials. Made by {@link mns}.
 *
 * @since 0.1.0
 * @category models
 */
export interface MnsOptions {
  /** The first id. */
  readonly accessKeyId: string
  /** The first secret. */
  readonly accessKeySecret: string
  /** The first token. Empty for an AccessKey. */
  readonly securityToken: string
  /** Returns the current credentials. Rejects with a `CredentialError`. */
  readonly refreshSTSToken: () => Promise<Pick<MnsOptions, "accessKeyId" | "accessKeySecret" | "securityToken">>
  /** Always 0: the client reads the credentials for each request. */
  readonly refreshSTSTokenInterval: number
}

/**
 * The `SessionCredentials` of `rocketmq-client-nodejs`. Each property returns the current value when it is read.
 *
 * @since 0.1.0
 * @category models
 */
export interface RocketmqCredentials {
  /** The current id. */
  readonly accessKey: string
  /** The current secret. */
  readonly accessSecret: string
  /** The current token. Empty for an AccessKey. */
  readonly securityToken: string
}

/**
 * What {@link awsSdk} returns: an `AwsCredentialIdentity` of the AWS SDK.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwsSdkCredentials {
  /** The current id. */
  readonly accessKeyId: string
  /** The current secret. It is not enumerable. */
  readonly secretAccessKey: string
  /** The current token. Undefined for an AccessKey. It is not enumerable. */
  readonly sessionToken?: string
  /** Always in the past, so that the SDK asks again for its next request. */
  readonly expiration: Date
}

/**
 * The names of fields of a client, and which part of the credentials each of them gets. The argument of {@link follow}.
 *
 * @since 0.1.0
 * @category models
 */
export type CredentialFields = Readonly<Record<string, "accessKeyId" | "accessKeySecret" | "securityToken">>

/**
 * Makes the credential object for the provider in the context. It runs on the runtime of the program that makes it.
 *
 * After the provider's scope has closed, nothing is renewed. Calls return the cached credentials until they expire, and
 * then reject with `CredentialsUnavailable`. `getType` and `getBearerToken` return no promise, so they throw it.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import Ecs, { DescribeRegionsRequest } from "@alicloud/ecs20140526"
 * import { $OpenApiUtil } from "@alicloud/openapi-core"
 * import { AlicloudSdk, DefaultChain } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const regions = Effect.gen(function*() {
 *   const credential = yield* AlicloudSdk.make
 *   const client = new Ecs.default(new $OpenApiUtil.Config({ credential, regionId: "cn-hangzhou" }))
 *   return yield* Effect.tryPromise(() => client.describeRegions(new DescribeRegionsRequest({})))
 * }).pipe(Effect.provide(DefaultChain.layer))
 * ```
 */
export const make: Effect.Effect<SdkCredential, never, CredentialProvider> = Effect.flatMap(
  CredentialProvider,
  (service) => fromService(service)
)

/**
 * Makes the credential object for one of several providers, for a program with more than one account. It is
 * {@link make} with the provider as an argument instead of from the context.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { $OpenApiUtil } from "@alicloud/openapi-core"
 * import { AlicloudSdk, type CredentialProvider } from "effect-alicloud-credentials"
 * import { Context, Effect } from "effect"
 *
 * class Billing extends Context.Tag("app/Billing")<Billing, CredentialProvider.Service>() {}
 * class Backup extends Context.Tag("app/Backup")<Backup, CredentialProvider.Service>() {}
 *
 * const configs = Effect.gen(function*() {
 *   const billing = yield* AlicloudSdk.fromService(yield* Billing)
 *   const backup = yield* AlicloudSdk.fromService(yield* Backup)
 *   return [billing, backup].map((credential) => new $OpenApiUtil.Config({ credential, regionId: "cn-hangzhou" }))
 * })
 * ```
 */
export const fromService = (service: Service): Effect.Effect<SdkCredential> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    // Calls are not part of the span in which the object was made.
    const runtime = Runtime.updateContext(yield* Effect.runtime<never>(), Context.omit(Tracer.ParentSpan))
    return sdkCredential.make({
      name: () => service.name,
      peek: Peek.of(service.get),
      ask: () => Runtime.runPromiseExit(runtime)(service.get),
      askNow: () => Runtime.runSyncExit(runtime)(service.get),
      now: () => clock.unsafeCurrentTimeMillis(),
      assertOpen: () => {}
    })
  })

/**
 * A credential object with its own runtime, which `close` ends.
 *
 * @since 0.1.0
 * @category models
 */
export interface OwnedSdkCredential extends SdkCredential {
  /**
   * How the provider is doing, for readiness probes: see `health` of `CredentialProvider`. It sends no request and does
   * not build the layer. So it says "not usable" until the first call of another method.
   */
  readonly health: () => Promise<Health>
  /**
   * Ends the runtime and interrupts everything that runs on it. Every later call rejects with `CredentialsUnavailable`.
   * `getType` and `getBearerToken` return no promise, so they throw it.
   */
  readonly close: () => Promise<void>
}

/**
 * Makes the credential object for plain async code. It owns a runtime, which the first call starts and `close` ends.
 * Make one for the whole program. It does not keep the process alive. It logs only through loggers that the layer
 * installs.
 *
 * If the layer fails to build, the calls that waited for it reject with its error, and the next call builds it again.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { $OpenApiUtil } from "@alicloud/openapi-core"
 * import Sts from "@alicloud/sts20150401"
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * const credential = AlicloudSdk.fromLayer(Environment.layer)
 *
 * export const whoAmI = async () => {
 *   const client = new Sts.default(new $OpenApiUtil.Config({ credential, endpoint: "sts.aliyuncs.com" }))
 *   return (await client.getCallerIdentity()).body?.arn
 * }
 * ```
 */
export const fromLayer = <E>(layer: Layer.Layer<CredentialProvider, E>): OwnedSdkCredential => {
  const { close, health, source } = sdkRuntime.own(layer)
  return { ...sdkCredential.make(source), health, close }
}

/**
 * The `credentialsProvider` of `@alicloud/pop-core` and of the older SDKs on top of it. The type declarations of
 * pop-core do not have this option.
 *
 * If the server returns an error, pop-core puts the signed URL into its own error, including the security token. Use
 * `{ method: "POST" }` to avoid this.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import Core from "@alicloud/pop-core"
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * const options = {
 *   endpoint: "https://ecs.aliyuncs.com",
 *   apiVersion: "2014-05-26",
 *   credentialsProvider: AlicloudSdk.popCore(AlicloudSdk.fromLayer(Environment.layer))
 * }
 * const client = new Core(options as never)
 * ```
 */
export const popCore: (credential: SdkCredential) => { readonly getCredentials: () => Promise<SdkModel> } =
  sdkOptions.credentialsProvider

/**
 * The `credentialsProvider` of `@alicloud/log`. The client accepts only native async functions, so do not let a bundler
 * compile this function to a target older than ES2017.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, EcsRamRole } from "effect-alicloud-credentials"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "@effect/platform"
 *
 * const options = Effect.map(AlicloudSdk.make, (credential) => ({
 *   endpoint: "https://cn-hangzhou.log.aliyuncs.com",
 *   credentialsProvider: AlicloudSdk.aliyunLog(credential)
 * })).pipe(Effect.provide(EcsRamRole.layer().pipe(Layer.provide(FetchHttpClient.layer))))
 * ```
 */
export const aliyunLog: (credential: SdkCredential) => { readonly getCredentials: () => Promise<SdkModel> } =
  sdkOptions.credentialsProvider

/**
 * Options for `new OSS({ ...options, bucket, region })` of `ali-oss`, starting with the current credentials. Each
 * request, each retry and each signed URL then asks the provider. Rejects if there are no credentials.
 *
 * The secrets are plain fields, because the client copies its options; it prints them when it is inspected. It renews
 * only credentials with a token and reads an AccessKey once. `signatureUrl` and the policy signers are synchronous and
 * use the key of the last request.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import OSS from "ali-oss"
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * const credential = AlicloudSdk.fromLayer(Environment.layer)
 *
 * export const store = async () =>
 *   new OSS({ ...await AlicloudSdk.aliOss(credential), region: "oss-cn-hangzhou", bucket: "my-bucket" })
 * ```
 */
export const aliOss: (credential: SdkCredential) => Promise<AliOssOptions> = sdkOptions.aliOss

/**
 * Options for `new MNS(accountId, { ...options, region })` of `@alicloud/mns`, starting with the current credentials.
 * Each request then asks the provider. Rejects if there are no credentials.
 *
 * The client itself ignores a failed renewal and signs with the old credentials. With these options, a request after a
 * failed renewal fails with the `CredentialError`. The client renews only credentials with a token, and stores the
 * secrets as plain fields.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * const credential = AlicloudSdk.fromLayer(Environment.layer)
 *
 * export const options = async () => ({ ...await AlicloudSdk.mns(credential), region: "cn-hangzhou" })
 * ```
 */
export const mns: (credential: SdkCredential) => Promise<MnsOptions> = sdkOptions.mns

/**
 * Makes a client of `tablestore` ask the provider for each attempt of each request, and returns the client. The keys
 * passed to its constructor are not used; you can leave them out.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * declare const TableStore: { readonly Client: new(options: object) => object }
 *
 * const client = AlicloudSdk.tablestore(
 *   new TableStore.Client({ endpoint: "https://db.cn-hangzhou.ots.aliyuncs.com", instancename: "db" }),
 *   AlicloudSdk.fromLayer(Environment.layer)
 * )
 * ```
 */
export const tablestore = <C>(client: C, credential: SdkCredential): C => {
  const library = "tablestore"
  const following = sdkClients.follow(credential)
  const target = sdkClients.requireObject(library, "properties", client)
  const config = sdkClients.configOf(library, target)
  const fields = {
    accessKeyId: "accessKeyId",
    secretAccessKey: "accessKeySecret",
    accessKeySecret: "accessKeySecret",
    stsToken: "securityToken",
    securityToken: "securityToken"
  } as const
  sdkClients.requireFields(library, config, ["accessKeyId", "accessKeySecret", "stsToken"])
  sdkClients.requireOpen(library, config, fields)
  const json = ["setupJsonRequestListeners"].filter((name) => name in target)
  sdkClients.waitAt(library, target, ["setupRequestListeners", ...json], ["build", "afterRetry"], following.prepare)
  sdkClients.defineFields(config, following, fields)
  return client
}

/**
 * Makes a service of `aliyun-sdk` (`new ALY.SLS(…)`, `new ALY.OSS(…)` …) ask the provider for each request, and returns
 * it. The keys passed to its constructor are not used; you can leave them out.
 *
 * The older RPC services of the package (`ALY.ECS`, `ALY.RDS` …) do not support security tokens, so they work only with
 * an AccessKey.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * declare const ALY: { readonly SLS: new(options: object) => object }
 *
 * const client = AlicloudSdk.aliyunSdk(
 *   new ALY.SLS({ endpoint: "https://cn-hangzhou.log.aliyuncs.com", apiVersion: "2015-06-01" }),
 *   AlicloudSdk.fromLayer(Environment.layer)
 * )
 * ```
 */
export const aliyunSdk = <C>(client: C, credential: SdkCredential): C => {
  const library = "aliyun-sdk"
  const following = sdkClients.follow(credential)
  const target = sdkClients.requireObject(library, "properties", client)
  const config = sdkClients.configOf(library, target)
  // A client of tablestore reads this field instead of the token.
  sdkClients.refuseField(library, config, "stsToken")
  const fields = {
    accessKeyId: "accessKeyId",
    secretAccessKey: "accessKeySecret",
    securityToken: "securityToken"
  } as const
  sdkClients.requireFields(library, config, Object.keys(fields))
  sdkClients.requireOpen(library, config, fields)
  sdkClients.waitAt(library, target, ["setupRequestListeners"], ["validate"], following.prepare)
  sdkClients.defineFields(config, following, fields)
  return client
}

/**
 * Makes a client of `@alicloud/fc2` ask the provider for each request, and returns the client. Its constructor requires
 * non-empty keys, which are not used. `websocket` is synchronous: it uses the cached credentials and throws if nothing
 * is cached.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * declare const FC: new(accountId: string, options: object) => object
 *
 * const client = AlicloudSdk.fc2(
 *   new FC("123456789012", { accessKeyID: "unused", accessKeySecret: "unused", region: "cn-hangzhou" }),
 *   AlicloudSdk.fromLayer(Environment.layer)
 * )
 * ```
 */
export const fc2 = <C>(client: C, credential: SdkCredential): C => {
  const library = "@alicloud/fc2"
  const fields = {
    accessKeyID: "accessKeyId",
    accessKeySecret: "accessKeySecret",
    securityToken: "securityToken"
  } as const
  // The client has the third only if it was constructed with a session.
  sdkClients.followAt(library, client, "request", fields, ["accessKeyID", "accessKeySecret"], credential)
  return client
}

/**
 * The `sessionCredentials` of `rocketmq-client-nodejs`. Resolves once credentials are available, and rejects if there
 * are none.
 *
 * The client reads the credentials synchronously for each call. A call starts a renewal in the background when one is
 * due. If the last credentials have expired, the call throws `CredentialsUnavailable` and starts a renewal. For clients
 * that are idle for longer, use `keepWarm` of `CredentialProvider`.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 * import { Producer } from "rocketmq-client-nodejs"
 *
 * const credential = AlicloudSdk.fromLayer(Environment.layer)
 *
 * export const producer = async () =>
 *   new Producer({
 *     endpoints: "rmq-cn-example.cn-hangzhou.rmq.aliyuncs.com:8080",
 *     namespace: "",
 *     sessionCredentials: await AlicloudSdk.rocketmq(credential)
 *   })
 * ```
 */
export const rocketmq: (credential: SdkCredential) => Promise<RocketmqCredentials> = sdkOptions.rocketmq

/**
 * The `credentials` of an `S3Client` (`@aws-sdk/client-s3`), and of everything that is built on it, such as
 * `@aws-sdk/s3-request-presigner`. The client asks for each request, since it gets an `expiration` in the past: with the
 * real one it would keep the credentials until then, even if a service refuses them before. It rejects with the
 * `CredentialError`, and with `CredentialsMisconfigured` for a bearer token.
 *
 * For OSS, the client needs the S3 endpoint of a region, the virtual-hosted style (`forcePathStyle: false`, the default)
 * and `requestChecksumCalculation: "WHEN_REQUIRED"`.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * declare const S3Client: new(options: object) => object
 *
 * const client = new S3Client({
 *   credentials: AlicloudSdk.awsSdk(AlicloudSdk.fromLayer(Environment.layer)),
 *   endpoint: "https://s3.oss-cn-hangzhou.aliyuncs.com",
 *   region: "oss-cn-hangzhou",
 *   requestChecksumCalculation: "WHEN_REQUIRED"
 * })
 * ```
 */
export const awsSdk: (credential: SdkCredential) => () => Promise<AwsSdkCredentials> = sdkOptions.awsSdk

/**
 * Makes a client that this module has no function for ask the provider for each request, and returns the client. Each
 * call of `method` waits for the provider first, and the named fields then have the current credentials. So `method` has
 * to be the one that sends a request, and to return a promise: a callback does not get the `CredentialError`, with which
 * the call rejects. It has to read all of the fields without an `await` in between, or an id and a secret may be of
 * different sessions just after a renewal.
 *
 * Throws `CredentialsMisconfigured` if the client has no such method or field. What its constructor requires for the
 * fields is not used; pass any text for each of them.
 *
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { AlicloudSdk, Environment } from "effect-alicloud-credentials"
 *
 * declare const MQClient: new(endpoint: string, id: string, secret: string, token: string) => object
 *
 * const client = AlicloudSdk.follow(
 *   new MQClient("https://123456789012.mqrest.cn-hangzhou.aliyuncs.com", "unused", "unused", "unused"),
 *   "request",
 *   { accessKeyId: "accessKeyId", accessKeySecret: "accessKeySecret", securityToken: "securityToken" },
 *   AlicloudSdk.fromLayer(Environment.layer)
 * )
 * ```
 */
export const follow = <C>(client: C, method: string, fields: CredentialFields, credential: SdkCredential): C => {
  sdkClients.followAt(undefined, client, method, fields, Object.keys(fields), credential)
  return client
}
