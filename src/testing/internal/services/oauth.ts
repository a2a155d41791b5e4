import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import {
  issueSession,
  opaqueToken,
  recall,
  recordIssued,
  remember,
  requestId,
  sessionFields,
  type State
} from "../cloud/state.ts"
import {
  type Answer,
  type ApiError,
  bearerToken,
  formParams,
  hostname,
  json,
  type Request,
  toRecord
} from "../wire/message.ts"
import type { CloudService, Step } from "./cloudService.ts"

const hosts: ReadonlyArray<string> = [
  "oauth.aliyun.com",
  "oauth.alibabacloud.com",
  "signin.aliyun.com",
  "signin.alibabacloud.com"
]

class OAuthTokens extends Context.Reference<OAuthTokens>()("effect-alicloud-credentials/testing/OAuthTokens", {
  defaultValue: () => ({
    refresh: HashSet.empty<string>(),
    usedRefresh: HashSet.empty<string>(),
    /** Token → when it expires, in epoch milliseconds. */
    access: HashMap.empty<string, number>()
  })
}) {}

const operationOf = (path: string): string =>
  path === "/v1/token" ? "token" : path === "/v1/exchange" ? "exchange" : "unknown"

const errorAnswer = ({ code, message, status }: ApiError, requestId: string): Answer =>
  json(status, { error: code, error_description: message, requestId }, code)

const refuse = (state: State, status: number, code: string, message: string): Step => [
  errorAnswer({ status, code, message }, requestId(state)),
  state
]

/** A site accepts only its own client. An address that is not a site accepts the clients of all sites. */
const isKnownClient = (state: State, request: Request, clientId: string | undefined): boolean => {
  const { sites } = state.world.oauth
  const here = sites.filter((site) => site.host === hostname(request))
  return (here.length > 0 ? here : sites).some((site) => site.clientId === clientId)
}

const isKnownRefreshToken = (state: State, token: string): boolean =>
  state.world.oauth.refreshTokens.includes(token) || HashSet.has(recall(state, OAuthTokens).refresh, token)

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
  const tokens = recall(next, OAuthTokens)
  return [
    json(200, body),
    remember(next, OAuthTokens, {
      refresh: HashSet.add(tokens.refresh, refreshToken),
      usedRefresh: HashSet.add(tokens.usedRefresh, usedToken),
      access: HashMap.set(tokens.access, accessToken, now + lifetime)
    })
  ]
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
  if (HashSet.has(recall(state, OAuthTokens).usedRefresh, token)) {
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
  const expiresAt = Option.getOrUndefined(HashMap.get(recall(state, OAuthTokens).access, token))
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

const answer = (state: State, request: Request, now: number): Step => {
  const operation = operationOf(request.path)
  if (operation === "unknown") return refuse(state, 404, "not_found", "There is nothing here.")
  if (request.method !== "POST") return refuse(state, 405, "invalid_request", "Use POST.")
  return operation === "token" ? refresh(state, request, now) : exchange(state, request, now)
}

/** @internal */
export const oauth: CloudService = {
  isHost: (host) => hosts.includes(host),
  isRequest: ({ path }) => operationOf(path) !== "unknown",
  route: ({ path }) => ({ service: "oauth", operation: operationOf(path) }),
  answer,
  errorAnswer,
  lifetimes: { oauth: (world, lifetime) => ({ ...world, oauth: { ...world.oauth, exchangeLifetime: lifetime } }) },
  secrets: ({ oauth }) => [...oauth.refreshTokens, ...oauth.accessTokens]
}
