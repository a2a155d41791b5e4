/**
 * The role to assume: its options checked, and turned into the parameters of a request.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { parseJson } from "../wire/json.ts"

/** @internal */
export interface Role {
  readonly roleArn: string
  readonly roleSessionName?: string | undefined
  readonly duration?: Duration.DurationInput | undefined
  readonly policy?: string | undefined
  readonly externalId?: string | undefined
}

/** The parameters that AssumeRole and AssumeRoleWithOIDC share. @internal */
export type RoleParameters = Readonly<Record<string, string>>

/** What a value must be, and what is said of one that is not. @internal */
export interface Rule<A> {
  readonly holds: (value: A) => boolean
  readonly otherwise: string
}

const rule = <A>(holds: (value: A) => boolean, otherwise: string): Rule<A> => ({ holds, otherwise })

/** @internal */
export const rules = {
  roleArn: rule<string>(
    (arn) => /^acs:ram::[^:]+:role\/.+$/.test(arn),
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

/**
 * Empty means absent, for every option. All that is wrong is told at once.
 *
 * @internal
 */
export const parameters = (role: Role, now: number): Either.Either<RoleParameters, string> => {
  const seconds = Duration.toSeconds(role.duration ?? Duration.seconds(3600))
  const sessionName = role.roleSessionName || defaultSessionName(now)
  const issues = [
    issueOf("roleArn", rules.roleArn, role.roleArn),
    issueOf("roleSessionName", rules.roleSessionName, sessionName),
    issueOf("duration", rules.duration, seconds),
    role.policy ? issueOf("policy", rules.policy, role.policy) : [],
    role.externalId ? issueOf("externalId", rules.externalId, role.externalId) : []
  ].flat()
  if (issues.length > 0) return Either.left(issues.join("; "))
  return Either.right({
    RoleArn: role.roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: String(seconds),
    ...(role.policy ? { Policy: role.policy } : {}),
    ...(role.externalId ? { ExternalId: role.externalId } : {})
  })
}

/** Both, or what is wrong with either. @internal */
export const together = <A, B>(
  one: Either.Either<A, string>,
  other: Either.Either<B, string>
): Either.Either<[A, B], string> =>
  Either.isLeft(one) && Either.isLeft(other) ? Either.left(`${one.left}; ${other.left}`) : Either.all([one, other])

const issueOf = <A>(name: string, { holds, otherwise }: Rule<A>, value: A): ReadonlyArray<string> =>
  holds(value) ? [] : [`${name} ${otherwise}`]

// At most 32 characters, which older documents give as the limit.
const defaultSessionName = (now: number): string => `credentials-effect-${Math.floor(now / 1000)}`
