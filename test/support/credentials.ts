import { DateTime, Option, Redacted } from "effect"
import { Credentials } from "effect-alicloud-credentials"

/** A session that expires at a time of the test clock, in milliseconds. */
export const session = (id: string, expiresAt: number, provider = "test"): Credentials.Credentials =>
  Credentials.StsToken({
    provider,
    accessKeyId: id,
    accessKeySecret: Redacted.make(`secret of ${id}`),
    securityToken: Redacted.make(`token of ${id}`),
    expiration: Option.some(DateTime.unsafeMake(expiresAt))
  })

export const accessKey = (id: string, provider = "test"): Credentials.Credentials =>
  Credentials.AccessKey({ provider, accessKeyId: id, accessKeySecret: Redacted.make(`secret of ${id}`) })

export const idOf = (credentials: Credentials.Credentials): string =>
  credentials._tag === "BearerToken" ? "bearer" : credentials.accessKeyId
