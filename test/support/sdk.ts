import { assert } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AlicloudSdk, CredentialError, CredentialProvider, type Credentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import { role } from "./cloud.ts"
import { CloudServer } from "./server.ts"

/** A session of the local cloud's role, for a cloud that is a real server. */
export const RoleOnServer = role.pipe(Layer.provideMerge(CloudServer))

/** Host and port of the local cloud, in the options of the generated SDKs. */
export const endpoint = Effect.map(LocalCloud.LocalCloud, ({ url }) => new URL(url ?? "").host)

export const refusal = new CredentialError.CredentialsRejected({
  provider: "test",
  reason: "no permission",
  code: "NoPermission",
  status: 403
})

/** A provider of sessions from a key ring, until it is set to refuse. It takes a moment, as a service does. */
export const ringProvider = (lifetimeMillis: number, ring = new KeyRing()) => {
  const state = { refuses: false }
  const answer = Effect.suspend(() =>
    state.refuses ? Effect.fail(refusal) : Effect.succeed(toCredentials(ring.issue(lifetimeMillis)))
  )
  return Effect.map(
    CredentialProvider.make({
      name: "key_ring",
      fetch: Effect.delay(answer, "3 millis"),
      refresh: { jitter: 0 }
    }),
    (service) => ({ ring, service, state })
  )
}

export const failingProvider: CredentialProvider.Service = {
  name: "test",
  get: Effect.fail(refusal),
  invalidate: () => Effect.void
}

export const sdkFailing = AlicloudSdk.fromService(failingProvider)

/** The reason why a promise was rejected. */
export const rejection = (promise: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    promise().then(
      () => assert.fail("the call succeeded"),
      (error: unknown) => error
    )
  )

/** Asserts that a client threw the error of the provider itself. */
export const assertRefusal = (error: unknown): void => {
  assert.instanceOf(error, CredentialError.CredentialsRejected)
  assert.instanceOf(error, Error)
  assert.strictEqual(error.name, "CredentialsRejected")
  assert.strictEqual(error.code, "NoPermission")
}

/** A provider without a cache: each get returns a new session of the ring, until it is set to refuse. */
export const forgetful = (ring: KeyRing, answers: "at once" | "later" = "later") => {
  const state = { refuses: false }
  const wait = answers === "later" ? Effect.promise(() => Promise.resolve()) : Effect.void
  const service: CredentialProvider.Service = {
    name: "forgetful",
    get: Effect.flatMap(
      wait,
      () => state.refuses ? Effect.fail(refusal) : Effect.succeed(toCredentials(ring.issue(3_600_000)))
    ),
    invalidate: () => Effect.void
  }
  return { service, state }
}

/** A provider without a cache, whose credentials the test sets. */
export const settable = (first: Credentials.Credentials) => {
  const state = { credentials: first, gets: 0 }
  const service: CredentialProvider.Service = {
    name: "settable",
    get: Effect.sync(() => {
      state.gets++
      return state.credentials
    }),
    invalidate: () => Effect.void
  }
  return { state, service }
}

/** Every call of a credential that returns a promise. */
export const promisesOf = (credential: AlicloudSdk.SdkCredential) => [
  credential.getCredential,
  credential.getCredentials,
  credential.getAccessKeyId,
  credential.getAccessKeySecret,
  credential.getSecurityToken
]
