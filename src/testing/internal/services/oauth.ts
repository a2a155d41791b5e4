import * as Duration from "effect/Duration"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import { issueSession, opaqueToken, recordIssued, requestId, sessionFields, type State } from "../cloud/state.ts"
import { type Answer, bearerToken, formParams, hostname, json, type Request, toRecord } from "../wire/message.ts"

type Step = readonly [Answer, State]

/** @internal */
export const oauthOperation = (path: string): string =>
  path === "/v1/token" ? "token" : path === "/v1/exchange" ? "exchange" : "unknown"

const refuse = (state: State, status: number, error: string, description: string): Step => [
  json(status, { error, error_description: description, requestId: requestId(state) }, error),
  state
]

/** A client is known at its own site; at an address that is no site, wherever it belongs. */
const isKnownClient = (state: State, request: Request, clientId: string | undefined): boolean => {
  const { sites } = state.world.oauth
  const here = sites.filter((site) => site.host === hostname(request))
  return (here.length > 0 ? here : sites).some((site) => site.clientId === clientId)
}

const isKnownRefreshToken = (state: State, token: string): boolean =>
  state.world.oauth.refreshTokens.includes(token) || HashSet.has(state.refreshTokens, token)

const issueTokens = (state: State, usedToken: string, now: number): Step => {
  const accessToken = opaqueToken(state, "oauth/access")
  const refreshToken = opaqueToken(state, "oauth/refresh")
  const lifetime = Duration.toMillis(state.world.oauth.accessTokenLifetime)
  const next = recordIssued(state, accessToken, refreshToken)
  const body = {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: Math.floor(lifetime / 1000),
    token_type: "Bearer",
    requestId: requestId(state)
  }
  return [json(200, body), {
    ...next,
    usedRefreshTokens: HashSet.add(next.usedRefreshTokens, usedToken),
    refreshTokens: HashSet.add(next.refreshTokens, refreshToken),
    accessTokens: HashMap.set(next.accessTokens, accessToken, now + lifetime)
  }]
}

const refresh = (state: State, request: Request, now: number): Step => {
  const form = toRecord(formParams(request))
  if (form["grant_type"] !== "refresh_token") {
    return refuse(state, 400, "unsupported_grant_type", "Only refresh_token is supported, in a form.")
  }
  if (!isKnownClient(state, request, form["client_id"])) {
    return refuse(state, 401, "invalid_client", "The client is not known at this site.")
  }
  const token = form["refresh_token"]
  if (token === undefined) return refuse(state, 400, "invalid_request", "refresh_token is missing.")
  if (HashSet.has(state.usedRefreshTokens, token)) {
    return refuse(state, 400, "invalid_grant", "The refresh token was used already.")
  }
  return isKnownRefreshToken(state, token)
    ? issueTokens(state, token, now)
    : refuse(state, 400, "invalid_grant", "The refresh token is not known.")
}

const lowerFirst = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`

const exchange = (state: State, request: Request, now: number): Step => {
  const { accessTokens, accountId, exchangeLifetime, replyCase, user } = state.world.oauth
  const token = bearerToken(request)
  if (token === undefined) return refuse(state, 401, "invalid_token", "An access token is needed.")
  const expiresAt = Option.getOrUndefined(HashMap.get(state.accessTokens, token))
  if (expiresAt === undefined && !accessTokens.includes(token)) {
    return refuse(state, 401, "invalid_token", "The access token is not known.")
  }
  if (expiresAt !== undefined && now >= expiresAt) {
    return refuse(state, 401, "expired_token", "The access token is expired.")
  }
  const principal = { type: "RAMUser", accountId, name: user, session: "" } as const
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(exchangeLifetime))
  const fields = { RequestId: requestId(state), ...sessionFields(session) }
  const named = Object.entries(fields).map(([name, value]) => [replyCase === "camel" ? lowerFirst(name) : name, value])
  return [json(200, Object.fromEntries(named)), next]
}

/** @internal */
export const answerOAuth = (state: State, request: Request, now: number): Step => {
  const operation = oauthOperation(request.path)
  if (operation === "unknown") return refuse(state, 404, "not_found", "There is nothing here.")
  if (request.method !== "POST") return refuse(state, 405, "invalid_request", "Use POST.")
  return operation === "token" ? refresh(state, request, now) : exchange(state, request, now)
}
