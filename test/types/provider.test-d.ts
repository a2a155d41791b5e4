/**
 * The output, error and requirements of each layer. `npm run check:types` fails if one of them changes.
 */
import type { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import { Config, type ConfigError, Effect, Layer, Redacted, type Scope, type Stream } from "effect"
import {
  CredentialChain,
  CredentialChanges,
  type CredentialError,
  CredentialProvider,
  Credentials,
  CredentialsUri,
  DefaultChain,
  EcsRamRole,
  Environment,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { expectTypeOf } from "vitest"

type Provider = CredentialProvider.CredentialProvider
type Http = HttpClient.HttpClient
type Files = FileSystem.FileSystem
type Unset = CredentialError.CredentialsNotConfigured | CredentialError.CredentialsMisconfigured

const roleArn = "acs:ram::1:role/r"
const secret = Redacted.make("")
const oidc = { roleArn, oidcProviderArn: "p" }

// the service
expectTypeOf<CredentialProvider.Service["get"]>().toEqualTypeOf<
  Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>
>()
expectTypeOf(CredentialProvider.get).toEqualTypeOf<
  Effect.Effect<Credentials.Credentials, CredentialError.CredentialError, Provider>
>()
declare const custom: CredentialProvider.Custom<Http>
expectTypeOf(CredentialProvider.make(custom)).toEqualTypeOf<
  Effect.Effect<CredentialProvider.Service, never, Http | Scope.Scope>
>()
expectTypeOf(CredentialProvider.layer(custom)).toEqualTypeOf<Layer.Layer<Provider, never, Http>>()
expectTypeOf(CredentialProvider.eager(EcsRamRole.layerEnv)).toEqualTypeOf<
  Layer.Layer<Provider, CredentialError.CredentialError, Http>
>()
expectTypeOf(CredentialProvider.keepWarm()).toEqualTypeOf<Layer.Layer<never, never, Provider>>()

// a service needs a name, get and invalidate only, and has a health and changes
const byHand: CredentialProvider.Service = {
  name: "mine",
  get: CredentialProvider.succeed(Credentials.BearerToken({ provider: "mine", bearerToken: secret })).get,
  invalidate: () => Effect.void
}
expectTypeOf<keyof CredentialProvider.Service>().toEqualTypeOf<"name" | "get" | "invalidate">()
expectTypeOf(
  Layer.succeed(CredentialProvider.CredentialProvider, {
    name: "mine",
    get: byHand.get,
    invalidate: byHand.invalidate
  })
).toEqualTypeOf<Layer.Layer<Provider>>()
expectTypeOf(CredentialProvider.health(byHand)).toEqualTypeOf<Effect.Effect<CredentialProvider.Health>>()
expectTypeOf(CredentialChanges.stream(byHand)).toEqualTypeOf<Stream.Stream<CredentialChanges.Change>>()

// the sources
expectTypeOf(StaticCredentials.layerAccessKey({ accessKeyId: "", accessKeySecret: secret })).toEqualTypeOf<
  Layer.Layer<Provider>
>()
expectTypeOf(StaticCredentials.layerBearerToken(secret)).toEqualTypeOf<Layer.Layer<Provider>>()
expectTypeOf(Environment.layer).toEqualTypeOf<Layer.Layer<Provider, Unset>>()
expectTypeOf(RamRoleArn.layer({ roleArn })).toEqualTypeOf<Layer.Layer<Provider, never, Provider | Http>>()
expectTypeOf(RamRoleArn.layerConfig({ roleArn: Config.string("R") })).toEqualTypeOf<
  Layer.Layer<Provider, ConfigError.ConfigError, Provider | Http>
>()
expectTypeOf(RamRoleArn.layerEnv).toEqualTypeOf<Layer.Layer<Provider, Unset, Provider | Http>>()
expectTypeOf(OidcRoleArn.layer({ ...oidc, oidcTokenFile: "f" })).toEqualTypeOf<
  Layer.Layer<Provider, never, Http | Files>
>()
expectTypeOf(OidcRoleArn.layerToken({ ...oidc, token: Effect.succeed(secret) })).toEqualTypeOf<
  Layer.Layer<Provider, never, Http>
>()
expectTypeOf(OidcRoleArn.layerEnv).toEqualTypeOf<Layer.Layer<Provider, Unset, Http | Files>>()
expectTypeOf(EcsRamRole.layer()).toEqualTypeOf<Layer.Layer<Provider, never, Http>>()
expectTypeOf(EcsRamRole.layerConfig({ roleName: Config.string("R") })).toEqualTypeOf<
  Layer.Layer<Provider, ConfigError.ConfigError, Http>
>()
expectTypeOf(EcsRamRole.layerEnv).toEqualTypeOf<Layer.Layer<Provider, Unset, Http>>()
expectTypeOf(CredentialsUri.layer({ uri: "" })).toEqualTypeOf<Layer.Layer<Provider, never, Http>>()
expectTypeOf(CredentialsUri.layerEnv).toEqualTypeOf<Layer.Layer<Provider, Unset, Http>>()

// composed roles
expectTypeOf(
  RamRoleArn.layer({ roleArn }).pipe(
    Layer.provide(RamRoleArn.layer({ roleArn })),
    Layer.provide(EcsRamRole.layer())
  )
).toEqualTypeOf<Layer.Layer<Provider, never, Http>>()

// chains
expectTypeOf(CredentialChain.layer([Environment.layer])).toEqualTypeOf<Layer.Layer<Provider>>()
expectTypeOf(CredentialChain.layer([Environment.layer, OidcRoleArn.layerEnv])).toEqualTypeOf<
  Layer.Layer<Provider, never, Http | Files>
>()
expectTypeOf(CredentialChain.layer([CredentialChain.link("ecs", EcsRamRole.layer()), Environment.layer])).toEqualTypeOf<
  Layer.Layer<Provider, never, Http>
>()
expectTypeOf(Environment.layer.pipe(CredentialChain.orElse(() => EcsRamRole.layer()))).toEqualTypeOf<
  Layer.Layer<Provider, never, Http>
>()
expectTypeOf(CredentialChain.orElse(Environment.layer, () => EcsRamRole.layer())).toEqualTypeOf<
  Layer.Layer<Provider, never, Http>
>()
expectTypeOf(
  CredentialChain.layer(CredentialChain.prepend(
    [CredentialChain.link("env", Environment.layer)],
    CredentialChain.link("uri", CredentialsUri.layerEnv)
  ))
).toEqualTypeOf<Layer.Layer<Provider, never, Http>>()
type Everything = Http | Files | Path.Path | CommandExecutor.CommandExecutor
expectTypeOf(
  CredentialChain.layer(
    CredentialChain.remove(CredentialChain.remove(DefaultChain.links, "ecs_ram_role"), "oidc_role_arn")
  )
).toEqualTypeOf<Layer.Layer<Provider, never, Everything>>()
expectTypeOf(DefaultChain.layer).toEqualTypeOf<Layer.Layer<Provider, never, Everything>>()
expectTypeOf(DefaultChain.layerStrict).toEqualTypeOf<Layer.Layer<Provider, never, Everything>>()
expectTypeOf(CredentialChain.layer(DefaultChain.links)).toEqualTypeOf<Layer.Layer<Provider, never, Everything>>()

// entry points
expectTypeOf(NodeCredentials.layer).toEqualTypeOf<
  Layer.Layer<Provider, CredentialError.CredentialsMisconfigured>
>()
expectTypeOf(NodeCredentials.keepWarm()).toEqualTypeOf<Layer.Layer<never, never, Provider>>()
expectTypeOf(TestCredentialProvider.layer()).toEqualTypeOf<
  Layer.Layer<Provider | TestCredentialProvider.TestCredentialProvider>
>()
expectTypeOf(LocalCloud.layer()).toEqualTypeOf<Layer.Layer<LocalCloud.LocalCloud | Http>>()

// @ts-expect-error: the secret of an AccessKey is Redacted, not a string
StaticCredentials.layerAccessKey({ accessKeyId: "", accessKeySecret: "" })
// @ts-expect-error: a chain needs at least one link
CredentialChain.layer([])
// @ts-expect-error: the default chain has no link of that name
CredentialChain.remove(DefaultChain.links, "ecs_role")
// @ts-expect-error: the same in a pipe
CredentialChain.insertBefore("ecs_role", CredentialChain.link("mine", Environment.layer))(DefaultChain.links)
// @effect-diagnostics-next-line missingEffectContext:off
// @ts-expect-error: a role needs a source provider
void Effect.runPromise(Effect.provide(CredentialProvider.get, RamRoleArn.layer({ roleArn })))
