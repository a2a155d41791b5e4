/** The types of the sources that read files and run programs: `tsc` fails if one of them changes. */
import type { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import { Config, type ConfigError, type Effect, type Layer, Redacted, type Scope } from "effect"
import {
  CredentialConfig,
  type CredentialError,
  type CredentialProvider,
  ExternalProcess,
  IniProfile,
  Profiles
} from "effect-alicloud-credentials"
import { expectTypeOf } from "vitest"

type Provider = CredentialProvider.CredentialProvider
type Executor = CommandExecutor.CommandExecutor
type Files = FileSystem.FileSystem | Path.Path
type Unset = CredentialError.CredentialsNotConfigured | CredentialError.CredentialsMisconfigured

const command = Redacted.make("keys")

expectTypeOf(ExternalProcess.make({ command })).toEqualTypeOf<
  Effect.Effect<CredentialProvider.Service, never, Executor | Scope.Scope>
>()
expectTypeOf(ExternalProcess.layer({ command })).toEqualTypeOf<Layer.Layer<Provider, never, Executor>>()
expectTypeOf(ExternalProcess.layerConfig({ command: Config.redacted("KEYS") })).toEqualTypeOf<
  Layer.Layer<Provider, ConfigError.ConfigError, Executor>
>()
// @ts-expect-error a command may contain secrets, so a plain string is rejected
ExternalProcess.layer({ command: "keys" })

expectTypeOf(IniProfile.make()).toEqualTypeOf<
  Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Files | Scope.Scope>
>()
expectTypeOf(IniProfile.layer()).toEqualTypeOf<Layer.Layer<Provider, never, HttpClient.HttpClient | Files>>()
expectTypeOf(IniProfile.layerConfig({ profile: Config.string("PROFILE") })).toEqualTypeOf<
  Layer.Layer<Provider, ConfigError.ConfigError, HttpClient.HttpClient | Files>
>()
expectTypeOf(IniProfile.layerEnv).toEqualTypeOf<Layer.Layer<Provider, Unset, HttpClient.HttpClient | Files>>()

expectTypeOf(CredentialConfig.make).toEqualTypeOf<
  (config: unknown) => Effect.Effect<
    CredentialProvider.Service,
    CredentialError.CredentialsMisconfigured,
    HttpClient.HttpClient | Files | Executor | Scope.Scope
  >
>()
expectTypeOf(CredentialConfig.layer).toEqualTypeOf<
  (config: unknown) => Layer.Layer<
    Provider,
    CredentialError.CredentialsMisconfigured,
    HttpClient.HttpClient | Files | Executor
  >
>()

expectTypeOf<Profiles.Service>().toEqualTypeOf<{
  readonly get: (profile: string) => Layer.Layer<Provider>
  readonly invalidate: (profile: string) => Effect.Effect<void>
}>()
expectTypeOf(Profiles.make()).toEqualTypeOf<
  Effect.Effect<Profiles.Service, never, HttpClient.HttpClient | Files | Executor | Scope.Scope>
>()
expectTypeOf(Profiles.layer()).toEqualTypeOf<
  Layer.Layer<Profiles.Profiles, never, HttpClient.HttpClient | Files | Executor>
>()
expectTypeOf(Profiles.get("client1")).toEqualTypeOf<Layer.Layer<Provider, never, Profiles.Profiles>>()
// @effect-diagnostics-next-line missingLayerContext:off
// @ts-expect-error the map may be missing
Profiles.get("client1") satisfies Layer.Layer<Provider>
