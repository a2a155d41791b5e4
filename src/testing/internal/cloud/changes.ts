import * as Chunk from "effect/Chunk"
import type { DurationInput } from "effect/Duration"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import type { Secret, ServiceName, World } from "../../World.ts"
import { newAccessKey, opaqueToken, recordIssued, type State } from "./state.ts"

/** @internal */
export const withWorld = (state: State, change: (world: World) => World): State => ({
  ...state,
  world: change(state.world)
})

/** @internal */
export const withLifetime =
  (service: Exclude<ServiceName, "openapi">, lifetime: DurationInput) => (world: World): World => {
    switch (service) {
      case "sts":
        return { ...world, sessionLifetime: lifetime }
      case "imds":
        return { ...world, imds: { ...world.imds, lifetime } }
      case "uri":
        return { ...world, uri: { ...world.uri, lifetime } }
      case "cloudsso":
        return { ...world, cloudSso: { ...world.cloudSso, lifetime } }
      case "oauth":
        return { ...world, oauth: { ...world.oauth, exchangeLifetime: lifetime } }
    }
  }

/** @internal */
export const withMaxSession = (roleArn: string, maxSession: DurationInput) => (world: World): World => ({
  ...world,
  roles: world.roles.map((role) => role.arn === roleArn ? { ...role, maxSession } : role)
})

/** @internal */
export const withRevoked = (state: State, accessKeyId: string): State => ({
  ...state,
  revoked: HashSet.add(state.revoked, accessKeyId)
})

/** @internal */
export const withNewInstanceCredential = (state: State): State => ({ ...state, imdsCurrent: HashMap.empty() })

const nextVersion = (secret: Secret, state: State): string => `${secret.versionId.split("-")[0]}-${state.serial}`

const rotateKey = (state: State, secret: Secret): State => {
  const key = newAccessKey(state, `secret/${secret.name}`)
  const old: { readonly AccessKeyId?: unknown } = JSON.parse(secret.data)
  const owner = state.world.accessKeys.find((entry) => entry.id === old.AccessKeyId)
  const data = JSON.stringify({ AccessKeyId: key.id, AccessKeySecret: key.secret })
  const accessKeys = owner === undefined ? state.world.accessKeys : [...state.world.accessKeys, { ...owner, ...key }]
  return replaceSecret(
    recordIssued(withWorld(state, (world) => ({ ...world, accessKeys })), key.secret),
    { ...secret, data }
  )
}

const rotateText = (state: State, secret: Secret): State => {
  const data = opaqueToken(state, `secret/${secret.name}`)
  return replaceSecret(recordIssued(state, data), { ...secret, data })
}

const replaceSecret = (state: State, secret: Secret): State =>
  withWorld(state, (world) => ({
    ...world,
    secrets: world.secrets.map((entry) =>
      entry.name === secret.name ? { ...secret, versionId: nextVersion(secret, state) } : entry
    )
  }))

/** @internal */
export const withRotatedSecret = (previous: State, name: string): State => {
  const state = { ...previous, serial: previous.serial + 1 }
  const secret = state.world.secrets.find((entry) => entry.name === name)
  if (secret === undefined) return state
  return secret.type === "RAMCredentials" ? rotateKey(state, secret) : rotateText(state, secret)
}

/** @internal */
export const issuedSecrets = (state: State): ReadonlyArray<string> => Chunk.toReadonlyArray(state.issued)

const worldSecrets = ({ accessKeys, bearerTokens, cloudSso, oauth, oidcProviders }: World): ReadonlyArray<string> => [
  ...accessKeys.map((key) => key.secret),
  ...bearerTokens.map((entry) => entry.token),
  ...cloudSso.assignments.map((entry) => entry.accessToken),
  ...oauth.refreshTokens,
  ...oauth.accessTokens,
  ...oidcProviders.flatMap((provider) => typeof provider.tokens === "function" ? [] : provider.tokens)
]

/** @internal */
export const allSecrets = (state: State): ReadonlyArray<string> => [
  ...new Set([...worldSecrets(state.world), ...issuedSecrets(state)])
]
