import * as Duration from "effect/Duration"
import type { Assignment } from "../../World.ts"
import { assumedRole } from "../cloud/identity.ts"
import { issueSession, requestId, sessionFields, type State } from "../cloud/state.ts"
import { type Answer, type ApiError, bearerToken, bodyText, json, type Request } from "../wire/message.ts"
import { type CloudService, nothingHere, type Step } from "./cloudService.ts"

const credentialsPath = "/cloud-credentials"

const errorAnswer = ({ code, message, status }: ApiError, requestId: string): Answer =>
  json(status, { ErrorCode: code, ErrorMessage: message, RequestId: requestId }, code)

const refuse = (state: State, status: number, code: string, message: string): Step => [
  errorAnswer({ status, code, message }, requestId(state)),
  state
]

/** The fields of the body, before they are checked. */
interface CredentialRequest {
  readonly AccountId?: unknown
  readonly AccessConfigurationId?: unknown
}

const parseBody = (request: Request): CredentialRequest | undefined => {
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) return undefined
  try {
    const body: unknown = JSON.parse(bodyText(request))
    return typeof body === "object" && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

const isAssignedTo = (assignment: Assignment, wanted: CredentialRequest): boolean =>
  assignment.accountId === wanted.AccountId && assignment.accessConfiguration === wanted.AccessConfigurationId

const answer = (state: State, request: Request, now: number): Step => {
  if (request.path !== credentialsPath) return nothingHere(state)
  if (request.method !== "POST") return refuse(state, 405, "MethodNotAllowed", "Use POST.")
  const token = bearerToken(request)
  const assignments = state.world.cloudSso.assignments.filter((assignment) => assignment.accessToken === token)
  if (assignments.length === 0) return refuse(state, 401, "InvalidAccessToken", "The access token is not valid.")
  const wanted = parseBody(request)
  if (wanted === undefined) return refuse(state, 400, "InvalidRequestBody", "The body has to be a JSON object.")
  const assignment = assignments.find((assignment) => isAssignedTo(assignment, wanted))
  if (assignment === undefined) {
    return refuse(state, 403, "NoPermission.AccessAssignment", "The account or access configuration is not assigned.")
  }
  const role = `aliyunreservedsso-${assignment.accessConfiguration}`
  const principal = assumedRole({ accountId: assignment.accountId, name: role }, "cloud-sso-user")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(state.world.cloudSso.lifetime))
  return [json(200, { CloudCredential: sessionFields(session), RequestId: requestId(state) }), next]
}

/** @internal */
export const cloudSso: CloudService = {
  isHost: (host) => host.endsWith(".alibabacloudsso.com"),
  isRequest: ({ path }) => path === credentialsPath,
  route: ({ path }) => ({ service: "cloudsso", operation: path.slice(1) }),
  answer,
  errorAnswer,
  lifetimes: { cloudsso: (world, lifetime) => ({ ...world, cloudSso: { ...world.cloudSso, lifetime } }) },
  secrets: ({ cloudSso }) => cloudSso.assignments.map((assignment) => assignment.accessToken)
}
