import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { OidcProvider, Role } from "../../World.ts"
import { assumedRole, assumedRoleUser, callerIdentity, parseRoleArn, trustNames } from "../cloud/identity.ts"
import { issueSession, type Principal, sessionFields, type State } from "../cloud/state.ts"
import { allParams, type ApiError, apiError, type Request, toRecord } from "../wire/message.ts"

/** @internal */
export interface Done {
  readonly state: State
  readonly body: Readonly<Record<string, unknown>>
}

/** @internal */
export type Outcome = Either.Either<Done, ApiError>

type Values = Readonly<Record<string, string>>

interface Wanted {
  readonly role: Role
  readonly sessionName: string
  readonly lifetimeMillis: number
}

const minSessionSeconds = 900
const maxPolicyLength = 2048

const missing = (name: string): ApiError =>
  apiError(400, `Missing${name}`, `The parameter ${name} is mandatory for this action.`)

const wronglyFormed = (name: string): ApiError =>
  apiError(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed.`)

const ensure = (condition: boolean, error: ApiError): Either.Either<void, ApiError> =>
  condition ? Either.void : Either.left(error)

const required = (values: Values, name: string): Either.Either<string, ApiError> => {
  const value = values[name]
  return value === undefined || value === "" ? Either.left(missing(name)) : Either.right(value)
}

const sessionName = (values: Values): Either.Either<string, ApiError> =>
  Either.flatMap(
    required(values, "RoleSessionName"),
    (name) => Either.map(ensure(/^[\w.@-]{2,64}$/.test(name), wronglyFormed("RoleSessionName")), () => name)
  )

const lifetimeMillis = (state: State, values: Values, role: Role): Either.Either<number, ApiError> => {
  const text = values["DurationSeconds"] ?? "3600"
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN
  const longest = Duration.toSeconds(role.maxSession)
  const error = apiError(
    400,
    "InvalidParameter.DurationSeconds",
    `The Min/Max value of DurationSeconds is ${minSessionSeconds}/${longest} seconds.`
  )
  return Either.map(
    ensure(seconds >= minSessionSeconds && seconds <= longest, error),
    () => state.world.sessionLifetime === undefined ? seconds * 1000 : Duration.toMillis(state.world.sessionLifetime)
  )
}

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const checkPolicy = (values: Values): Either.Either<void, ApiError> => {
  const policy = values["Policy"]
  if (policy === undefined) return Either.void
  if (policy.length > maxPolicyLength) {
    return Either.left(apiError(400, "InvalidParameter.PolicySize", "The parameter Policy is too long."))
  }
  return ensure(
    isJsonObject(policy),
    apiError(400, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
  )
}

const findRole = (state: State, values: Values): Either.Either<Role, ApiError> =>
  Either.flatMap(required(values, "RoleArn"), (arn) => {
    if (parseRoleArn(arn) === undefined) return Either.left(wronglyFormed("RoleArn"))
    const role = state.world.roles.find((role) => role.arn === arn)
    return role === undefined
      ? Either.left(apiError(404, "EntityNotExist.Role", "The role not exists: it is unknown to this account."))
      : Either.right(role)
  })

const readWanted = (state: State, values: Values): Either.Either<Wanted, ApiError> =>
  Either.gen(function*() {
    const role = yield* findRole(state, values)
    const name = yield* sessionName(values)
    const millis = yield* lifetimeMillis(state, values, role)
    yield* checkPolicy(values)
    return { role, sessionName: name, lifetimeMillis: millis }
  })

const noPermission = (why: string): ApiError => apiError(403, "NoPermission", `You are not authorized: ${why}.`)

const isTrusted = (role: Role, names: ReadonlyArray<string>): boolean =>
  role.trusted === "all" || role.trusted.some((arn) => names.includes(arn))

const grant = (state: State, wanted: Wanted, now: number): Done => {
  const role = parseRoleArn(wanted.role.arn) ?? { accountId: "", name: "" }
  const principal = assumedRole(role, wanted.sessionName)
  const [session, next] = issueSession(state, principal, now, wanted.lifetimeMillis)
  return {
    state: next,
    body: { AssumedRoleUser: assumedRoleUser(principal), Credentials: sessionFields(session) }
  }
}

/** @internal */
export const assumeRole = (state: State, request: Request, now: number, caller: Principal): Outcome => {
  const values = toRecord(allParams(request))
  return Either.gen(function*() {
    yield* ensure(caller.type !== "Account", noPermission("roles may not be assumed by root accounts"))
    const wanted = yield* readWanted(state, values)
    yield* ensure(isTrusted(wanted.role, trustNames(caller)), noPermission("the role does not trust the caller"))
    const expected = wanted.role.externalId
    yield* ensure(expected === undefined || values["ExternalId"] === expected, noPermission("ExternalId differs"))
    return grant(state, wanted, now)
  })
}

const accepts = (provider: OidcProvider, token: string): boolean =>
  typeof provider.tokens === "function" ? provider.tokens(token) : provider.tokens.includes(token)

const checkToken = (state: State, values: Values): Either.Either<OidcProvider, ApiError> =>
  Either.gen(function*() {
    const arn = yield* required(values, "OIDCProviderArn")
    const token = yield* required(values, "OIDCToken")
    yield* ensure(token.length >= 4 && token.length <= 20_000, wronglyFormed("OIDCToken"))
    const provider = state.world.oidcProviders.find((provider) => provider.arn === arn)
    if (provider === undefined) {
      const error = apiError(404, "EntityNotExist.OIDCProvider", "The OIDC provider does not exist.")
      return yield* Either.left(error)
    }
    const invalid = apiError(401, "AuthenticationFail.OIDCToken.Invalid", "The OIDC token has not passed verification.")
    yield* ensure(accepts(provider, token), invalid)
    return provider
  })

/**
 * Unlike the real service this one refuses the token in a query, where proxies and logs see it.
 *
 * @internal
 */
export const assumeRoleWithOidc = (state: State, request: Request, now: number): Outcome => {
  const values = toRecord(allParams(request))
  return Either.gen(function*() {
    const inQuery = request.query.some(([name]) => name === "OIDCToken")
    yield* ensure(!inQuery, apiError(400, "InvalidParameter.OIDCToken", "OIDCToken belongs in the body."))
    const provider = yield* checkToken(state, values)
    const wanted = yield* readWanted(state, values)
    const denied = apiError(403, "AuthenticationFail.NoPermission", "The role does not trust the OIDC provider.")
    yield* ensure(isTrusted(wanted.role, [provider.arn]), denied)
    const done = grant(state, wanted, now)
    return { ...done, body: { ...done.body, OIDCTokenInfo: { Subject: "local-subject", Issuer: provider.arn } } }
  })
}

/** @internal */
export const getCallerIdentity = (state: State, caller: Principal): Outcome =>
  Either.right({ state, body: callerIdentity(caller) })
