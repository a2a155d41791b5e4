/**
 * From a `CredentialProvider` to what each client of Alibaba Cloud for Node takes. The clients ask for each request, so
 * that they sign with the credentials of that moment and renewal needs no code.
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
 *
 * Secrets are plain strings where a client takes them, and nowhere else.
 *
 * Code of one's own asks `getCredential()`, whose fields are of one set. `getAccessKeyId`, `getAccessKeySecret` and
 * `getSecurityToken` are read in this order without a pause, and fit together as long as all callers do so.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { CredentialProvider } from "./CredentialProvider.ts"
import * as Peek from "./internal/provider/peek.ts"
import * as sdkClients from "./internal/sdk/clients.ts"
import * as sdkCredential from "./internal/sdk/credential.ts"
import * as sdkOptions from "./internal/sdk/options.ts"
import * as sdkRuntime from "./internal/sdk/runtime.ts"

/**
 * One set of credentials, as the official SDKs read it. Fields that do not apply are empty.
 *
 * The secret fields are not enumerable and are read when asked for, so that neither `JSON.stringify` nor an inspector
 * shows them.
 *
 * @since 0.1.0
 * @category models
 */
// An alias, since an interface is not assignable to the official class, which has an index signature.
export type SdkModel = {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string
  readonly bearerToken: string
  /** `access_key`, `sts` or `bearer`. The clients single out `bearer` alone. */
  readonly type: string
  /** What clients send as `x-acs-credentials-provider`, for example `default/env`. */
  readonly providerName: string
  /** All fields in an object of their own, secrets too: part of the official type. */
  readonly toMap: () => { [key: string]: string }
}

/**
 * What the official SDKs take as `credential`, and `pop-core` and `@alicloud/log` as `credentialsProvider`. It keeps
 * nothing: each call answers with the credentials of its moment, and renews them when they are due.
 *
 * A call that finds no credentials rejects with the `CredentialError` itself, which has a stable `name` and `code`.
 *
 * Prefer `getCredential`, whose fields always fit together. The three getters of single fields exist for clients that
 * know nothing else. Read the id first, then the secret, then the token, without a pause: reads are matched to the ids
 * in their order, so that requests at the same time stay whole while credentials change. They cannot be told apart:
 * where one caller reads ids alone, another's id and secret may belong to different credentials just after a change.
 *
 * @since 0.1.0
 * @category models
 */
export interface SdkCredential {
  /** The credentials of this moment, all fields from one set. */
  readonly getCredential: () => Promise<SdkModel>
  /** The same for clients that sign with an AccessKey only. Rejects when the provider gives a bearer token. */
  readonly getCredentials: () => Promise<SdkModel>
  /** The id of this moment. The next read of a secret and of a token belongs to it. */
  readonly getAccessKeyId: () => Promise<string>
  /** The secret of the id that was read before, within the last second; else the one of this moment. */
  readonly getAccessKeySecret: () => Promise<string>
  /** The token of the id that was read before, in the same way; empty when it has none. */
  readonly getSecurityToken: () => Promise<string>
  /** The bearer token at hand; empty when there is none. Throws the `CredentialError` when the provider fails at once. */
  readonly getBearerToken: () => string
  /**
   * `access_key`, `sts` or `bearer`; `sts` while a provider that has to be waited for has not answered yet. Throws the
   * `CredentialError` when the provider fails at once.
   */
  readonly getType: () => string
  /** The name of the provider, for example `default`. */
  readonly getProviderName: () => string
}

/**
 * The options of `ali-oss` that have to do with credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface AliOssOptions {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Empty for an AccessKey. */
  readonly stsToken: string
  readonly refreshSTSToken: () => Promise<Pick<AliOssOptions, "accessKeyId" | "accessKeySecret" | "stsToken">>
  /** Zero: each request asks, and the provider answers from memory. With any other, requests use keys past their end. */
  readonly refreshSTSTokenInterval: number
}

/**
 * The options of `@alicloud/mns` that have to do with credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface MnsOptions {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Empty for an AccessKey. */
  readonly securityToken: string
  readonly refreshSTSToken: () => Promise<Pick<MnsOptions, "accessKeyId" | "accessKeySecret" | "securityToken">>
  /** Zero: each request asks, and the provider answers from memory. */
  readonly refreshSTSTokenInterval: number
}

/**
 * The `SessionCredentials` of `rocketmq-client-nodejs`. Each read answers with the credentials of its moment.
 *
 * @since 0.1.0
 * @category models
 */
export interface RocketmqCredentials {
  readonly accessKey: string
  readonly accessSecret: string
  /** Empty for an AccessKey. */
  readonly securityToken: string
}

