import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Secret } from "../../World.ts"
import { newAccessKey, nextSerial, opaqueToken, recordIssued, type State, withWorld } from "../cloud/state.ts"
import { formatInstant } from "../wire/encode.ts"
import { apiError } from "../wire/message.ts"
import type { Action } from "./action.ts"

const rotationFields = (secret: Secret) =>
  secret.rotationInterval === undefined
    ? { AutomaticRotation: "Disabled" }
    : { AutomaticRotation: "Enabled", RotationInterval: `${Duration.toSeconds(secret.rotationInterval)}s` }

/** @internal */
export const getSecretValue: Action = {
  version: "2016-01-20",
  name: "GetSecretValue",
  signed: true,
  perform: ({ now, parameters, state }) => {
    const secret = state.world.secrets.find((secret) => secret.name === parameters["SecretName"])
    const version = parameters["VersionId"]
    if (secret === undefined || (version !== undefined && version !== secret.versionId)) {
      return Either.left(apiError(404, "Forbidden.ResourceNotFound", "Resource not found."))
    }
    const body = {
      SecretName: secret.name,
      SecretType: secret.type,
      SecretData: secret.data,
      SecretDataType: "text",
      VersionId: secret.versionId,
      VersionStages: { VersionStage: ["ACSCurrent"] },
      CreateTime: formatInstant(now),
      ...rotationFields(secret)
    }
    return Either.right({ state, body })
  }
}

const nextVersion = (secret: Secret, state: State): string => `${secret.versionId.split("-")[0]}-${state.serial}`

const replaceSecret = (state: State, secret: Secret): State =>
  withWorld(state, (world) => ({
    ...world,
    secrets: world.secrets.map((entry) =>
      entry.name === secret.name ? { ...secret, versionId: nextVersion(secret, state) } : entry
    )
  }))

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

/** @internal */
export const rotateSecret = (previous: State, name: string): State => {
  const state = nextSerial(previous)
  const secret = state.world.secrets.find((entry) => entry.name === name)
  if (secret === undefined) return state
  return secret.type === "RAMCredentials" ? rotateKey(state, secret) : rotateText(state, secret)
}
