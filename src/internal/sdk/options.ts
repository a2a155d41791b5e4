/**
 * Options with which a client is constructed, and by which it asks for credentials from then on.
 */
import * as Predicate from "effect/Predicate"
import * as sdkClients from "./clients.ts"
import type { SdkCredential } from "./credential.ts"

/** @internal */
export const credentialsProvider = (credential: SdkCredential) => ({
  // One client looks whether this is a native async function.
  async getCredentials() {
    return credential.getCredentials()
  }
})

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

/** @internal */
export const aliOss = async (credential: SdkCredential): Promise<AliOssOptions> => {
  // The client copies every field that it gets into its own options, so there are these three and no more.
  const refreshSTSToken = async () => {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    return { accessKeyId, accessKeySecret, stsToken: securityToken }
  }
  return { ...await refreshSTSToken(), refreshSTSToken, refreshSTSTokenInterval: 0 }
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

/** @internal */
export const mns = async (credential: SdkCredential): Promise<MnsOptions> => {
  const ask = async () => {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    return { accessKeyId, accessKeySecret, securityToken }
  }
  // The client calls it as a method of itself, and drops what it throws.
  async function refreshSTSToken(this: unknown) {
    try {
      return await ask()
    } catch (error) {
      if (Predicate.isObject(this)) sdkClients.failReads(this, "accessKeySecret", error)
      throw error
    }
  }
  return { ...await ask(), refreshSTSToken, refreshSTSTokenInterval: 0 }
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

/** @internal */
export const rocketmq = async (credential: SdkCredential): Promise<RocketmqCredentials> => {
  const following = sdkClients.follow(credential)
  await following.prepare()
  return sdkClients.defineFields({}, following, {
    accessKey: "accessKeyId",
    accessSecret: "accessKeySecret",
    securityToken: "securityToken"
  }) as RocketmqCredentials
}
