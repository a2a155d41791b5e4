/**
 * The codes by which Alibaba Cloud's services say that the credential of a request is not, or no longer, good. A
 * missing permission is none of them: another session of the same role would lack it too.
 */

const codes = new Set([
  // An AccessKey, or the key of a session, that does not exist (any more) or was disabled: RPC and ROA gateways.
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  "InvalidAccessKeyId",
  // A session that ended, was revoked, or does not fit its key: RPC and ROA gateways.
  "InvalidSecurityToken.Expired",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  "InvalidSecurityToken",
  // The same, in the words of OSS and Log Service.
  "SecurityTokenExpired",
  "InvalidStsToken",
  "Unauthorized.SecurityTokenExpired"
])

/** @internal */
export const isRefused = (code: string | undefined): boolean => code !== undefined && codes.has(code)
