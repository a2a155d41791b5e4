/**
 * The `CredentialError` for a response that is not a success. It shows no secret.
 */
import { type CredentialError, CredentialsRejected, CredentialsUnavailable } from "../../CredentialError.ts"
import { hintOf, isTemporary } from "./codes.ts"
import * as errorBody from "./errorBody.ts"
import type { Answer } from "./http.ts"
import * as serverText from "./serverText.ts"

/**
 * `secrets` are those of the request. Secrets in the response itself are hidden too.
 *
 * @internal
 */
export const serviceError = (provider: string, answer: Answer, secrets: ReadonlyArray<string>): CredentialError => {
  const body = errorBody.parse(answer.body)
  const hidden = [...secrets, ...serverText.secretFields(body.json)]
  const code = serverText.errorCode(body.code, hidden)
  // The message for a wrong signature quotes the string that the server would have signed, including the token.
  const text = body.code === "SignatureDoesNotMatch" ? undefined : serverText.quotable(body.message, hidden)
  const requestId = serverText.requestId(body.requestId, hidden)
  if (code !== undefined && isTemporary(code)) {
    return new CredentialsUnavailable({
      provider,
      reason: `${answer.host}: status ${answer.status}, ${code}`,
      hint: hintOf(code),
      status: answer.status,
      code,
      requestId,
      retryAfter: answer.retryAfter
    })
  }
  return statusError(provider, answer, { code, text, requestId, hint: hintOf(code) })
}

const outage = "Retry later; if the error continues, open a ticket with the request id"

/** The error for the status of a response, regardless of its body. @internal */
export const statusError = (
  provider: string,
  answer: Answer,
  more: {
    readonly code?: string | undefined
    readonly text?: string | undefined
    readonly requestId?: string | undefined
    readonly hint?: string | undefined
  } = {}
): CredentialError => {
  const { retryAfter, status } = answer
  const { code, hint, requestId } = more
  const said = [code, more.text].filter((part) => part !== undefined).join(": ")
  const reason = said === "" ? `${answer.host}: status ${status}` : `${answer.host}: status ${status}, ${said}`
  if (status === 429 || status >= 500) {
    return new CredentialsUnavailable({
      provider,
      reason,
      status,
      code,
      requestId,
      retryAfter,
      hint: hint ?? (requestId === undefined ? undefined : outage)
    })
  }
  // In a browser, fetch reports a redirect as status 0.
  const redirected = status === 0 || (status >= 300 && status < 400)
  return new CredentialsRejected({
    provider,
    reason: redirected ? `${reason}: redirects are not followed` : reason,
    status,
    code,
    requestId,
    hint
  })
}
