/**
 * The role to assume: its options checked, and turned into the parameters of a request.
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { parseJson } from "./answer.ts"

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

/**
 * Empty means absent, for every option. All that is wrong is told at once.
 *
 * @internal
 */
export const parameters = (role: Role, now: number): Either.Either<RoleParameters, string> => {
  const seconds = Duration.toSeconds(role.duration ?? Duration.seconds(3600))
  const sessionName = role.roleSessionName || defaultSessionName(now)
  const issues = [
    [/^acs:ram::[^:]+:role\/.+$/.test(role.roleArn), "roleArn is not of the form acs:ram::<account>:role/<name>"],
    [/^[\w.@-]{2,64}$/.test(sessionName), "roleSessionName takes 2 to 64 letters, digits and . @ - _"],
    [Number.isInteger(seconds) && seconds >= 900, "duration takes whole seconds, at least 900"],
    [!role.policy || Option.isSome(parseJson(role.policy)), "policy is not JSON"],
    [
      !role.externalId || /^[\w+=,.@:/-]{2,1224}$/.test(role.externalId),
      "externalId takes 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -"
    ]
  ].flatMap(([fine, issue]) => (fine ? [] : [issue]))
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

// At most 32 characters, which older documents give as the limit.
const defaultSessionName = (now: number): string => `credentials-effect-${Math.floor(now / 1000)}`
