/**
 * Everything that has its credentials cached: providers of this library, and the same case of other libraries.
 */
import Official from "@alicloud/credentials" // CommonJS, so that this is the module and not its default export
import { Effect, Exit, Layer } from "effect"
import { AlicloudSdk, CredentialChain, CredentialProvider } from "effect-alicloud-credentials"
import * as peers from "./peers.ts"
import * as servers from "./servers.ts"
import { key, session } from "./sessions.ts"

export const makeOurs = Effect.gen(function*() {
  const provider = yield* CredentialProvider.make({ name: "bench", fetch: session })
  const chain = yield* CredentialChain.make([Layer.succeed(CredentialProvider.CredentialProvider, provider)])
  const ttl = yield* Effect.cachedWithTTL(session, "11 hours")
  const stored = Exit.succeed(yield* session)
  const sdk = yield* Effect.provideService(AlicloudSdk.make, CredentialProvider.CredentialProvider, provider)
  yield* Effect.all([provider.get, chain.get, ttl])
  return { provider, chain, ttl, stored, sdk, clock: yield* Effect.clock }
})

export interface Cached {
  readonly name: string
  readonly get: () => Promise<unknown>
}

const { Config, default: Client } = Official

const officialKey = () =>
  new Client(new Config({ type: "access_key", accessKeyId: key.id, accessKeySecret: key.secret }))

/** A session that is not renewed. */
export const officialToken = () =>
  new Client(new Config({ type: "sts", accessKeyId: key.id, accessKeySecret: key.secret, securityToken: key.token }))

export const officialUri = (credentialsURI: string) =>
  new Client(new Config({ type: "credentials_uri", credentialsURI }))

export const officialKeyName = "@alicloud/credentials, AccessKey"
export const officialSessionName = "@alicloud/credentials, session"

/** The names are those of the tables. */
export const makeOthers = async (): Promise<ReadonlyArray<Cached>> => {
  const { fixed } = await servers.start()
  const withKey = officialKey()
  const withSession = officialUri(`${fixed}/session`)
  const others = [
    { name: officialKeyName, get: () => withKey.getCredential() },
    { name: officialSessionName, get: () => withSession.getCredential() },
    ...peers.present.map(({ fresh, name }) => ({ name, get: fresh(fixed) }))
  ]
  for (const { get } of others) await get()
  return others
}
