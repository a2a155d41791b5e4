import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Role, World } from "../../World.ts"
import { assumedRole, assumedRoleUser, parseRoleArn } from "../cloud/identity.ts"
import { issueSession, sessionFields } from "../cloud/state.ts"
import { type ApiError, apiError } from "../wire/message.ts"
import { type Call, type Done, ensure, required, wronglyFormed } from "./action.ts"

/**
 * The API version of STS.
 *
 * @internal
 */
export const stsVersion = "2015-04-01"

/**
 * The session of a role that a caller requests.
 *
 * @internal
 */
export interface RoleRequest {
  readonly role: Role
  readonly sessionName: string
  readonly lifetimeMillis: number
}

const minSessionSeconds = 900
const maxPolicyLength = 2048

const chosenSessionName = (call: Call): Either.Either<string, ApiError> =>
  Either.flatMap(
    required(call, "RoleSessionName"),
    (name) => Either.map(ensure(/^[\w.@-]{2,64}$/.test(name), wronglyFormed("RoleSessionName")), () => name)
  )

const lifetimeMillis = ({ parameters, state }: Call, role: Role): Either.Either<number, ApiError> => {
  const text = parameters["DurationSeconds"] ?? "3600"
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

const checkPolicy = (call: Call): Either.Either<void, ApiError> => {
  const policy = call.parameters["Policy"]
  if (policy === undefined) return Either.void
  if (policy.length > maxPolicyLength) {
    return Either.left(apiError(400, "InvalidParameter.PolicySize", "The parameter Policy is too long."))
  }
  return ensure(
    isJsonObject(policy),
    apiError(400, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
  )
}

const findRole = (call: Call): Either.Either<Role, ApiError> =>
  Either.flatMap(required(call, "RoleArn"), (arn) => {
    if (parseRoleArn(arn) === undefined) return Either.left(wronglyFormed("RoleArn"))
    const role = call.state.world.roles.find((role) => role.arn === arn)
    return role === undefined
      ? Either.left(apiError(404, "EntityNotExist.Role", "The role not exists: it is unknown to this account."))
      : Either.right(role)
  })

/**
 * Reads the parameters that all actions for roles share. The caller chooses the name of the session, unless the action
 * has another source for it.
 *
 * @internal
 */
export const readRoleRequest = (
  call: Call,
  sessionName: Either.Either<string, ApiError> = chosenSessionName(call)
): Either.Either<RoleRequest, ApiError> =>
  Either.gen(function*() {
    const role = yield* findRole(call)
    const name = yield* sessionName
    const millis = yield* lifetimeMillis(call, role)
    yield* checkPolicy(call)
    return { role, sessionName: name, lifetimeMillis: millis }
  })

/** @internal */
export const isTrusted = (role: Role, arns: ReadonlyArray<string>): boolean =>
  role.trusted === "all" || role.trusted.some((arn) => arns.includes(arn))

/** @internal */
export const issueRoleSession = ({ now, state }: Call, wanted: RoleRequest): Done => {
  const role = parseRoleArn(wanted.role.arn) ?? { accountId: "", name: "" }
  const principal = assumedRole(role, wanted.sessionName)
  const [session, next] = issueSession(state, principal, now, wanted.lifetimeMillis)
  return {
    state: next,
    body: { AssumedRoleUser: assumedRoleUser(principal), Credentials: sessionFields(session) }
  }
}

/** @internal */
export const withMaxSession = (world: World, roleArn: string, maxSession: Duration.DurationInput): World => ({
  ...world,
  roles: world.roles.map((role) => role.arn === roleArn ? { ...role, maxSession } : role)
})
