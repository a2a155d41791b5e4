/**
 * A home folder with a `config.json`, and profiles of each mode that work with the local cloud.
 */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect } from "effect"
import { defaults } from "./cloud.ts"
import { variables } from "./variables.ts"

export type Fields = Readonly<Record<string, unknown>>

export const keyFields: Fields = { access_key_id: defaults.accessKeyId, access_key_secret: defaults.accessKeySecret }

export const roleFields: Fields = { ram_role_arn: defaults.roleArn, ram_session_name: "tester", expired_seconds: 1800 }

export const oauthFields: Fields = { mode: "OAuth", oauth_refresh_token: defaults.oauthRefreshToken }

export const cloudSsoFields: Fields = {
  mode: "CloudSSO",
  cloud_sso_sign_in_url: defaults.cloudSsoSignInUrl,
  cloud_sso_account_id: defaults.cloudSsoAccountId,
  cloud_sso_access_config: defaults.cloudSsoAccessConfiguration,
  access_token: defaults.cloudSsoAccessToken
}

/** A profile of each mode that does not use another profile. The paths are those of `withHome`. */
export const profilesIn = (home: string): Readonly<Record<string, Fields>> => ({
  AK: { mode: "AK", ...keyFields },
  RamRoleArn: { mode: "RamRoleArn", ...keyFields, ...roleFields },
  EcsRamRole: { mode: "EcsRamRole", ram_role_name: defaults.instanceRole },
  OIDC: {
    mode: "OIDC",
    ...roleFields,
    oidc_provider_arn: defaults.oidcProviderArn,
    oidc_token_file: `${home}/oidc-token`
  },
  RamRoleArnWithRoleName: { mode: "RamRoleArnWithRoleName", ...roleFields, ram_role_name: defaults.instanceRole },
  CredentialsURI: { mode: "CredentialsURI", credentials_uri: defaults.credentialsUri },
  CloudSSO: cloudSsoFields,
  OAuth: { mode: "OAuth", oauth_site_type: "CN", ...oauthFields },
  External: { mode: "External", process_command: `cat ${home}/printed.json` }
})

export const configOf = (profiles: ReadonlyArray<Fields>, current?: string): string =>
  `${
    JSON.stringify(
      { current: current ?? profiles[0]?.["name"], profiles, meta_path: "", unknown: { kept: [1, 2] } },
      null,
      "\t"
    )
  }\n`

/** Runs with a new home folder, which the variable HOME names. */
export const withHome = <A, E, R>(
  use: (home: string) => Effect.Effect<A, E, R>,
  environment: Readonly<Record<string, string>> = {}
) =>
  Effect.scoped(Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const home = yield* files.makeTempDirectoryScoped()
    yield* files.makeDirectory(`${home}/.aliyun`, { mode: 0o700 })
    yield* files.writeFileString(`${home}/oidc-token`, defaults.oidcToken)
    return yield* Effect.provide(use(home), variables({ HOME: home, ...environment }))
  })).pipe(Effect.provide(NodeContext.layer))

export const pathIn = (home: string): string => `${home}/.aliyun/config.json`

export const writeConfig = (home: string, text: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFileString(pathIn(home), text, { mode: 0o600 }))

export const readConfig = (home: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(pathIn(home)))

export const profileIn = (text: string, name: string): Fields | undefined =>
  (JSON.parse(text) as { readonly profiles: ReadonlyArray<Fields> }).profiles.find((profile) =>
    profile["name"] === name
  )
