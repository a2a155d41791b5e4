/**
 * The instance metadata service: a token, the name of the role, a session of it.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  type CredentialError,
  CredentialsMalformed,
  CredentialsNotConfigured,
  CredentialsRejected
} from "../../CredentialError.ts"
import type { StsToken } from "../../Credentials.ts"
import { isOver } from "../provider/deadlines.ts"
import * as telemetry from "../provider/telemetry.ts"
import { percentEncode } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { interpretCoded } from "../wire/session.ts"
import { userAgent } from "../wire/userAgent.ts"

/** @internal */
export interface Options extends http.LimitOptions {
  readonly name: string
  readonly roleName?: string | undefined
  readonly disableImdsV1: boolean
  /** Nobody said that this is an instance: whether the service can be reached is part of the question. */
  readonly guessing: boolean
}

const origin = "http://100.100.100.200"
const credentialsPath = "/latest/meta-data/ram/security-credentials/"
const tokenLife = 21_600
const tokenMargin = 60
const instanceLimits: http.Limits = { timeout: 1000, connectTimeout: 1000 }
// For a guess, and for two requests in all: 2 s where nothing is known of the machine, 0.3 s where it looks like none.
const guessLimits: http.Limits = { timeout: 500, connectTimeout: 500 }
const unlikelyLimits: http.Limits = { timeout: 75, connectTimeout: 75 }
const unreachableFor = 60_000

type Token = Option.Option<string>

/** The effect that fetches a session, with the state that it keeps from one fetch to the next. @internal */
export const make = (
  options: Options
): Effect.Effect<Effect.Effect<StsToken, CredentialError>, never, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { disableImdsV1, guessing, name } = options
    const client = yield* http.client
    const files = yield* Effect.serviceOption(FileSystem.FileSystem)
    const firstLimits = yield* Effect.cached(Option.match(files, {
      onNone: () => Effect.succeed(guessLimits),
      onSome: (files) => Effect.map(hasInstanceHardware(files), (has) => (has ? instanceLimits : unlikelyLimits))
    }))
    let hardened = disableImdsV1
    let kept: { readonly token: string; readonly until: number } | undefined = undefined
    let lastRole = options.roleName || undefined
    let reached = false
    let unreachable: { readonly error: CredentialError; readonly until: number } | undefined = undefined

    const limits = Effect.suspend(() =>
      guessing && !reached ? firstLimits : Effect.succeed(http.limits(options, instanceLimits))
    )

    const ask = <A>(
      request: HttpClientRequest.HttpClientRequest,
      interpret: (answer: http.Answer) => Effect.Effect<A, CredentialError>
    ): Effect.Effect<A, CredentialError> =>
      Effect.flatMap(limits, (limits) =>
        http.ask({
          provider: name,
          client,
          limits,
          retries: guessing && !reached ? 0 : 1,
          request: Effect.succeed(HttpClientRequest.setHeader(request, "user-agent", userAgent)),
          interpret: (answer) => {
            reached = true
            return interpret(answer)
          }
        }))

    const newToken: Effect.Effect<string, CredentialError> = ask(
      HttpClientRequest.put(`${origin}/latest/api/token`).pipe(
        HttpClientRequest.setHeader("x-aliyun-ecs-metadata-token-ttl-seconds", String(tokenLife))
      ),
      (answer) =>
        answer.status === 200 && isToken(answer.body.trim())
          ? Effect.map(Clock.currentTimeMillis, (now) => {
            const token = answer.body.trim()
            kept = { token, until: now + (tokenLife - tokenMargin) * 1000 }
            // A service that gives tokens is never asked without one again: going back would give up what they protect.
            hardened = true
            return token
          })
          : Effect.fail(
            answer.status === 200
              ? new CredentialsMalformed({ provider: name, issues: ["the body is not an IMDSv2 token"] })
              : http.statusError(name, answer)
          )
    )

    const token: Effect.Effect<Token, CredentialError> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (kept !== undefined && now < kept.until) return Effect.succeedSome(kept.token)
      return hardened
        ? Effect.asSome(disableImdsV1 ? Effect.mapError(newToken, onlyV2) : newToken)
        : Effect.option(newToken)
    })

    const get = <A>(
      path: string,
      interpret: (answer: http.Answer, token: Token) => Effect.Effect<A, CredentialError>
    ): Effect.Effect<A, CredentialError> => {
      const withToken = (token: Token): Effect.Effect<A, CredentialError> =>
        ask(
          Option.match(token, {
            onNone: () => HttpClientRequest.get(`${origin}${path}`),
            onSome: (token) =>
              HttpClientRequest.setHeader(
                HttpClientRequest.get(`${origin}${path}`),
                "x-aliyun-ecs-metadata-token",
                token
              )
          }),
          (answer) => interpret(answer, token)
        )
      return Effect.flatMap(token, (first) =>
        Option.isNone(first)
          ? withToken(first)
          : Effect.catchIf(withToken(first), isTokenRefused, () => {
            kept = undefined
            return Effect.flatMap(Effect.asSome(newToken), withToken)
          }))
    }

    const attachedRole: Effect.Effect<string, CredentialError> = get(credentialsPath, (answer) => {
      if (answer.status === 404) return Effect.fail(noRole(name))
      if (answer.status !== 200) return Effect.fail(http.statusError(name, answer))
      const role = (answer.body.trim().split("\n")[0] ?? "").trim()
      if (role === "") return Effect.fail(noRole(name))
      return /^[\w.@-]{1,64}$/.test(role)
        ? Effect.succeed(role)
        : Effect.fail(new CredentialsMalformed({ provider: name, issues: ["the role list: not the name of a role"] }))
    })

    const noteRole = (role: string): Effect.Effect<void> => {
      const before = lastRole
      lastRole = role
      return before === undefined || before === role
        ? Effect.void
        : telemetry.annotated("EcsRamRole", name)(
          Effect.logWarning(`the instance has another role: ${role} in place of ${before}`)
        )
    }

    const session: Effect.Effect<StsToken, CredentialError> = Effect.gen(function*() {
      const role = options.roleName || (yield* attachedRole)
      const secrets = (token: Token) => Option.toArray(token)
      const answer = yield* get(`${credentialsPath}${percentEncode(role)}`, (answer, token) =>
        Effect.mapError(interpretCoded(name, answer, secrets(token)), (error) =>
          explainMissing(error, role)))
      yield* noteRole(role)
      return answer
    })

    const guess = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      unreachable !== undefined && !isOver(now, unreachable.until, unreachableFor)
        ? Effect.fail(unreachable.error)
        : Effect.catchIf(session, () =>
          !reached, (error) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            unreachable = { error: notAnInstance(name, error), until: now + unreachableFor }
            return Effect.fail(unreachable.error)
          })))

    return guessing ? guess : session
  })

