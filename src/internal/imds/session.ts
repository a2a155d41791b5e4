/**
 * The session of the role that is attached to an instance, and the guess whether this machine is an ECS instance.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  type CredentialError,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsNotConfigured,
  CredentialsUnavailable
} from "../../CredentialError.ts"
import type { StsToken } from "../../Credentials.ts"
import * as RequestLimits from "../../RequestLimits.ts"
import { pasteIssue, trimmed } from "../pasted.ts"
import { amend } from "../provider/errors.ts"
import * as Pause from "../provider/pause.ts"
import * as telemetry from "../provider/telemetry.ts"
import { isThrottled } from "../throttling.ts"
import * as appearance from "../wire/appearance.ts"
import { percentEncode } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { expiry } from "../wire/limit.ts"
import { statusError } from "../wire/serviceError.ts"
import { makeReader } from "../wire/session.ts"
import * as Imds from "./client.ts"
import * as hardware from "./hardware.ts"

/** @internal */
export interface Options extends RequestLimits.RequestLimits {
  readonly name: string
  readonly roleName?: string | undefined
  /** The variable that names the role, if one does. */
  readonly roleAt?: string | undefined
  readonly disableImdsV1: boolean
  /** The variable or option that decides about that. */
  readonly imdsV1At: string
  /** Nothing says that this is an instance: whether the service can be reached is part of the question. */
  readonly guessing: boolean
}

const credentialsPath = "/latest/meta-data/ram/security-credentials/"
// In milliseconds, for the whole guess: longer where the firmware says Alibaba Cloud, or nothing can say anything.
const likelyGuess = 2000
const unlikelyGuess = 250
const unreachableFor = 60_000

/** The effect that fetches a session, with the state that it keeps from one fetch to the next. @internal */
export const make = (
  options: Options
): Effect.Effect<Effect.Effect<StsToken, CredentialError>, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { guessing, name } = options
    const fullLimits = http.limits(options, RequestLimits.instanceDefaults)
    const isInstance = yield* Effect.cached(hardware.isInstance)
    const longestGuess = longest(isInstance)
    let last: http.Answer | undefined = undefined
    const reached = () => last !== undefined
    const imds = yield* Imds.make({
      name,
      disableImdsV1: options.disableImdsV1,
      imdsV1At: options.imdsV1At,
      answered: (answer) => {
        last = answer
      },
      patience: Effect.suspend(() =>
        guessing && !reached()
          ? Effect.map(longestGuess, (millis) => ({ limits: halfOf(millis), retries: 0 }))
          : Effect.succeed({ limits: fullLimits, retries: 1 })
      )
    })
    // Where a person only has a laptop, the network of a hotel or of a company answers for every address.
    const orSomethingElse = (error: CredentialError): Effect.Effect<never, CredentialError> =>
      Effect.flatMap(
        isInstance,
        (isInstance) =>
          last !== undefined && Option.contains(isInstance, false) && !imds.hasIssued() && isOfAnyServer(error)
            ? new CredentialsNotConfigured({
              provider: name,
              reason: `${last.host} answers with ${
                appearance.ofAnswer(last)
              }: it is not the metadata service, or it refuses this machine`
            })
            : Effect.fail(error)
      )
    const sessions = makeReader()
    const noteRole = roleWatch(name)
    const roleName = trimmed(options.roleName ?? "")
    const wrongName = pasteIssue(roleName)
    const session = Effect.gen(function*() {
      if (wrongName !== undefined) {
        return yield* new CredentialsMisconfigured({ provider: name, at: "roleName", reason: wrongName })
      }
      const attached = imds.get(credentialsPath, (answer) => attachedRole(name, answer))
      const role = roleName || (yield* guessing ? Effect.catchAll(attached, orSomethingElse) : attached)
      const token = yield* imds.get(`${credentialsPath}${percentEncode(role)}`, (answer, token) =>
        Effect.mapError(
          sessions.interpretCoded(name, answer, Option.toArray(token)),
          (error) => explainMissing(options, error, role)
        ))
      yield* noteRole(role)
      return token
    })
    const explained = Effect.mapError(session, (error) => {
      const hint = imds.hasIssued() ? undefined : hintOf(options, error, reached())
      return hint === undefined ? error : amend(error, { hint })
    })
    return guessing
      ? rememberUnreachable(name, endedBy(explained, longestGuess, name, reached), reached)
      : explained
  })

// A guess asks twice: for a token, and without one, since containers behind a hop limit get none. Both end a moment
// before the guess, since their errors say more than its own.
const halfOf = (millis: number): http.Limits => ({ timeout: (millis - 10) / 4, connectTimeout: (millis - 10) / 4 })

/** How long a guess may take, by what the firmware says about the vendor of the machine. */
const longest = (isInstance: Effect.Effect<Option.Option<boolean>>): Effect.Effect<number> =>
  // Without the signal of the firmware the guess is shortened, never skipped.
  Effect.map(isInstance, (isInstance) => Option.contains(isInstance, false) ? unlikelyGuess : likelyGuess)