/**
 * The credential object over the provider in the context. It runs on the runtime of the program that makes it. When the
 * provider's scope has ended nothing is renewed any more: what is at hand is given while it lasts, and after that calls
 * reject with `CredentialsUnavailable`; `getType` and `getBearerToken`, which give no promise, throw it.
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
export const make: Effect.Effect<SdkCredential, never, CredentialProvider> = Effect.gen(function*() {
  const service = yield* CredentialProvider
  const clock = yield* Effect.clock
  // Calls come from anywhere, and do not belong to the span in which the object was made.
  const runtime = Runtime.updateContext(yield* Effect.runtime<never>(), Context.omit(Tracer.ParentSpan))
  return sdkCredential.make({
    name: () => service.name,
    peek: Peek.of(service),
    ask: () => Runtime.runPromiseExit(runtime)(service.get),
    askNow: () => Runtime.runSyncExit(runtime)(service.get),
    now: () => clock.unsafeCurrentTimeMillis(),
    assertOpen: () => {}
  })
})

/**
 * A credential object that has to be closed.
 *
 * @since 0.1.0
 * @category models
 */
export interface OwnedSdkCredential extends SdkCredential {
  /**
   * Ends the runtime and whatever is under way. After it every call rejects with `CredentialsUnavailable`;
   * `getType` and `getBearerToken`, which give no promise, throw it.
   */
  readonly close: () => Promise<void>
}

/**
 * The credential object for plain async code: it owns a runtime, which the first call starts and `close` ends. Make one
 * for the whole program. It does not keep the process alive, and it installs no logger that prints; a logger of the
 * layer's own is used.
 *
 * When the layer does not build, the calls that waited for it reject with its error, and the next call builds it anew.
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
  const { close, source } = sdkRuntime.own(layer)
  return { ...sdkCredential.make(source), close }
}

/**
 * What `@alicloud/pop-core`, and the older SDKs over it, take as `credentialsProvider`. Its type declarations do not
 * know the option.
 *
 * On an error of the server, pop-core puts the signed URL into its own error, security token and all: prefer
 * `{ method: "POST" }`.
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
 * What `@alicloud/log` takes as `credentialsProvider`. The client refuses every function but a native async one, so a
 * bundler must not turn this one into anything older than ES2017.
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
 * Options for `new OSS({ ...options, bucket, region })` of `ali-oss`, with the credentials of this moment to start with.
 * From then on each request, each retry and each signed URL asks the provider. Rejects when there are no credentials.
 *
 * The client copies its options and prints them when it is inspected, so the secrets are plain fields here. It renews
 * only what has a token: a plain AccessKey is taken once. `signatureUrl` and the policy signers, which are synchronous,
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
 * Options for `new MNS(accountId, { ...options, region })` of `@alicloud/mns`, with the credentials of this moment to
 * start with. From then on each request asks the provider. Rejects when there are no credentials.
 *
 * The client hides the failure of a renewal and signs with what it has. A request after such a failure fails here with
 * the `CredentialError`. As with `ali-oss`, only what has a token is renewed, and the client keeps plain fields.
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
 * Makes a client of `tablestore` ask the provider for each attempt of each request, and gives it back. The strings of
 * its construction are not used any more; they may be left out.
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
  const json = ["setupJsonRequestListeners"].filter((name) => name in target)
  sdkClients.waitAt(library, target, ["setupRequestListeners", ...json], ["build", "afterRetry"], following.prepare)
  sdkClients.defineFields(config, following, {
    accessKeyId: "accessKeyId",
    secretAccessKey: "accessKeySecret",
    accessKeySecret: "accessKeySecret",
    stsToken: "securityToken",
    securityToken: "securityToken"
  })
  return client
}

/**
 * Makes a service of `aliyun-sdk` (`new ALY.SLS(…)`, `new ALY.OSS(…)` …) ask the provider for each request, and gives it
 * back. The strings of its construction are not used any more; they may be left out.
 *
 * Its older services over RPC (`ALY.ECS`, `ALY.RDS` …) know no security token, so they work with an AccessKey only.
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
  sdkClients.waitAt(library, target, ["setupRequestListeners"], ["validate"], following.prepare)
  sdkClients.defineFields(config, following, {
    accessKeyId: "accessKeyId",
    secretAccessKey: "accessKeySecret",
    securityToken: "securityToken"
  })
  return client
}

/**
 * Makes a client of `@alicloud/fc2` ask the provider for each request, and gives it back. Its constructor insists on
 * non-empty strings, which are not used any more. `websocket`, which is synchronous, uses the credentials at hand and
 * throws when there are none.
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
  const following = sdkClients.follow(credential)
  const target = sdkClients.requireObject(library, "properties", client)
  sdkClients.wrapMethod(library, target, "request", (original) => async (...args) => {
    await following.prepare()
    return original(...args)
  })
  sdkClients.defineFields(target, following, {
    accessKeyID: "accessKeyId",
    accessKeySecret: "accessKeySecret",
    securityToken: "securityToken"
  })
  return client
}

/**
 * What `rocketmq-client-nodejs` takes as `sessionCredentials`. Resolves when the first credentials are there, and
 * rejects when there are none.
 *
 * The client reads it for each call and cannot wait. Its calls renew what is due in the background; a call that comes
 * after the end of the last credentials throws `CredentialsUnavailable` and sets off a renewal. `keepWarm` of
 * `CredentialProvider` keeps a client that is idle for longer from that.
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
