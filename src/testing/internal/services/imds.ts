import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import { assumedRole } from "../cloud/identity.ts"
import {
  findSession,
  issueSession,
  opaqueToken,
  recall,
  recordIssued,
  remember,
  type Session,
  sessionFields,
  type State
} from "../cloud/state.ts"
import { formatInstant } from "../wire/encode.ts"
import { json, type Request, text, withHeaders } from "../wire/message.ts"
import type { CloudService, Step } from "./cloudService.ts"

const tokenPath = "/latest/api/token"
const rolesPath = "/latest/meta-data/ram/security-credentials"
const ttlHeader = "x-aliyun-ecs-metadata-token-ttl-seconds"
const tokenHeader = "x-aliyun-ecs-metadata-token"
const maxTtlSeconds = 21_600

class ImdsMemory extends Context.Reference<ImdsMemory>()("effect-alicloud-credentials/testing/ImdsMemory", {
  defaultValue: () => ({
    /** Token → when it expires, in epoch milliseconds. */
    tokens: HashMap.empty<string, number>(),
    /** Role → access key id of its current session. */
    current: HashMap.empty<string, string>()
  })
}) {}

const operationOf = (path: string): string => {
  if (path === tokenPath) return "token"
  if (path === rolesPath || path === `${rolesPath}/`) return "role"
  return path.startsWith(`${rolesPath}/`) ? "credential" : "unknown"
}

const pageNotFound = (state: State): Step => [text(404, "404 - Not Found", "text/html"), state]

const createToken = (state: State, request: Request, now: number): Step => {
  if (state.world.imds.v2 === "absent") return pageNotFound(state)
  if (request.method !== "PUT") return [text(405, "405 - Method Not Allowed", "text/html"), state]
  const ttl = request.headers[ttlHeader] ?? ""
  const seconds = /^\d+$/.test(ttl) ? Number(ttl) : 0
  if (seconds < 1 || seconds > maxTtlSeconds) return [text(400, "400 - Bad Request", "text/html"), state]
  const token = opaqueToken(state, "imds")
  const next = recordIssued(state, token)
  const memory = recall(next, ImdsMemory)
  return [
    withHeaders(text(200, token), { [ttlHeader]: ttl }),
    remember(next, ImdsMemory, { ...memory, tokens: HashMap.set(memory.tokens, token, now + seconds * 1000) })
  ]
}

const isAllowed = (state: State, request: Request, now: number): boolean => {
  const token = request.headers[tokenHeader]
  if (token === undefined) return state.world.imds.v1
  return Option.exists(HashMap.get(recall(state, ImdsMemory).tokens, token), (expiresAt) => now < expiresAt)
}

const currentSession = (state: State, role: string, now: number): Session | undefined => {
  const session = Option.getOrUndefined(
    Option.map(HashMap.get(recall(state, ImdsMemory).current, role), (accessKeyId) => findSession(state, accessKeyId))
  )
  if (session === undefined || HashSet.has(state.revoked, session.accessKeyId)) return undefined
  const { lifetime, rotateBefore } = state.world.imds
  // With a margin as long as the lifetime every request would get a new session.
  const margin = Math.min(Duration.toMillis(rotateBefore), Duration.toMillis(lifetime) / 2)
  return now < session.expiresAt - margin ? session : undefined
}

const roleInPath = (path: string): string => {
  const name = path.slice(rolesPath.length + 1)
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const issueNext = (state: State, role: string, now: number): readonly [Session, State] => {
  const { accountId, lifetime } = state.world.imds
  const principal = assumedRole({ accountId, name: role }, "i-local0000000000000001")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(lifetime))
  const memory = recall(next, ImdsMemory)
  const current = HashMap.set(memory.current, role, session.accessKeyId)
  return [session, remember(next, ImdsMemory, { ...memory, current })]
}

const getCredential = (state: State, role: string, now: number): Step => {
  if (!state.world.imds.roles.includes(role)) return pageNotFound(state)
  const current = currentSession(state, role, now)
  const [session, next] = current === undefined ? issueNext(state, role, now) : [current, state]
  const body = { Code: "Success", LastUpdated: formatInstant(session.issuedAt), ...sessionFields(session) }
  return [json(200, body), next]
}

const answer = (state: State, request: Request, now: number): Step => {
  const operation = operationOf(request.path)
  if (operation === "token") return createToken(state, request, now)
  if (operation === "unknown") return pageNotFound(state)
  if (request.method !== "GET") return [text(405, "405 - Method Not Allowed", "text/html"), state]
  if (!isAllowed(state, request, now)) return [text(401, "401 - Unauthorized", "text/html"), state]
  const { roles } = state.world.imds
  if (operation === "role") return roles.length === 0 ? pageNotFound(state) : [text(200, roles.join("\n")), state]
  return getCredential(state, roleInPath(request.path), now)
}

/**
 * The metadata service has a new credential for each role at the next request.
 *
 * @internal
 */
export const rotateInstanceCredential = (state: State): State =>
  remember(state, ImdsMemory, { ...recall(state, ImdsMemory), current: HashMap.empty() })

/** @internal */
export const imds: CloudService = {
  isHost: (host) => host === "100.100.100.200",
  isRequest: ({ path }) => path.startsWith("/latest/"),
  route: ({ path }) => ({ service: "imds", operation: operationOf(path) }),
  answer,
  errorAnswer: ({ message, status }) => text(status, message),
  isSilent: (state, { path }) => state.world.imds.v2 === "silent" && operationOf(path) === "token",
  lifetimes: { imds: (world, lifetime) => ({ ...world, imds: { ...world.imds, lifetime } }) }
}
