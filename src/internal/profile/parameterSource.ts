/**
 * The source that parameters describe.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Service } from "../../CredentialProvider.ts"
import * as CredentialsUri from "../../CredentialsUri.ts"
import * as EcsRamRole from "../../EcsRamRole.ts"
import * as OidcRoleArn from "../../OidcRoleArn.ts"
import * as RamRoleArn from "../../RamRoleArn.ts"
import type { SessionOptions } from "../../RequestLimits.ts"
import * as StaticCredentials from "../../StaticCredentials.ts"
import type { SourceParameters } from "./parameters.ts"

/** @internal */
export const make = (
  parameters: SourceParameters,
  defaults: SessionOptions = {}
): Effect.Effect<Service, never, HttpClient.HttpClient | FileSystem.FileSystem | Scope.Scope> => {
  switch (parameters.type) {
    case "access_key":
      return Effect.succeed(StaticCredentials.makeAccessKey(parameters))
    case "sts":
      return Effect.succeed(StaticCredentials.makeStsToken(parameters))
    case "bearer":
      return Effect.succeed(StaticCredentials.makeBearerToken(parameters.bearerToken))
    case "ecs_ram_role":
      return EcsRamRole.make({
        ...sessionOptions(parameters, defaults),
        roleName: parameters.roleName,
        disableImdsV1: parameters.disableIMDSv1
      })
    case "ram_role_arn": {
      const { securityToken, ...key } = parameters
      const source = securityToken === undefined
        ? StaticCredentials.makeAccessKey(key)
        : StaticCredentials.makeStsToken({ ...key, securityToken })
      return RamRoleArn.make({ ...roleOptions(parameters, defaults), externalId: parameters.externalId, source })
    }
    case "oidc_role_arn":
      return OidcRoleArn.make({
        ...roleOptions(parameters, defaults),
        oidcProviderArn: parameters.oidcProviderArn,
        oidcTokenFile: parameters.oidcTokenFilePath
      })
    case "credentials_uri":
      return CredentialsUri.make({ ...sessionOptions(parameters, defaults), uri: parameters.credentialsURI })
  }
}

const roleOptions = (
  parameters: Extract<SourceParameters, { readonly type: "ram_role_arn" | "oidc_role_arn" }>,
  defaults: SessionOptions
): RamRoleArn.RoleOptions => ({
  ...sessionOptions(parameters, defaults),
  roleArn: parameters.roleArn,
  roleSessionName: parameters.roleSessionName,
  duration: parameters.roleSessionExpiration === undefined
    ? undefined
    : Duration.seconds(parameters.roleSessionExpiration),
  policy: parameters.policy,
  sts: { endpoint: parameters.stsEndpoint, region: parameters.stsRegionId, vpc: parameters.enableVpc }
})

/** Parameters take precedence over the options that the program sets for all of its sources. */
const sessionOptions = (
  parameters: Pick<SessionOptions, "timeout" | "connectTimeout">,
  { connectTimeout, refresh, timeout }: SessionOptions
): SessionOptions => ({
  refresh,
  timeout: parameters.timeout ?? timeout,
  connectTimeout: parameters.connectTimeout ?? connectTimeout
})
