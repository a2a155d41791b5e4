/**
 * What the compiler has to take where the clients take a credential, and what it has to refuse. Not run.
 */
import type Credential from "@alicloud/credentials"
import type { CredentialsProvider } from "@alicloud/credentials"
import type ICredential from "@alicloud/credentials/dist/src/icredential.js"
import * as OpenApiCore from "@alicloud/openapi-core"
import OSS from "ali-oss"
import { type Effect, Layer } from "effect"
import { AlicloudSdk, type CredentialError, type CredentialProvider } from "effect-alicloud-credentials"
import type { SessionCredentials } from "rocketmq-client-nodejs"
import { expectTypeOf } from "vitest"

declare const credential: AlicloudSdk.SdkCredential
declare const OfficialCredential: typeof Credential.default

expectTypeOf(AlicloudSdk.make).toEqualTypeOf<
  Effect.Effect<AlicloudSdk.SdkCredential, never, CredentialProvider.CredentialProvider>
>()

// the generated SDKs, both ways of giving a credential
export const config = new OpenApiCore.$OpenApiUtil.Config({ credential, regionId: "cn-hangzhou" })
export const wrapped = new OfficialCredential(null, credential)
config.credential = wrapped
// @ts-expect-error the class has a private member, so that only the class itself fits this field
config.credential = credential

expectTypeOf(credential).toExtend<ICredential.default>()
expectTypeOf(credential).toExtend<CredentialsProvider>()

// synchronous where the clients do not wait
expectTypeOf(credential.getType).toEqualTypeOf<() => string>()
expectTypeOf(credential.getBearerToken).toEqualTypeOf<() => string>()

declare const options: AlicloudSdk.AliOssOptions
export const store = new OSS({ ...options, region: "oss-cn-hangzhou", bucket: "b" })

expectTypeOf<AlicloudSdk.RocketmqCredentials>().toExtend<SessionCredentials>()

// the client comes back as it was given
declare const client: { readonly listTable: () => void }
expectTypeOf(AlicloudSdk.tablestore(client, credential)).toEqualTypeOf<typeof client>()
expectTypeOf(AlicloudSdk.aliyunSdk(client, credential)).toEqualTypeOf<typeof client>()
expectTypeOf(AlicloudSdk.fc2(client, credential)).toEqualTypeOf<typeof client>()

declare const complete: Layer.Layer<CredentialProvider.CredentialProvider, CredentialError.CredentialsNotConfigured>
declare const needy: Layer.Layer<CredentialProvider.CredentialProvider, never, "something">
expectTypeOf(AlicloudSdk.fromLayer(complete)).toExtend<AlicloudSdk.SdkCredential>()
expectTypeOf(AlicloudSdk.fromLayer(complete).close).toEqualTypeOf<() => Promise<void>>()
// @effect-diagnostics-next-line missingLayerContext:off
// @ts-expect-error a layer that still needs something cannot be run
AlicloudSdk.fromLayer(needy)
// @ts-expect-error a layer of something else
AlicloudSdk.fromLayer(Layer.empty)
