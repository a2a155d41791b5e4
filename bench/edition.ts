/**
 * What the editions for Effect 3 and for Effect 4 are compared by: cached credentials, a call of the STS in memory, and a
 * typed call over loopback. scripts/effect4/bench.ts runs the tasks of both in one process.
 */
import { Effect, Layer, Redacted, Scope } from "effect"
import { CredentialProvider, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import * as cached from "./cached.ts"
import type { Task } from "./measure.ts"
import * as requests from "./requests.ts"

const gets = 1000
const calls = 100
const sessions = 50

type Ours = Effect.Effect.Success<typeof cached.makeOurs>

const inGenerator = (
  name: string,
  provider: Ours["provider"],
  effect: Effect.Effect<unknown, unknown, CredentialProvider.CredentialProvider>
): Task => {
  const program = Effect.provideService(
    Effect.gen(function*() {
      for (let count = 0; count < gets; count++) yield* effect
    }),
    CredentialProvider.CredentialProvider,
    provider
  )
  return { name, count: gets, run: () => Effect.runSync(program) }
}

export const cachedTasks = async (): Promise<ReadonlyArray<Task>> => {
  const scope = await Effect.runPromise(Scope.make())
  const { chain, provider, sdk } = await Effect.runPromise(Scope.extend(cached.makeOurs, scope))
  return [
    inGenerator("provider.get in a generator", provider, provider.get),
    inGenerator("CredentialProvider.get in a generator", provider, CredentialProvider.get),
    inGenerator("get of a chain in a generator", provider, chain.get),
    {
      name: "Effect.runPromise of a get",
      count: calls,
      run: async () => {
        for (let count = 0; count < calls; count++) await Effect.runPromise(provider.get)
      }
    },
    {
      name: "three getters of the SDK object",
      count: calls,
      run: async () => {
        for (let count = 0; count < calls; count++) {
          await sdk.getAccessKeyId()
          await sdk.getAccessKeySecret()
          await sdk.getSecurityToken()
        }
      }
    }
  ]
}

const { accessKeyId, accessKeySecret, roleArn } = LocalCloud.defaults

const role = RamRoleArn.layer({ roleArn }).pipe(
  Layer.provide(StaticCredentials.layerAccessKey({ accessKeyId, accessKeySecret: Redacted.make(accessKeySecret) })),
  Layer.provide(LocalCloud.layer())
)

/** `server` answers the typed calls. */
export const callTasks = (server: string): ReadonlyArray<Task> => {
  const runtime = requests.runtimeOf(requests.undici)
  const assume = Effect.provide(CredentialProvider.get, Layer.fresh(role))
  return [
    requests.task(runtime, "OpenApi.call over loopback", requests.called(server), calls),
    requests.task(runtime, "a signed request over loopback", requests.signed(server), calls),
    {
      name: "a provider that is built and assumes a role in memory",
      count: sessions,
      run: async () => {
        for (let count = 0; count < sessions; count++) await Effect.runPromise(assume)
      }
    }
  ]
}
