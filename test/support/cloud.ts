/**
 * The local cloud in memory, its credentials, and shortcuts for its requests and faults.
 */
import { Effect, Layer, Redacted } from "effect"
import { type CredentialProvider, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { getSession } from "./provider.ts"
import { type Texts, variables } from "./variables.ts"

export const { defaults } = LocalCloud

export const cloud = LocalCloud.LocalCloud

/** The AccessKey of the local cloud's user. */
export const user = StaticCredentials.layerAccessKey({
  accessKeyId: defaults.accessKeyId,
  accessKeySecret: Redacted.make(defaults.accessKeySecret)
})

export const bearer = StaticCredentials.layerBearerToken(Redacted.make(defaults.bearerToken))

/** A session of the local cloud's role. */
export const role = RamRoleArn.layer({ roleArn: defaults.roleArn, refresh: { jitter: 0 } }).pipe(Layer.provide(user))

export interface Setup {
  readonly variables?: Texts | undefined
  readonly world?: Partial<LocalCloud.World> | undefined
}

/** A source with its own local cloud. */
export const overCloud = <E, R>(source: Layer.Layer<CredentialProvider.CredentialProvider, E, R>, setup: Setup = {}) =>
  source.pipe(
    Layer.provideMerge(LocalCloud.layer({ world: setup.world })),
    Layer.provide(variables(setup.variables))
  )

export const withCloud = Effect.provide(LocalCloud.layer())

export const fault = (fault: LocalCloud.Fault) => Effect.flatMap(cloud, (cloud) => cloud.fault(fault))

/** Repeats a fault for every request. */
export const always = { times: Infinity } as const

export const requests = Effect.flatMap(cloud, (cloud) => cloud.requests)

export const lastRequest = Effect.map(requests, (all) => all[all.length - 1]!)

export const clearRequests = Effect.flatMap(cloud, (cloud) => cloud.clearRequests)

/** The number of requests so far. */
export const count = Effect.flatMap(cloud, (cloud) => cloud.count())

/** `POST sts.aliyuncs.com/` for each request so far. */
export const seen = Effect.map(
  requests,
  (all) => all.map((request) => `${request.method} ${request.host}${request.path}`)
)

/** Revokes the session that the provider returns. */
export const revokeSession = Effect.flatMap(
  getSession,
  ({ accessKeyId }) => Effect.flatMap(cloud, (cloud) => cloud.revoke(accessKeyId))
)
