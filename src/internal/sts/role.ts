/**
 * The role to assume: its options checked, and turned into the parameters of a request.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { trimmed } from "../pasted.ts"
import type { AssumedRole } from "../provider/assumedRole.ts"
import { parseJson } from "../wire/json.ts"

/** @internal */
export interface Role {
  readonly roleArn: string
  readonly roleSessionName?: string | undefined
  readonly duration?: Duration.DurationInput | undefined
  readonly policy?: string | undefined
  readonly externalId?: string | undefined
}

/** The parameters of a request by which STS knows the role. @internal */
export type RoleParameters = Readonly<Record<string, string>>

/** What a value must be, and what an error says of one that is not. @internal */
export interface Rule<A> {
  readonly holds: (value: A) => boolean
  readonly otherwise: string
}

const rule = <A>(holds: (value: A) => boolean, otherwise: string): Rule<A> => ({ holds, otherwise })

/** @internal */
export const rules = {
  roleArn: rule<string>(
    (arn) => /^acs:ram::[^:\s"']+:role\/[^\s"']+$/.test(arn),
    "is not of the form acs:ram::<account>:role/<name>"
  ),
  roleSessionName: rule<string>((name) => /^[\w.@-]{2,64}$/.test(name), "takes 2 to 64 letters, digits and . @ - _"),
  duration: rule<number>(
    (seconds) => Number.isInteger(seconds) && seconds >= 900,
    "takes whole seconds, at least 900"
  ),
  policy: rule<string>((policy) => Option.isSome(parseJson(policy)), "is not JSON"),
  externalId: rule<string>(
    (id) => /^[\w+=,.@:/-]{2,1224}$/.test(id),
    "takes 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -"
  )
}

const secondsOf = (role: Role): number => Duration.toSeconds(role.duration ?? Duration.seconds(3600))

/** Every option that is not valid, and how. Empty means absent, for every option. @internal */
export const issues = (role: Role): ReadonlyArray<string> => [
  ...issueOf("roleArn", rules.roleArn, trimmed(role.roleArn)),
  ...(role.roleSessionName ? issueOf("roleSessionName", rules.roleSessionName, role.roleSessionName) : []),
  ...issueOf("duration", rules.duration, secondsOf(role)),
  ...(role.policy ? issueOf("policy", rules.policy, role.policy) : []),
  ...(role.externalId ? issueOf("externalId", rules.externalId, role.externalId) : [])
]

/** The parameters that every call for a session of a role takes. @internal */
export const parameters = (role: Role): RoleParameters => ({
  RoleArn: trimmed(role.roleArn),
  DurationSeconds: String(secondsOf(role)),
  ...(role.policy ? { Policy: role.policy } : {})
})

/**
 * What the calls take that let the caller name its session. The name is fixed when a provider is made: one that changes
 * with each renewal floods audit logs.
 *
 * @internal
 */
export const sessionName = (role: Role, now: number): RoleParameters => ({
  RoleSessionName: role.roleSessionName || defaultSessionName(now)
})

/** What AssumeRole alone takes. @internal */
export const externalId = (role: Role): RoleParameters => role.externalId ? { ExternalId: role.externalId } : {}

/** All that an option says of the role. The default name of the session differs between processes. @internal */
export const assumedRole = (role: Role): AssumedRole => ({
  ...parameters(role),
  ...(role.roleSessionName ? { RoleSessionName: role.roleSessionName } : {}),
  ...externalId(role)
})

const issueOf = <A>(name: string, { holds, otherwise }: Rule<A>, value: A): ReadonlyArray<string> =>
  holds(value) ? [] : [`${name} ${otherwise}${shown(value)}`]

// A secret can stand in the place of a text.
const shown = (value: unknown): string => typeof value === "number" ? ` (found: ${value})` : ""

/** How to fix the first of the {@link issues}, if there is more to say than what is allowed. @internal */
export const hint = (role: Role): string | undefined => {
  const arn = trimmed(role.roleArn)
  if (arn !== "" && !rules.roleArn.holds(arn)) {
    return "Write the whole ARN, for example acs:ram::1234567890123456:role/deploy"
  }
  return rules.duration.holds(secondsOf(role))
    ? undefined
    : "Use 3600 seconds, or another whole number that is at least 900"
}

// At most 32 characters, which older documents give as the limit.
const defaultSessionName = (now: number): string => `credentials-effect-${Math.floor(now / 1000)}`
