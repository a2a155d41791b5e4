import * as Context from "effect/Context"
import * as Either from "effect/Either"
import * as HashSet from "effect/HashSet"
import type { AccessKey, World } from "../../World.ts"
import { findSession, type Principal, recall, remember, type State } from "../cloud/state.ts"
import { type Params, parseInstant } from "../wire/encode.ts"
import { allParams, type ApiError, apiError, type Request, toRecord } from "../wire/message.ts"
import * as acs3 from "./acs3.ts"
import * as signatureV1 from "./signatureV1.ts"

/** @internal */
export interface Authentication {
  /** The state in which the nonce of the request is used. */
  readonly state: State
  readonly result: Either.Either<Principal, ApiError>
}

/** The signature fields of a request, and how to check the signature with the secret. */
interface Claim {
  readonly accessKeyId: string
  readonly securityToken: string | undefined
  readonly timestamp: string | undefined
  readonly nonce: string | undefined
  readonly verify: (secret: string) => Either.Either<void, ApiError>
}

const clockTolerance = 15 * 60 * 1000

const missingPart = (name: string): ApiError => apiError(400, `Missing${name}`, `${name} is mandatory for this action.`)

const incomplete = (why: string): ApiError =>
  apiError(400, "IncompleteSignature", `The request signature does not conform to the standard: ${why}.`)

const signatureMismatch = (detail: string): ApiError =>
  apiError(400, "SignatureDoesNotMatch", `Specified signature is not matched with our calculation. ${detail}`)

const claimV1 = (request: Request, params: Params): Either.Either<Claim, ApiError> => {
  const values = toRecord(params)
  const accessKeyId = values["AccessKeyId"]
  const signature = values["Signature"]
  if (accessKeyId === undefined) return Either.left(missingPart("AccessKeyId"))
  if (signature === undefined) return Either.left(missingPart("Signature"))
  if (values["SignatureMethod"] !== "HMAC-SHA1" || values["SignatureVersion"] !== "1.0") {
    return Either.left(incomplete("SignatureMethod has to be HMAC-SHA1 and SignatureVersion 1.0"))
  }
  return Either.right({
    accessKeyId,
    securityToken: values["SecurityToken"],
    timestamp: values["Timestamp"],
    nonce: values["SignatureNonce"],
    verify: (secret) => {
      const text = signatureV1.stringToSign(request.method, params)
      return signatureV1.sign(secret, text) === signature
        ? Either.void
        : Either.left(signatureMismatch(`server string to sign is:${text}`))
    }
  })
}

const claimAcs3 = (request: Request, header: string): Either.Either<Claim, ApiError> => {
  const authorization = acs3.parseAuthorization(header)
  if (authorization === undefined) return Either.left(incomplete("the Authorization header has another form"))
  const uncovered = acs3.headersToSign(request.headers).filter((name) => !authorization.signedHeaders.includes(name))
  if (uncovered.length > 0) return Either.left(incomplete(`headers not signed: ${uncovered.join(", ")}`))
  if (request.headers["x-acs-content-sha256"] !== acs3.hashBody(request.body)) {
    return Either.left(apiError(400, "InvalidContentSha256", "x-acs-content-sha256 is not the hash of the body."))
  }
  const securityToken = request.headers["x-acs-security-token"]
  if (securityToken !== undefined && request.headers["x-acs-accesskey-id"] !== authorization.accessKeyId) {
    return Either.left(missingPart("x-acs-accesskey-id"))
  }
  return Either.right({
    accessKeyId: authorization.accessKeyId,
    securityToken,
    timestamp: request.headers["x-acs-date"],
    nonce: request.headers["x-acs-signature-nonce"],
    verify: (secret) => {
      const canonical = acs3.canonicalRequest(request, authorization.signedHeaders)
      return acs3.sign(secret, acs3.stringToSign(canonical)) === authorization.signature
        ? Either.void
        : Either.left(signatureMismatch(`server CanonicalRequest is:${canonical}`))
    }
  })
}

const checkTimestamp = (claim: Claim, now: number): Either.Either<void, ApiError> => {
  if (claim.timestamp === undefined) return Either.left(missingPart("Timestamp"))
  const at = parseInstant(claim.timestamp)
  if (at === undefined) {
    return Either.left(apiError(400, "InvalidTimeStamp.Format", "Specified time stamp is not YYYY-MM-DDThh:mm:ssZ."))
  }
  return Math.abs(now - at) <= clockTolerance
    ? Either.void
    : Either.left(apiError(400, "InvalidTimeStamp.Expired", "Specified time stamp is expired, or lies ahead."))
}

class Nonces extends Context.Reference<Nonces>()("effect-alicloud-credentials/testing/Nonces", {
  defaultValue: () => HashSet.empty<string>()
}) {}

