/** A server of credentials at a free port of this machine, and how tests ask it. */
import { Effect, Layer, Redacted } from "effect"
import { CredentialProvider, CredentialsServer } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { session } from "./credentials.ts"
import { bodyOf, exchange, requestOf, statusOf } from "./rawHttp.ts"

/** Far away, also for a test clock, which begins in 1970. */
export const end = Date.UTC(2099, 0, 2, 3, 4, 5)

export const current = session("STS.Example", end)

export const giving = (provider: CredentialProvider.Service) =>
  Layer.succeed(CredentialProvider.CredentialProvider, provider)

/** Serves what `provider` gives until the scope closes. */
export const start = (
  options: CredentialsServer.Options & NodeCredentials.ListenOptions = {},
  provider: CredentialProvider.Service = CredentialProvider.succeed(current)
) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      NodeCredentials.layerCredentialsServer(options).pipe(Layer.provide(giving(provider)))
    )
    const { uri } = yield* Effect.provide(CredentialsServer.CredentialsServer, context)
    const url = new URL(Redacted.value(uri))
    return { uri: url.href, host: url.host, path: url.pathname, address: { host: "127.0.0.1", port: Number(url.port) } }
  })

export type Started = Effect.Effect.Success<ReturnType<typeof start>>

/** The status and the body of an answer to a good request, with more headers. */
export const ask = ({ address, host, path }: Started, ...headers: ReadonlyArray<string>) =>
  Effect.map(
    exchange(address, requestOf(`GET ${path} HTTP/1.1`, `Host: ${host}`, ...headers)),
    (answer) => ({ status: statusOf(answer), body: JSON.parse(bodyOf(answer) || "null"), text: answer })
  )