/** Ends a guess for which nothing has answered, also where each of its requests is within its own limits. */
const endedBy = <A>(
  session: Effect.Effect<A, CredentialError>,
  longestGuess: Effect.Effect<number>,
  name: string,
  reached: () => boolean
): Effect.Effect<A, CredentialError> =>
  Effect.raceFirst(
    session,
    Effect.flatMap(longestGuess, (millis) =>
      Effect.flatMap(expiry({ millis }), () =>
        reached()
          ? Effect.never
          : new CredentialsUnavailable({
            provider: name,
            reason: `100.100.100.200: no whole answer within ${millis} ms`
          })))
  )

const attachedRole = (name: string, answer: http.Answer): Effect.Effect<string, CredentialError> => {
  if (answer.status === 404) return Effect.fail(noRole(name))
  if (answer.status !== 200) return Effect.fail(statusError(name, answer))
  const role = (answer.body.trim().split("\n")[0] ?? "").trim()
  if (role === "") return Effect.fail(noRole(name))
  return isRoleName(role)
    ? Effect.succeed(role)
    : Effect.fail(
      new CredentialsMalformed({
        provider: name,
        issues: [`${answer.host}: ${appearance.ofAnswer(answer)}, which does not begin with the name of a role`]
      })
    )
}

/** Whether any web server may answer so. Only the metadata service asks for a token with status 401. */
const isOfAnyServer = (error: CredentialError): boolean =>
  error._tag === "CredentialsMalformed" || error._tag === "CredentialsNotConfigured" || isThrottled(error) ||
  (error._tag === "CredentialsRejected" && error.status !== 401)

const isRoleName = (text: string): boolean => /^[\w.@-]{1,64}$/.test(text)

/** Warns if the instance gets another role. */
const roleWatch = (name: string) => {
  let last: string | undefined = undefined
  return (role: string): Effect.Effect<void> => {
    const before = last
    last = role
    return before === undefined || before === role
      ? Effect.void
      : telemetry.annotated("EcsRamRole", name)(
        Effect.logWarning(`the instance has another role: ${role} in place of ${before}`)
      )
  }
}

/** A service that was never reached counts as not present, and is not asked again for a minute. */
const rememberUnreachable = (
  name: string,
  session: Effect.Effect<StsToken, CredentialError>,
  reached: () => boolean
): Effect.Effect<StsToken, CredentialError> => {
  let unreachable: { readonly error: CredentialError; readonly pause: Pause.Pause } | undefined = undefined
  return Effect.clockWith((clock) => {
    const remember = (error: CredentialError) =>
      Effect.suspend(() => {
        unreachable = { error: notAnInstance(name, error), pause: Pause.start(clock, unreachableFor) }
        return Effect.fail(unreachable.error)
      })
    return unreachable !== undefined && !Pause.isOver(clock, unreachable.pause, clock.unsafeCurrentTimeMillis())
      ? Effect.fail(unreachable.error)
      : Effect.catchIf(session, () => !reached(), remember)
  })
}

const noRole = (provider: string) =>
  new CredentialsNotConfigured({
    provider,
    reason: "the instance has no RAM role",
    hint: "Attach a RAM role to the instance"
  })

const explainMissing = ({ roleAt }: Options, error: CredentialError, role: string): CredentialError => {
  if (error._tag !== "CredentialsRejected" || error.status !== 404) return error
  const shown = isRoleName(role) ? `the role ${role}` : "that role"
  return amend(error, {
    reason: `${shown}: ${error.reason}`,
    hint: roleAt === undefined
      ? `Attach ${shown} to the instance, or name the attached one`
      : `Correct or unset ${roleAt}, or attach ${shown} to the instance`
  })
}

/** How to fix what is no fault of the service: it cannot be reached, or something else answers. */
const hintOf = ({ roleAt }: Options, error: CredentialError, reached: boolean): string | undefined => {
  if (error._tag === "CredentialsMalformed") return unreachable
  if (error._tag === "CredentialsRejected") {
    return error.hint === undefined && error.status === 403 ? unreachable : undefined
  }
  if (error._tag !== "CredentialsUnavailable" || reached) return undefined
  return roleAt === undefined
    ? "Use another source if this machine is not an ECS instance"
    : `Unset ${roleAt} if this machine is not an ECS instance`
}

const unreachable = "1. in Kubernetes, enable RRSA; 2. allow this machine to reach 100.100.100.200"

const notAnInstance = (provider: string, error: CredentialError) =>
  new CredentialsNotConfigured({
    provider,
    reason: `no metadata service, so probably not an ECS or ECI instance: ${reasonOf(error)}`
  })

/** Without an answer, requests fail for a reason, unless what came is too long or broken. */
const reasonOf = (error: CredentialError): string =>
  error._tag === "CredentialsMalformed" ? error.issues.join("; ") : "reason" in error ? error.reason : error._tag
