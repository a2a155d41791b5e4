import * as Duration from "effect/Duration"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import { assumedRole } from "../cloud/identity.ts"
import {
  findSession,
  issueSession,
  opaqueToken,
  recordIssued,
  type Session,
  sessionFields,
  type State
} from "../cloud/state.ts"
import { formatInstant } from "../wire/encode.ts"
import { type Answer, json, type Request, text, withHeaders } from "../wire/message.ts"

const tokenPath = "/latest/api/token"
const rolesPath = "/latest/meta-data/ram/security-credentials"
const ttlHeader = "x-aliyun-ecs-metadata-token-ttl-seconds"
const tokenHeader = "x-aliyun-ecs-metadata-token"
const maxTtlSeconds = 21_600

type Step = readonly [Answer, State]

/** @internal */
export const imdsOperation = (path: string): string => {
  if (path === tokenPath) return "token"
  if (path === rolesPath || path === `${rolesPath}/`) return "role"
  return path.startsWith(`${rolesPath}/`) ? "credential" : "unknown"
}

/** @internal */
export const isSilent = (state: State, request: Request): boolean =>
  state.world.imds.v2 === "silent" && imdsOperation(request.path) === "token"

const notFound = (state: State): Step => [text(404, "404 - Not Found", "text/html"), state]

const createToken = (state: State, request: Request, now: number): Step => {
  if (state.world.imds.v2 === "absent") return notFound(state)
  if (request.method !== "PUT") return [text(405, "405 - Method Not Allowed", "text/html"), state]
  const ttl = request.headers[ttlHeader] ?? ""
  const seconds = /^\d+$/.test(ttl) ? Number(ttl) : 0
  if (seconds < 1 || seconds > maxTtlSeconds) return [text(400, "400 - Bad Request", "text/html"), state]
  const token = opaqueToken(state, "imds")
  const next = recordIssued(state, token)
  return [
    withHeaders(text(200, token), { [ttlHeader]: ttl }),
    { ...next, imdsTokens: HashMap.set(next.imdsTokens, token, now + seconds * 1000) }
  ]
}

const isAllowed = (state: State, request: Request, now: number): boolean => {
  const token = request.headers[tokenHeader]
  if (token === undefined) return state.world.imds.v1
  return Option.exists(HashMap.get(state.imdsTokens, token), (expiresAt) => now < expiresAt)
}

const present = (state: State, role: string, now: number): Session | undefined => {
  const session = Option.getOrUndefined(
    Option.map(HashMap.get(state.imdsCurrent, role), (accessKeyId) => findSession(state, accessKeyId))
  )
  if (session === undefined || HashSet.has(state.revoked, session.accessKeyId)) return undefined
  const { lifetime, rotateBefore } = state.world.imds
  // A margin as long as the lifetime would rotate at every request.
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

const rotate = (state: State, role: string, now: number): readonly [Session, State] => {
  const { accountId, lifetime } = state.world.imds
  const principal = assumedRole({ accountId, name: role }, "i-local0000000000000001")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(lifetime))
  return [session, { ...next, imdsCurrent: HashMap.set(next.imdsCurrent, role, session.accessKeyId) }]
}

const getCredential = (state: State, role: string, now: number): Step => {
  if (!state.world.imds.roles.includes(role)) return notFound(state)
  const current = present(state, role, now)
  const [session, next] = current === undefined ? rotate(state, role, now) : [current, state]
  const body = { Code: "Success", LastUpdated: formatInstant(session.issuedAt), ...sessionFields(session) }
  return [json(200, body), next]
}

/** @internal */
export const answerImds = (state: State, request: Request, now: number): Step => {
  const operation = imdsOperation(request.path)
  if (operation === "token") return createToken(state, request, now)
  if (operation === "unknown") return notFound(state)
  if (request.method !== "GET") return [text(405, "405 - Method Not Allowed", "text/html"), state]
  if (!isAllowed(state, request, now)) return [text(401, "401 - Unauthorized", "text/html"), state]
  const { roles } = state.world.imds
  if (operation === "role") return roles.length === 0 ? notFound(state) : [text(200, roles.join("\n")), state]
  return getCredential(state, roleInPath(request.path), now)
}
