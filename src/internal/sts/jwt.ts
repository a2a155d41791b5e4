/**
 * What a JSON Web Token says of itself. It is not verified, so this serves error messages only.
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import { parseJson } from "../wire/json.ts"

/** The claims that help to find a mistake. What does not look like one is left out, since it may be a secret. @internal */
export interface Claims {
  /** In epoch milliseconds. */
  readonly expiration: number | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
  readonly subject: string | undefined
}

/** @internal */
export const claimsOf = (token: string): Claims => {
  const payload = Either.getOrUndefined(Encoding.decodeBase64UrlString(token.split(".")[1] ?? ""))
  const json = payload === undefined ? undefined : Option.getOrUndefined(parseJson(payload))
  const claims = typeof json === "object" && json !== null ? json as Readonly<Record<string, unknown>> : {}
  return {
    expiration: timeOf(claims["exp"]),
    issuer: nameOf(claims["iss"]),
    audience: nameOf(Array.isArray(claims["aud"]) ? claims["aud"][0] : claims["aud"]),
    subject: nameOf(claims["sub"])
  }
}

// The longest time that a date can hold.
const timeOf = (exp: unknown): number | undefined =>
  typeof exp === "number" && Math.abs(exp * 1000) <= 8.64e15 ? exp * 1000 : undefined

/** Names of Kubernetes and addresses, in words of at most 40 characters. */
const nameOf = (claim: unknown): string | undefined =>
  typeof claim === "string" && claim.length <= 160 && /^(?:https?:\/\/)?[\w.-]{1,40}(?:[:/][\w.-]{1,40})*$/.test(claim)
    ? claim
    : undefined
