/** The files of the official tools in the home folder, and a token that something else writes. */
import { NodeContext } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import { CliProfile, IniProfile, OidcRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { userInfo } from "node:os"
import { areOf, expected } from "./cloud.ts"

const { oidcProviderArn, roleArn } = LocalCloud.defaults

export const configJson = Effect.provide(
  areOf(/user\/local-user$/),
  Layer.provide(CliProfile.layer(), NodeCredentials.layerPlatform)
)

export const ini = Effect.provide(
  areOf(/user\/local-managed$/),
  Layer.provide(IniProfile.layer(), NodeCredentials.layerPlatform)
)

export const tokenFile = Effect.flatMap(Config.string("HOME"), (home) =>
  Effect.provide(
    areOf(/assumed-role\/local-role\//),
    OidcRoleArn.layer({ roleArn, oidcProviderArn, oidcTokenFile: `${home}/token` }).pipe(
      Layer.provide(NodeContext.layer)
    )
  ))

/** Where the files are if no variable names the home folder. They are not read: they are those of this machine. */
export const systemHome = Effect.flatMap(
  Effect.try(() => userInfo({ encoding: "utf8" }).homedir),
  (home) => expected(home, /./)
)
