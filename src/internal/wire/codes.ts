/**
 * The error codes of Alibaba Cloud's services that this library knows, and how to fix what they report.
 */
import { isThrottlingCode } from "../throttling.ts"

// A missing permission is not in the list: another session of the same role would lack it too. Neither is a signature
// that does not match: it means that the secret is wrong, and not that it was replaced.
const refused: ReadonlySet<string | undefined> = new Set([
  // RPC and ROA gateways: an AccessKey, or the key of a session, that does not exist, or that is disabled.
  // https://help.aliyun.com/document_detail/42775.html; the RAM secret plug-in of KMS also renews at the
  // first: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/ram-secret-plug-in
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  // The gateways: a session that expired or was revoked, and a token that is broken or belongs to another key. Together
  // with the two above, these are the codes at which the metastore client of Data Lake Formation renews.
  "InvalidSecurityToken.Expired",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  // OSS, with codes of its own: https://help.aliyun.com/document_detail/42775.html and
  // https://www.alibabacloud.com/help/en/oss/support/0002-00000007. The plug-in renews at the first of them too.
  "InvalidAccessKeyId",
  "InvalidSecurityToken",
  "SecurityTokenExpired",
  // The OCR and vision APIs: https://api.aliyun.com/troubleshoot?q=invalidStsToken
  "invalidStsToken"
])

/** Whether a service says that the credentials of a request are invalid or no longer valid. @internal */
export const isRefused = (code: string | undefined): boolean => refused.has(code)

/** Whether a code is one that this library knows, and so no secret, whatever the secrets are. @internal */
export const isKnown = (code: string): boolean =>
  refused.has(code) || code === "Throttling" || code === "ServiceUnavailable" || code === "SignatureDoesNotMatch"

/** Whether a service says that it cannot answer now, whatever the status is. @internal */
export const isTemporary = (code: string): boolean => isThrottlingCode(code) || code === "ServiceUnavailable"

/** Whether a service refused the timestamp of a request. @internal */
export const isClockCode = (code: string | undefined): boolean =>
  code !== undefined && (code.startsWith("InvalidTimeStamp") || code.startsWith("IllegalTimestamp"))

/** The fix for the codes that a pattern matches: the first pattern counts. @internal */
export const hints: ReadonlyArray<readonly [RegExp, string]> = [
  [/^SignatureDoesNotMatch$/, "Enter the AccessKey id and its secret again: they do not belong together"],
  [/^InvalidAccessKeyId\.Inactive$/, "Enable the AccessKey in the RAM console, or use another one"],
  [/^InvalidAccessKeyId/, "Use another AccessKey: this one was deleted, or its id is misspelled"],
  [
    /^MissingSecurityToken$/,
    "Add the security token: an AccessKey id that begins with STS. works only with the token of its session"
  ],
  [
    /^InvalidSecurityToken\.(?:Malformed|MismatchWithAccessKey)$/,
    "Copy the security token again: it is broken, or belongs to another AccessKey"
  ],
  [
    /^InvalidSecurityToken\.Expired$|^SecurityTokenExpired$/,
    "Replace the AccessKey id, the secret and the security token by those of a new session: this one has expired"
  ],
  [
    /^InvalidSecurityToken|^invalidStsToken$/,
    "Replace the AccessKey id, the secret and the security token by those of a new session: this one is not valid"
  ],
  [
    /NoPermission$/,
    "1. check that the trust policy of the role allows the caller; " +
    "2. check that the caller, if it is a RAM user, has the permission AliyunSTSAssumeRoleAccess; " +
    "3. check that the external id is sent, if the trust policy requires one"
  ],
  [/^EntityNotExist\.Role$/, "Correct the role ARN: the account has no role of this name (case matters)"],
  [
    /DurationSeconds/,
    "Set a shorter session duration, or raise the maximum session duration of the role in RAM"
  ],
  [/^InvalidTimeStamp|^IllegalTimestamp/, "Set the clock of this machine, for example with NTP"],
  [
    /^Throttling(?:\.|$)/,
    "Retry later; if the program makes many providers, make one and share it: each asks for sessions of its own"
  ]
]

/** How to fix the cause of a code. @internal */
export const hintOf = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : hints.find(([pattern]) => pattern.test(code))?.[1]
