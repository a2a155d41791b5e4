import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import {
  type CredentialProvider,
  OidcRoleArn,
  RamRoleArn,
  RoleSessions,
  SessionStore,
  SharedSession,
  StaticCredentials
} from "effect-alicloud-credentials"
import { count, defaults, withCloud } from "../support/cloud.ts"
import { idOf } from "../support/credentials.ts"

const { oidcProviderArn, otherRoleArn, roleArn } = defaults

const memory = Effect.map(
  Layer.build(SessionStore.layerMemory),
  (context) => Context.get(context, SessionStore.SessionStore)
)

const user = StaticCredentials.makeAccessKey({
  accessKeyId: defaults.accessKeyId,
  accessKeySecret: Redacted.make(defaults.accessKeySecret)
})

const policy = (action: string) => JSON.stringify({ Version: "1", Statement: [{ Effect: "Allow", Action: action }] })

const roles: ReadonlyArray<RoleSessions.Role> = [
  { roleArn },
  { roleArn: otherRoleArn },
  { roleArn, policy: policy("oss:Get*") },
  { roleArn, policy: policy("oss:Put*") },
  { roleArn, duration: "15 minutes" },
  { roleArn, roleSessionName: "reader" }
]

const externalIds: ReadonlyArray<RoleSessions.Role> = [
  { roleArn, externalId: "tenant-1" },
  { roleArn, externalId: "tenant-2" }
]

const token = Effect.succeed(Redacted.make(defaults.oidcToken))

/** Each call is a process of its own, without settings. */
const shared = (source: CredentialProvider.Service, store: SessionStore.Service) =>
  Effect.flatMap(SharedSession.make({ source, store, name: "app" }), ({ get }) => Effect.map(get, idOf))

const isShared = <R>(
  roles: ReadonlyArray<RoleSessions.Role>,
  makeSource: (role: RoleSessions.Role) => Effect.Effect<CredentialProvider.Service, never, R>
) =>
  Effect.gen(function*() {
    const store = yield* memory
    const getAll = Effect.forEach(roles, (role) => Effect.flatMap(makeSource(role), (source) => shared(source, store)))
    const ids = yield* getAll
    assert.strictEqual(new Set(ids).size, roles.length)
    assert.deepStrictEqual(yield* getAll, ids)
    assert.strictEqual(yield* count, roles.length)
  })

describe("SharedSession without settings", () => {
  it.scoped("keeps the sessions of roles apart that differ in any field", () =>
    withCloud(isShared([...roles, ...externalIds], (role) => RamRoleArn.make({ ...role, source: user }))))

  it.scoped("keeps the sessions of a pool apart", () =>
    withCloud(
      isShared([...roles, ...externalIds], (role) =>
        Effect.map(RoleSessions.make({ source: user }), ({ provider }) => provider(role)))
    ))

  it.scoped("keeps the sessions of pods apart", () =>
    withCloud(isShared(roles, (role) => OidcRoleArn.makeToken({ ...role, oidcProviderArn, token }))))

  it.scoped("fails for a source whose role is not known", () =>
    Effect.gen(function*() {
      const store = yield* memory
      const provider = yield* SharedSession.make({ source: user, store, name: "app" })
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "settings is missing")
    }))
})
