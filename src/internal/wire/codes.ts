/**
 * The codes by which Alibaba Cloud's services say that the credential of a request is not, or no longer, good. A
 * missing permission is none of them: another session of the same role would lack it too. Nor is a signature that does
 * not match, which says that the secret is wrong and not that there is a newer one.
 */

const codes = new Set([
  // RPC and ROA gateways: an AccessKey, or the key of a session, that does not exist (any more), and one that was
  // disabled. https://help.aliyun.com/document_detail/42775.html; the first is also what the RAM secret plug-in of KMS
  // renews at: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/ram-secret-plug-in
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  // The gateways: a session that ended or was revoked, and a token that is broken or of another key. Together with the
  // two above, what the metastore client of Data Lake Formation takes for a reason to renew.
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

/** @internal */
export const isRefused = (code: string | undefined): boolean => code !== undefined && codes.has(code)
