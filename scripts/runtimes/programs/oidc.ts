/** A role, assumed with a token from anywhere: not every runtime has files. */
import { Effect, Redacted } from "effect"
import { OidcRoleArn } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { areOf } from "./cloud.ts"

const { oidcProviderArn, oidcToken, roleArn } = LocalCloud.defaults

const role = OidcRoleArn.layerToken({ roleArn, oidcProviderArn, token: Effect.succeed(Redacted.make(oidcToken)) })

export const oidc = Effect.provide(areOf(/assumed-role\/local-role\//), role)
