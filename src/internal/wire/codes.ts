/**
 * The error codes of Alibaba Cloud's services: which of them mean something to this library, and what to do about them.
 */

// A missing permission is not in the list: another session of the same role would lack it too. Nor is a signature that
// does not match, which says that the secret is wrong and not that there is a newer one.
const refused = new Set([
  // RPC and ROA gateways: an AccessKey, or the key of a session, that does not exist (any more), and one that was
  // disabled. https://help.aliyun.com/document_detail/42775.html; the RAM secret plug-in of KMS also renews at the
  // first: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/ram-secret-plug-in
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  // The gateways: a session that expired or was revoked, and a token that is broken or belongs to another key. Together
  // with the two above, these are the codes at which the metastore client of Data Lake Formation renews.
  "InvalidSecurityToken.Expired",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  // OSS, the same in its own words: https://help.aliyun.com/document_detail/42775.html and
  // https://www.alibabacloud.com/help/en/oss/support/0002-00000007. The plug-in renews at the first of them too.
  "InvalidAccessKeyId",
  "InvalidSecurityToken",
  "SecurityTokenExpired",
  // The OCR and vision APIs: https://api.aliyun.com/troubleshoot?q=invalidStsToken
  "invalidStsToken"
])

/** Whether a service says that the credentials of a request are not, or no longer, valid. @internal */
export const isRefused = (code: string | undefined): boolean => code !== undefined && refused.has(code)

/** Whether a code is one that this library knows, and so no secret, whatever the secrets are. @internal */
export const isKnown = (code: string): boolean =>
  refused.has(code) || code === "Throttling" || code === "ServiceUnavailable" || code === "SignatureDoesNotMatch"

/** @internal */
export const isThrottling = (code: string): boolean =>
  code === "Throttling" || code.startsWith("Throttling.") || code === "ServiceUnavailable"

/** Whether a service refused the timestamp of a request. @internal */
export const isClockCode = (code: string | undefined): boolean =>
  code !== undefined && (code.startsWith("InvalidTimeStamp") || code.startsWith("IllegalTimestamp"))

const hints: ReadonlyArray<readonly [RegExp, string]> = [
  [/^SignatureDoesNotMatch$/, "The AccessKey secret is not the one that belongs to the AccessKey id"],
  [/^InvalidAccessKeyId/, "The AccessKey id is wrong, disabled or deleted"],
  [/^InvalidSecurityToken|^SecurityTokenExpired/, "The security token is not, or no longer, valid"],
  [
    /NoPermission$/,
    "The role's trust policy must name the caller, and a RAM user needs the permission sts:AssumeRole " +
    "(AliyunSTSAssumeRoleAccess)"
  ],
  [/^EntityNotExist\.Role$/, "There is no such role in that account"],
  [/^InvalidParameter\.DurationSeconds|DurationSeconds/, "The role's own maximum session duration may be shorter"],
  [/^InvalidTimeStamp|^IllegalTimestamp/, "Check the clock of this machine"],
  [/^AuthenticationFail\.OIDCToken/, "The token must come from the issuer that the OIDC provider in RAM names"]
]

/** How to fix the cause of a code. @internal */
export const hintOf = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : hints.find(([pattern]) => pattern.test(code))?.[1]
