/**
 * The actions of the Security Token Service. A new one is added here, and to the list at the end.
 */
import * as Either from "effect/Either"
import type { OidcProvider } from "../../World.ts"
import { callerIdentity, trustedArns } from "../cloud/identity.ts"
import { type ApiError, apiError } from "../wire/message.ts"
import { type Action, type Call, ensure, required, wronglyFormed } from "./action.ts"
import { issueRoleSession, isTrusted, readRoleRequest, stsVersion } from "./role.ts"

const noPermission = (why: string): ApiError => apiError(403, "NoPermission", `You are not authorized: ${why}.`)

const assumeRole: Action = {
  version: stsVersion,
  name: "AssumeRole",
  signed: true,
  perform: (call) =>
    Either.gen(function*() {
      const { caller, parameters } = call
      yield* ensure(caller.type !== "Account", noPermission("roles may not be assumed by root accounts"))
      const wanted = yield* readRoleRequest(call)
      yield* ensure(isTrusted(wanted.role, trustedArns(caller)), noPermission("the role does not trust the caller"))
      const { externalId } = wanted.role
      yield* ensure(
        externalId === undefined || parameters["ExternalId"] === externalId,
        noPermission("ExternalId differs")
      )
      return issueRoleSession(call, wanted)
    })
}

const accepts = (provider: OidcProvider, token: string): boolean =>
  typeof provider.tokens === "function" ? provider.tokens(token) : provider.tokens.includes(token)

const checkToken = (call: Call): Either.Either<OidcProvider, ApiError> =>
  Either.gen(function*() {
    const arn = yield* required(call, "OIDCProviderArn")
    const token = yield* required(call, "OIDCToken")
    yield* ensure(token.length >= 4 && token.length <= 20_000, wronglyFormed("OIDCToken"))
    const provider = call.state.world.oidcProviders.find((provider) => provider.arn === arn)
    if (provider === undefined) {
      const error = apiError(404, "EntityNotExist.OIDCProvider", "The OIDC provider does not exist.")
      return yield* Either.left(error)
    }
    const invalid = apiError(401, "AuthenticationFail.OIDCToken.Invalid", "The OIDC token has not passed verification.")
    yield* ensure(accepts(provider, token), invalid)
    return provider
  })

/**
 * Unlike the real service, this one refuses a token in the query, where proxies and logs see it.
 */
const assumeRoleWithOidc: Action = {
  version: stsVersion,
  name: "AssumeRoleWithOIDC",
  signed: false,
  perform: (call) =>
    Either.gen(function*() {
      const inQuery = call.request.query.some(([name]) => name === "OIDCToken")
      yield* ensure(!inQuery, apiError(400, "InvalidParameter.OIDCToken", "OIDCToken belongs in the body."))
      const provider = yield* checkToken(call)
      const wanted = yield* readRoleRequest(call)
      const denied = apiError(403, "AuthenticationFail.NoPermission", "The role does not trust the OIDC provider.")
      yield* ensure(isTrusted(wanted.role, [provider.arn]), denied)
      const done = issueRoleSession(call, wanted)
      return { ...done, body: { ...done.body, OIDCTokenInfo: { Subject: "local-subject", Issuer: provider.arn } } }
    }),
  secrets: ({ oidcProviders }) =>
    oidcProviders.flatMap((provider) => typeof provider.tokens === "function" ? [] : provider.tokens)
}

const getCallerIdentity: Action = {
  version: stsVersion,
  name: "GetCallerIdentity",
  signed: true,
  perform: ({ caller, state }) => Either.right({ state, body: callerIdentity(caller) })
}

/** @internal */
export const stsActions: ReadonlyArray<Action> = [assumeRole, assumeRoleWithOidc, getCallerIdentity]
