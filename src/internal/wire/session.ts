/**
 * The answer of the metadata service and of a credentials URI: a session, and a `Code` that says whether it is one.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { CredentialError } from "../../CredentialError.ts"
import type { StsToken } from "../../Credentials.ts"
import type { Answer } from "./http.ts"
import { decodeJson, parseJson, SessionKeys, toStsToken } from "./json.ts"
import { serviceError } from "./serviceError.ts"

const decode = decodeJson(SessionKeys)

/** @internal */
export const interpretCoded = (
  provider: string,
  answer: Answer,
  secrets: ReadonlyArray<string>
): Effect.Effect<StsToken, CredentialError> =>
  answer.status !== 200 || !saysSuccess(answer.body)
    ? Effect.fail(serviceError(provider, answer, secrets))
    : Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Either.map(decode(provider, answer.body), (keys) => toStsToken(provider, keys, now, answer.serverDate)))

/** True also where there is no `Code`, which not every server sends. */
const saysSuccess = (body: string): boolean => {
  const json = Option.getOrUndefined(parseJson(body))
  const code = typeof json === "object" && json !== null ? (json as { readonly Code?: unknown }).Code : undefined
  return code === undefined || code === "Success"
}