const isToken = (text: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(text)

const isTokenRefused = (error: CredentialError): boolean =>
  error._tag === "CredentialsRejected" && (error.status === 401 || error.status === 403)

const onlyV2 = (error: CredentialError): CredentialError =>
  error._tag === "CredentialsRejected"
    ? new CredentialsRejected({
      provider: error.provider,
      reason: `no IMDSv2 token, ${error.reason}`,
      status: error.status,
      hint: "IMDSv1 is disabled by disableImdsV1 or ALIBABA_CLOUD_IMDSV1_DISABLED"
    })
    : error

const noRole = (provider: string) =>
  new CredentialsNotConfigured({
    provider,
    reason: "the instance has no RAM role",
    hint: "Attach a RAM role to the instance"
  })

const explainMissing = (error: CredentialError, role: string): CredentialError =>
  error._tag === "CredentialsRejected" && error.status === 404
    ? new CredentialsRejected({
      provider: error.provider,
      reason: error.reason,
      status: 404,
      requestId: error.requestId,
      hint: `The role ${/^[\w.@-]{1,64}$/.test(role) ? `${role} ` : ""}is not the one that is attached to the instance`
    })
    : error

const notAnInstance = (provider: string, error: CredentialError) =>
  new CredentialsNotConfigured({
    provider,
    reason: `no metadata service, so probably not an ECS or ECI instance: ${
      error._tag === "CredentialsUnavailable" ? error.reason : error._tag
    }`
  })

// What the firmware of an instance says of its vendor. Where it says nothing the guess is shortened, never left out.
const hasInstanceHardware = (files: FileSystem.FileSystem): Effect.Effect<boolean> =>
  Effect.exists(
    ["/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name"],
    (path) =>
      Effect.match(files.readFileString(path), {
        onFailure: () => false,
        onSuccess: (text) => text.includes("Alibaba")
      })
  )
