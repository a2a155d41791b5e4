/**
 * The types of the signing client and of the modules that use it. Only compiled, not run.
 */
import type { HttpClient, HttpClientError } from "@effect/platform"
import { type Config, type ConfigError, type Effect, type Layer, Schema, type Scope } from "effect"
import {
  CallerIdentity,
  type CredentialError,
  type CredentialProvider,
  KmsSecret,
  OpenApi,
  SignedHttpClient
} from "effect-alicloud-credentials"
import { expectTypeOf } from "vitest"

type Provider = CredentialProvider.CredentialProvider
type Http = HttpClient.HttpClient

declare const http: Http
declare const special: HttpClient.HttpClient.With<"failure", "service">

expectTypeOf(SignedHttpClient.make(http)).toEqualTypeOf<
  Effect.Effect<
    HttpClient.HttpClient.With<
      HttpClientError.HttpClientError | CredentialError.CredentialError | SignedHttpClient.SigningError
    >,
    never,
    Provider
  >
>()
expectTypeOf(SignedHttpClient.make(special)).toEqualTypeOf<
  Effect.Effect<
    HttpClient.HttpClient.With<
      "failure" | CredentialError.CredentialError | SignedHttpClient.SigningError,
      "service"
    >,
    never,
    Provider
  >
>()
declare const provider: CredentialProvider.Service
expectTypeOf(SignedHttpClient.fromService(provider)).toEqualTypeOf<
  Effect.Effect<SignedHttpClient.Service, never, Http>
>()
expectTypeOf(CallerIdentity.fromService(provider)).toEqualTypeOf<
  Effect.Effect<CallerIdentity.CallerIdentity, OpenApi.CallError, Http>
>()

expectTypeOf(SignedHttpClient.layer()).toEqualTypeOf<
  Layer.Layer<SignedHttpClient.SignedHttpClient, never, Provider | Http>
>()
// It has its own tag, so that credentials are never requested with the signing client.
expectTypeOf<SignedHttpClient.SignedHttpClient>().not.toEqualTypeOf<Http>()

const call = OpenApi.call({
  endpoint: "a",
  action: "A",
  version: "v",
  parameters: { list: ["a", 1, { b: true }], absent: undefined },
  schema: Schema.Struct({ a: Schema.DateFromString })
})
expectTypeOf(call).toEqualTypeOf<
  Effect.Effect<{ readonly a: Date }, OpenApi.CallError, SignedHttpClient.SignedHttpClient>
>()

export const withDate = OpenApi.call({
  endpoint: "a",
  action: "A",
  version: "v",
  // @ts-expect-error: a date has no unique format
  parameters: { at: new Date() },
  schema: Schema.Unknown
})

expectTypeOf(CallerIdentity.get()).toEqualTypeOf<
  Effect.Effect<CallerIdentity.CallerIdentity, OpenApi.CallError, Provider | Http>
>()
expectTypeOf(CallerIdentity.guard({ accountId: ["1", "2"] })).toEqualTypeOf<
  Layer.Layer<never, CallerIdentity.UnexpectedIdentity | OpenApi.CallError, Provider | Http>
>()
// @ts-expect-error: an empty list would accept no account
export const forNobody = CallerIdentity.guard({ accountId: [] })

declare const options: KmsSecret.KmsSecretOptions
declare const source: CredentialProvider.Service
declare const configured: Config.Config.Wrap<KmsSecret.KmsSecretOptions>

expectTypeOf(KmsSecret.layer(options)).toEqualTypeOf<Layer.Layer<Provider, never, Provider | Http>>()
expectTypeOf(KmsSecret.layerConfig(configured)).toEqualTypeOf<
  Layer.Layer<Provider, ConfigError.ConfigError, Provider | Http>
>()
expectTypeOf(KmsSecret.make({ ...options, source })).toEqualTypeOf<
  Effect.Effect<CredentialProvider.Service, never, Http | Scope.Scope>
>()
