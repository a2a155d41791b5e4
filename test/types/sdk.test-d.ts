/**
 * What the compiler must accept as the credential of a client, and what it must reject. Only compiled, not run.
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

declare const service: CredentialProvider.Service
expectTypeOf(AlicloudSdk.fromService(service)).toEqualTypeOf<Effect.Effect<AlicloudSdk.SdkCredential>>()

// the generated SDKs, with both ways to pass a credential
export const config = new OpenApiCore.$OpenApiUtil.Config({ credential, regionId: "cn-hangzhou" })
export const wrapped = new OfficialCredential(null, credential)
config.credential = wrapped
// @ts-expect-error the class has a private member, so only the class itself is assignable
config.credential = credential

expectTypeOf(credential).toExtend<ICredential.default>()
expectTypeOf(credential).toExtend<CredentialsProvider>()

// synchronous members for clients that do not wait
expectTypeOf(credential.getType).toEqualTypeOf<() => string>()
expectTypeOf(credential.getBearerToken).toEqualTypeOf<() => string>()

declare const options: AlicloudSdk.AliOssOptions
export const store = new OSS({ ...options, region: "oss-cn-hangzhou", bucket: "b" })

expectTypeOf<AlicloudSdk.RocketmqCredentials>().toExtend<SessionCredentials>()

// the client is returned with its own type
declare const client: { readonly listTable: () => void }
expectTypeOf(AlicloudSdk.tablestore(client, credential)).toEqualTypeOf<typeof client>()
expectTypeOf(AlicloudSdk.aliyunSdk(client, credential)).toEqualTypeOf<typeof client>()
expectTypeOf(AlicloudSdk.fc2(client, credential)).toEqualTypeOf<typeof client>()

declare const complete: Layer.Layer<CredentialProvider.CredentialProvider, CredentialError.CredentialsNotConfigured>
declare const needy: Layer.Layer<CredentialProvider.CredentialProvider, never, "something">
expectTypeOf(AlicloudSdk.fromLayer(complete)).toExtend<AlicloudSdk.SdkCredential>()
expectTypeOf(AlicloudSdk.fromLayer(complete).close).toEqualTypeOf<() => Promise<void>>()
// @effect-diagnostics-next-line missingLayerContext:off
// @ts-expect-error a layer with requirements cannot be run
AlicloudSdk.fromLayer(needy)
// @ts-expect-error a layer of another service
AlicloudSdk.fromLayer(Layer.empty)