const useNonce = (state: State, claim: Claim): Either.Either<State, ApiError> => {
  if (claim.nonce === undefined || claim.nonce === "") return Either.left(missingPart("SignatureNonce"))
  const key = `${claim.accessKeyId}/${claim.nonce}`
  const used = recall(state, Nonces)
  return HashSet.has(used, key)
    ? Either.left(apiError(400, "SignatureNonceUsed", "Specified signature nonce was used already."))
    : Either.right(remember(state, Nonces, HashSet.add(used, key)))
}

/** How to check a signature, and the identity that it belongs to. */
interface SigningKey {
  readonly secret: string
  readonly principal: Principal
}

const keyNotFound = apiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")

const tokenError = (kind: "Expired" | "Malformed" | "MismatchWithAccessKey"): ApiError =>
  apiError(
    400,
    `InvalidSecurityToken.${kind}`,
    {
      Expired: "Specified SecurityToken is expired.",
      Malformed: "Specified SecurityToken is malformed.",
      MismatchWithAccessKey: "Specified SecurityToken is not of the access key."
    }[kind]
  )

const ownerOf = (key: AccessKey): Principal => ({
  type: key.user === undefined ? "Account" : "RAMUser",
  accountId: key.accountId,
  name: key.user ?? "",
  session: ""
})

const longLivedKey = (key: AccessKey, securityToken: string | undefined): Either.Either<SigningKey, ApiError> => {
  if (key.active === false) {
    return Either.left(apiError(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."))
  }
  if (securityToken !== undefined && securityToken !== "") return Either.left(tokenError("MismatchWithAccessKey"))
  return Either.right({ secret: key.secret, principal: ownerOf(key) })
}

const isKnownToken = (state: State, securityToken: string): boolean => {
  for (const [, session] of state.sessions) if (session.securityToken === securityToken) return true
  return false
}

const sessionKey = (state: State, claim: Claim, now: number): Either.Either<SigningKey, ApiError> => {
  const session = findSession(state, claim.accessKeyId)
  if (session === undefined) return Either.left(keyNotFound)
  if (claim.securityToken === undefined || claim.securityToken === "") return Either.left(missingPart("SecurityToken"))
  if (claim.securityToken !== session.securityToken) {
    return Either.left(tokenError(isKnownToken(state, claim.securityToken) ? "MismatchWithAccessKey" : "Malformed"))
  }
  if (now >= session.expiresAt || HashSet.has(state.revoked, session.accessKeyId)) {
    return Either.left(tokenError("Expired"))
  }
  return Either.right({ secret: session.accessKeySecret, principal: session.principal })
}

const findKey = (state: State, claim: Claim, now: number): Either.Either<SigningKey, ApiError> => {
  const key = state.world.accessKeys.find((key) => key.id === claim.accessKeyId)
  if (key === undefined) return sessionKey(state, claim, now)
  return HashSet.has(state.revoked, key.id) ? Either.left(keyNotFound) : longLivedKey(key, claim.securityToken)
}

const checkClaim = (state: State, claim: Claim, now: number): Authentication => {
  const fresh = Either.flatMap(checkTimestamp(claim, now), () => useNonce(state, claim))
  if (Either.isLeft(fresh)) return { state, result: Either.left(fresh.left) }
  const result = Either.flatMap(
    findKey(state, claim, now),
    (key) => Either.map(claim.verify(key.secret), () => key.principal)
  )
  return { state: fresh.right, result }
}

const checkBearer = (state: State, token: string): Either.Either<Principal, ApiError> => {
  const known = state.world.bearerTokens.find((entry) => entry.token === token)
  return known === undefined
    ? Either.left(apiError(401, "InvalidBearerToken.NotFound", "Specified bearer token is not found."))
    : Either.right({ type: "RAMUser", accountId: known.accountId, name: known.user, session: "" })
}

const isBearer = (request: Request): boolean =>
  (request.headers["x-acs-signature-type"] ?? toRecord(request.query)["SignatureType"]) === "BEARERTOKEN"

/**
 * The AccessKey id in the signature of a request, valid or not.
 *
 * @internal
 */
export const claimedAccessKeyId = (request: Request): string | undefined =>
  acs3.parseAuthorization(request.headers["authorization"] ?? "")?.accessKeyId
    ?? toRecord(allParams(request))["AccessKeyId"]

/**
 * Checks the ACS3 signature, the bearer token or the signature of version 1.0 of a request.
 *
 * @internal
 */
export const authenticate = (state: State, request: Request, now: number): Authentication => {
  const bearer = request.headers["x-acs-bearer-token"]
  if (bearer !== undefined && isBearer(request)) return { state, result: checkBearer(state, bearer) }
  const header = request.headers["authorization"]
  const claim = header === undefined ? claimV1(request, allParams(request)) : claimAcs3(request, header)
  return Either.isLeft(claim)
    ? { state, result: Either.left(claim.left) }
    : checkClaim(state, claim.right, now)
}

/** @internal */
export const longLivedSecrets = ({ accessKeys, bearerTokens }: World): ReadonlyArray<string> => [
  ...accessKeys.map((key) => key.secret),
  ...bearerTokens.map((entry) => entry.token)
]
