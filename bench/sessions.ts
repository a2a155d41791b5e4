/**
 * Credentials for subjects that ask no server.
 */
import { DateTime, Effect, Option, Redacted } from "effect"
import { Credentials } from "effect-alicloud-credentials"

export const key = {
  id: "STS.NUgYrLnoC37mZZCNnAbezExample",
  secret: "ExampleSecret0123456789ExampleSecret01234567",
  token: `CAIS${"Example0123456789".repeat(40)}`
}

/** A session of twelve hours. */
export const session = Effect.map(DateTime.now, (now) =>
  Credentials.StsToken({
    provider: "bench",
    accessKeyId: key.id,
    accessKeySecret: Redacted.make(key.secret),
    securityToken: Redacted.make(key.token),
    expiration: Option.some(DateTime.add(now, { hours: 12 }))
  }))
