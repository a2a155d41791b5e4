/**
 * How to fix what STS says of an OIDC token. Some of its codes have several causes, which the claims of the token tell
 * apart.
 */
import * as DateTime from "effect/DateTime"
import type { CredentialsRejected } from "../../CredentialError.ts"
import * as jwt from "./jwt.ts"

/** @internal */
export interface Sent {
  readonly token: string
  readonly roleArn: string
  readonly providerArn: string
  /** By the local clock, in epoch milliseconds. */
  readonly now: number
  /** The file of the token and when it was last written, if it comes from a file. */
  readonly origin: string | undefined
}

/** Whether the token had expired, which the time of its file may explain. @internal */
export const isExpired = ({ code }: CredentialsRejected): boolean => code === "AuthenticationFail.OIDCToken.Expired"

/** Undefined for a code that says nothing about the token or its provider. @internal */
export const hintOf = (error: CredentialsRejected, sent: Sent): string | undefined => {
  const { code, reason } = error
  const claims = jwt.claimsOf(sent.token)
  const provider = shownArn(sent.providerArn)
  if (code === "EntityNotExist.OIDCProvider" || /No such OIDC Provider/i.test(reason)) {
    return `Enable RRSA for the cluster and recreate the pod, or correct the OIDC provider ARN${
      provider === undefined ? "" : ` (${provider})`
    }`
  }
  if (code === "AuthenticationFail.NoPermission") {
    return `In the trust policy of ${sent.roleArn}, allow ${
      provider ?? "the OIDC provider"
    } with the condition oidc:sub = ${claims.subject ?? "the subject of the token"}`
  }
  if (code?.startsWith("AuthenticationFail.OIDCToken.") !== true) return undefined
  if (isExpired(error)) return expired(sent, claims)
  const last = code.slice(code.lastIndexOf(".") + 1)
  if (last.startsWith("AudienceNotMatch")) {
    return `Request the token with audience sts.aliyuncs.com${
      claims.audience === undefined ? "" : ` instead of ${claims.audience}`
    }, or add its audience to ${provider ?? "the OIDC provider"} in RAM`
  }
  if (last === "PublicKeyFingerprintMismatch") {
    return `Update the fingerprint of ${
      provider ?? "the OIDC provider"
    } in RAM: the certificate of the issuer has changed`
  }
  if (last.startsWith("Issuer")) {
    const issuer = claims.issuer === undefined ? "" : ` from ${claims.issuer}`
    return last === "IssuerConfigurationBroken"
      ? `Enable RRSA for the cluster and recreate the pod: RAM cannot verify a token${issuer}`
      : `Set the OIDC provider ARN to that of this cluster, or recreate the pod with RRSA: the token${issuer} is not of ${
        provider ?? "the OIDC provider"
      }`
  }
  return "Use a token from the issuer that the OIDC provider in RAM names"
}

/** Unlike that of the role, this ARN is not checked before it is sent, so a secret can stand in its place. */
const shownArn = (arn: string): string | undefined =>
  /^acs:ram::\d{1,20}:oidc-provider\/[\w.@-]{1,128}$/.test(arn) ? arn : undefined

const expired = ({ now, origin }: Sent, { expiration }: jwt.Claims): string => {
  const when = expiration === undefined ? "" : ` at ${DateTime.formatIso(DateTime.unsafeMake(expiration))}`
  const file = origin === undefined ? "" : ` (${origin})`
  // If the token is still valid by the clock of this machine, one of the two clocks is wrong.
  const clock = expiration !== undefined && expiration <= now ? "" : ", or fix the clock of its node"
  return `Recreate the pod${clock}: the token expired${when}${file}`
}
