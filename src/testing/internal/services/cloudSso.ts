import * as Duration from "effect/Duration"
import type { Assignment } from "../../World.ts"
import { assumedRole } from "../cloud/identity.ts"
import { issueSession, requestId, sessionFields, type State } from "../cloud/state.ts"
import { type Answer, bearerToken, bodyText, json, type Request } from "../wire/message.ts"

const refuse = (state: State, status: number, code: string, message: string): readonly [Answer, State] => [
  json(status, { ErrorCode: code, ErrorMessage: message, RequestId: requestId(state) }, code),
  state
]

interface Wanted {
  readonly AccountId?: unknown
  readonly AccessConfigurationId?: unknown
}

const parseBody = (request: Request): Wanted | undefined => {
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) return undefined
  try {
    const body: unknown = JSON.parse(bodyText(request))
    return typeof body === "object" && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

const matches = (assignment: Assignment, wanted: Wanted): boolean =>
  assignment.accountId === wanted.AccountId && assignment.accessConfiguration === wanted.AccessConfigurationId

/** @internal */
export const answerCloudSso = (state: State, request: Request, now: number): readonly [Answer, State] => {
  if (request.method !== "POST") return refuse(state, 405, "MethodNotAllowed", "Use POST.")
  const token = bearerToken(request)
  const assignments = state.world.cloudSso.assignments.filter((assignment) => assignment.accessToken === token)
  if (assignments.length === 0) return refuse(state, 401, "InvalidAccessToken", "The access token is not valid.")
  const wanted = parseBody(request)
  if (wanted === undefined) return refuse(state, 400, "InvalidRequestBody", "The body has to be a JSON object.")
  const assignment = assignments.find((assignment) => matches(assignment, wanted))
  if (assignment === undefined) {
    return refuse(state, 403, "NoPermission.AccessAssignment", "The account or access configuration is not assigned.")
  }
  const role = `aliyunreservedsso-${assignment.accessConfiguration}`
  const principal = assumedRole({ accountId: assignment.accountId, name: role }, "cloud-sso-user")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(state.world.cloudSso.lifetime))
  return [json(200, { CloudCredential: sessionFields(session), RequestId: requestId(state) }), next]
}
