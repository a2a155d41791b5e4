/**
 * A source that the library does not have. You write how to fetch a session. `CredentialProvider.layer` adds the cache,
 * renewal in the background, and one fetch for all concurrent callers.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Effect, Option, Redacted } from "effect"
import { CredentialError, CredentialProvider, Credentials } from "effect-alicloud-credentials"

const askVault = Effect.gen(function*() {
  yield* Console.log("asking the vault")
  const ends = DateTime.add(yield* DateTime.now, { hours: 1 })
  return { id: "STS.Example", secret: "example-secret", token: "example-token", ends }
}).pipe(Effect.timeout("2 seconds"))

const Vault = CredentialProvider.layer({
  name: "vault",
  refresh: { prefetch: "5 minutes" },
  fetch: askVault.pipe(
    Effect.map(({ ends, id, secret, token }) =>
      Credentials.StsToken({
        provider: "vault",
        accessKeyId: id,
        accessKeySecret: Redacted.make(secret),
        securityToken: Redacted.make(token),
        expiration: Option.some(ends)
      })
    ),
    Effect.catchTag(
      "TimeoutException",
      () => new CredentialError.CredentialsUnavailable({ provider: "vault", reason: "no answer within 2 s" })
    )
  )
})

const program = Effect.gen(function*() {
  const all = yield* Effect.replicateEffect(CredentialProvider.get, 1000, { concurrency: "unbounded" })
  yield* Console.log(`${all.length} callers have their credentials`)
})

program.pipe(Effect.provide(Vault), NodeRuntime.runMain)
