import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Ref from "effect/Ref"
import type { Fault } from "../../Fault.ts"
import type { RequestFilter, RequestRecord } from "../../RequestRecord.ts"
import type { Secret, ServiceName, World } from "../../World.ts"
import { pending } from "../transport/fault.ts"
import type { Request } from "../transport/message.ts"
import { matches } from "../transport/record.ts"
import { answer, arrive, type Delivery } from "../transport/router.ts"
import { newAccessKey, opaqueToken, recordIssued, type State } from "./state.ts"

type Cloud = Ref.Ref<State>

const atNow = <A>(
  cloud: Cloud,
  step: (state: State, now: number) => readonly [A, State]
): Effect.Effect<A> => Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.modify(cloud, (state) => step(state, now)))

/** @internal */
export const handle = (cloud: Cloud) => (request: Request): Effect.Effect<Delivery> =>
  Effect.gen(function*() {
    const arrival = yield* atNow(cloud, (state, now) => arrive(state, request, now))
    if (arrival.fault?.kind === "delay") yield* Effect.sleep(arrival.fault.delay)
    return yield* atNow(cloud, (state, now) => answer(state, arrival, now))
  })

/** @internal */
export const records = (state: State): ReadonlyArray<RequestRecord> =>
  Array.from(state.records).sort(([a], [b]) => a - b).map(([, record]) => record)

/** @internal */
export const count = (state: State, filter: RequestFilter): number => records(state).filter(matches(filter)).length

/** @internal */
export const withoutRecords = (state: State): State => ({ ...state, records: HashMap.empty() })

/** @internal */
export const withFault = (state: State, fault: Fault): State => ({
  ...state,
  faults: [...state.faults, pending(fault)]
})

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
