/**
 * Options for the constructor of a client, with which it keeps asking for current credentials.
 */
import * as Predicate from "effect/Predicate"
import type {
  AliOssOptions,
  AwsSdkCredentials,
  MnsOptions,
  RocketmqCredentials,
  SdkCredential,
  SdkModel
} from "../../AlicloudSdk.ts"
import * as sdkClients from "./clients.ts"

/** @internal */
export const credentialsProvider = (credential: SdkCredential) => ({
  // One client checks that this is a native async function.
  async getCredentials() {
    return credential.getCredentials()
  }
})

/** @internal */
export const aliOss = async (credential: SdkCredential): Promise<AliOssOptions> => {
  // The client copies every field into its own options, so there must be no others.
  const refreshSTSToken = async () => {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    return { accessKeyId, accessKeySecret, stsToken: securityToken }
  }
  return { ...await refreshSTSToken(), refreshSTSToken, refreshSTSTokenInterval: 0 }
}

/** @internal */
export const mns = async (credential: SdkCredential): Promise<MnsOptions> => {
  const ask = async () => {
    const { accessKeyId, accessKeySecret, securityToken } = await credential.getCredentials()
    return { accessKeyId, accessKeySecret, securityToken }
  }
  // The client calls it as its own method, and ignores what it throws.
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

const awsSdkCredentials = (model: SdkModel): AwsSdkCredentials =>
  Object.defineProperties({ accessKeyId: model.accessKeyId, expiration: new Date(0) }, {
    secretAccessKey: { get: () => model.accessKeySecret, enumerable: false },
    sessionToken: { get: () => model.securityToken === "" ? undefined : model.securityToken, enumerable: false }
  }) as AwsSdkCredentials

/** @internal */
export const awsSdk = (credential: SdkCredential): () => Promise<AwsSdkCredentials> => {
  // The client asks several times for each request, and an object with getters costs more than all the rest of it.
  let last: { readonly model: SdkModel; readonly credentials: AwsSdkCredentials } | undefined = undefined
  return async () => {
    const model = await credential.getCredentials()
    if (last?.model !== model) last = { model, credentials: awsSdkCredentials(model) }
    return last.credentials
  }
}
