/**
 * The error body of a service, as an error of ours that shows no secret.
 */
import * as Option from "effect/Option"
import { type CredentialError, CredentialsUnavailable } from "../../CredentialError.ts"
import { type Answer, statusError } from "./http.ts"
import { parseJson } from "./json.ts"
import * as serverText from "./serverText.ts"

/** The names under which a service says what went wrong. @internal */
export interface ErrorFields {
  readonly code: string
  readonly message: string
  readonly requestId: string
}

/** @internal */
export const openApiFields: ErrorFields = { code: "Code", message: "Message", requestId: "RequestId" }

/**
 * `secrets` are those of the request; those that the answer itself names are kept back too.
 *
 * @internal
 */
export const serviceError = (
  provider: string,
  answer: Answer,
  secrets: ReadonlyArray<string>,
  fields: ErrorFields = openApiFields
): CredentialError => {
  const json = Option.getOrUndefined(parseJson(answer.body))
  const said = (typeof json === "object" && json !== null ? json : {}) as Readonly<Record<string, unknown>>
  const hidden = [...secrets, ...serverText.secretsOf(json)]
  const code = serverText.errorCode(said[fields.code], hidden)
  // The message of a refused signature holds the string that the server would have signed, token included.
  const text = said[fields.code] === "SignatureDoesNotMatch"
    ? undefined
    : serverText.quotable(said[fields.message], hidden)
  const requestId = serverText.requestId(said[fields.requestId], hidden)
  if (code !== undefined && isThrottling(code)) {
    return new CredentialsUnavailable({
      provider,
      reason: `${answer.host}: ${code}`,
      status: answer.status,
      retryAfter: answer.retryAfter
    })
  }
  return statusError(provider, answer, { code, text, requestId, hint: hintOf(code) })
}

/** @internal */
export const isThrottling = (code: string): boolean =>
  code === "Throttling" || code.startsWith("Throttling.") || code === "ServiceUnavailable"

/** @internal */
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

const hintOf = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : hints.find(([pattern]) => pattern.test(code))?.[1]
