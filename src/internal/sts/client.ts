/**
 * The calls of the Security Token Service that give a session for a role.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import {
  type CredentialError,
  CredentialsMisconfigured,
  type CredentialsNotConfigured,
  type CredentialsRejected,
  type CredentialsUnavailable
} from "../../CredentialError.ts"
import type { AccessKey, StsToken } from "../../Credentials.ts"
import type { StsEndpoint } from "../../RamRoleArn.ts"
import type { RequestLimits } from "../../RequestLimits.ts"
import { maskedId, secretsOf } from "../provider/credentials.ts"
import { amend } from "../provider/errors.ts"
import * as telemetry from "../provider/telemetry.ts"
import * as variables from "../variables.ts"
import { isClockCode } from "../wire/codes.ts"
import * as connection from "../wire/connection.ts"
import { canonicalQuery, isHeaderSafe } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { decodeJson } from "../wire/json.ts"
import { toEffect } from "../wire/result.ts"
import { makeServerClock, type ServerClock } from "../wire/serverClock.ts"
import { serviceError } from "../wire/serviceError.ts"
import { makeReader, SessionKeys } from "../wire/session.ts"
import { formatInstant } from "../wire/time.ts"
import { userAgent } from "../wire/userAgent.ts"
import * as endpoint from "./endpoint.ts"
import type { RoleParameters } from "./role.ts"
import { sign } from "./signature.ts"

/** One call for a session. @internal */
export interface Call {
  /** The name of the provider, for the session and for errors. */
  readonly provider: string
  readonly action: string
  /** What the action takes besides the parameters of the role. */
  readonly parameters?: RoleParameters | undefined
  /** The key that signs the call. Without one it is not signed. */
  readonly signedBy?: AccessKey | StsToken | undefined
  /** Texts in the parameters that no error may show. */
  readonly secrets?: ReadonlyArray<string> | undefined
}

/** @internal */
export interface Sts {
  readonly assume: (call: Call) => Effect.Effect<StsToken, CredentialError>
}

/** @internal */
export interface Options extends RequestLimits {
  /** The name that errors of the options show. */
  readonly name: string
  readonly role: RoleParameters
  /** What is wrong with the options, which is reported together with what is wrong with the endpoint. */
  readonly issues: ReadonlyArray<string>
  /** How to fix them. */
  readonly hint?: string | undefined
  readonly sts?: StsEndpoint | undefined
  /** Of the server, for clients that share what they learn of it. */
  readonly serverClock?: ServerClock | undefined
}

/** The host that options and environment give. @internal */
export const host = (
  name: string,
  options: StsEndpoint = {},
  issues: ReadonlyArray<string> = [],
  hint?: string
): Effect.Effect<string, CredentialsMisconfigured | CredentialsNotConfigured> =>
  Effect.gen(function*() {
    const environment = yield* variables.read(name, endpoint.environment)
    const wrong = (all: ReadonlyArray<string>) =>
      new CredentialsMisconfigured({ provider: name, reason: all.join("; "), hint })
    const { host, vpcIgnored } = yield* Either.match(endpoint.resolve(options, environment), {
      onLeft: (reason) => Effect.fail(wrong([...issues, reason])),
      onRight: (resolved) => issues.length > 0 ? Effect.fail(wrong(issues)) : Effect.succeed(resolved)
    })
    if (vpcIgnored) {
      yield* telemetry.annotated("Sts", name)(
        Effect.logWarning(`the VPC endpoint of STS needs a region; ${host} is used instead`)
      )
    }
    return host
  })

/** @internal */
export const make = (options: Options): Effect.Effect<Sts, CredentialError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = yield* http.client
    const hostName = yield* host(options.name, options.sts, options.issues, options.hint)
    const address = `https://${hostName}/`
    const longest = Number(options.role["DurationSeconds"]) * 1000
    const sessions = makeReader()
    const { serverClock = makeServerClock() } = options
    // By request, since of two requests that are under way either may be the one that is answered.
    const stamps = new WeakMap<HttpClientRequest.HttpClientRequest, number>()

    const request = (call: Call) =>
      Effect.map(serverClock.now(hostName), (now) => {
        const stamped = HttpClientRequest.post(address).pipe(
          HttpClientRequest.setHeaders({ ...headersOf(call), accept: "application/json", "user-agent": userAgent }),
          // Everything goes into the form, since proxies log URLs.
          HttpClientRequest.bodyText(
            canonicalQuery(parametersOf(call, options.role, formatInstant(now))),
            "application/x-www-form-urlencoded"
          )
        )
        stamps.set(stamped, now)
        return stamped
      })

    const interpret = ({ provider, secrets = [], signedBy }: Call) => (answer: http.Answer) => {
      serverClock.learn(hostName, answer.exchange)
      const hidden = signedBy === undefined ? secrets : [...secrets, ...secretsOf(signedBy)]
      return answer.status === 200
        ? Effect.flatMap(
          toEffect(decodeAnswer(provider, answer.body)),
          ({ Credentials }) => sessions.toStsToken(provider, Credentials, answer.exchange, longest)
        )
        : Effect.fail(serviceError(provider, answer, hidden))
    }

    const assume = (call: Call): Effect.Effect<StsToken, CredentialError> => {
      let mayRepeat = () => false
      const ask = http.ask({
        provider: call.provider,
        client,
        limits: http.limits(options),
        retries: 2,
        hedged: true,
        request: request(call),
        interpret: (answer, request) => {
          mayRepeat = () =>
            serverClock.mayRepeat(hostName, stamps.get(request) ?? answer.exchange.sentAt, answer.exchange)
          return interpret(call)(answer)
        }
      })
      // A refused timestamp says nothing about the key if it was off when it arrived.
      return Effect.catchIf(
        ask,
        (error) => isClockError(error) && mayRepeat(),
        () => ask
      )
    }

    return { assume: (call) => Effect.mapError(assume(call), (error) => explain(hostName, options.role, call, error)) }
  })

const decodeAnswer = decodeJson(Schema.Struct({ Credentials: SessionKeys }))

const headersOf = ({ signedBy }: Call): Readonly<Record<string, string>> =>
  signedBy !== undefined && isHeaderSafe(signedBy.provider) ? { "x-acs-credentials-provider": signedBy.provider } : {}

const parametersOf = (call: Call, role: RoleParameters, timestamp: string): RoleParameters => {
  const all = {
    Action: call.action,
    Version: "2015-04-01",
    Format: "JSON",
    Timestamp: timestamp,
    ...role,
    ...call.parameters
  }
  return call.signedBy === undefined ? all : signed(call.signedBy, all)
}

const signed = (key: AccessKey | StsToken, parameters: RoleParameters): RoleParameters => {
  const all = {
    ...parameters,
    AccessKeyId: key.accessKeyId,
    ...(key._tag === "StsToken" ? { SecurityToken: Redacted.value(key.securityToken) } : {}),
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: crypto.randomUUID()
  }
  return { ...all, Signature: sign("POST", all, Redacted.value(key.accessKeySecret)) }
}

const isClockError = (error: CredentialError): boolean =>
  error._tag === "CredentialsRejected" && isClockCode(error.code)

const explain = (host: string, role: RoleParameters, call: Call, error: CredentialError): CredentialError => {
  if (error._tag !== "CredentialsRejected" && error._tag !== "CredentialsUnavailable") return error
  return amend(error, {
    reason: `${stepOf(role, call)}: ${error.reason}`,
    hint: hintOf(host, role, call, error) ?? error.hint
  })
}

const hintOf = (
  host: string,
  role: RoleParameters,
  call: Call,
  error: CredentialsRejected | CredentialsUnavailable
): string | undefined => {
  // The code is that of a missing permission, which a root account cannot get.
  if (/root accounts?/i.test(error.reason)) {
    return "Use the AccessKey of a RAM user: an account itself cannot assume a role"
  }
  if (error.code === "NoPermission") return hintOfPermission(role, call, error.reason)
  if (error.code?.includes("DurationSeconds") === true) return hintOfDuration(role, error.reason)
  if (connection.isUnresolved(error)) {
    return host === endpoint.globalHost
      ? "Check DNS and the network"
      : `Correct ${variables.names.stsRegion} or ${variables.names.stsEndpoint}: there is no host ${host}, or DNS does not answer`
  }
  return connection.isBroken(error) ? hintOfRoute(host) : undefined
}

/** Undefined if the server does not say which of the possible causes it is. */
const hintOfPermission = (role: RoleParameters, { signedBy }: Call, reason: string): string | undefined => {
  const trustPolicy = `the trust policy of ${role["RoleArn"]}`
  if (/ExternalId/i.test(reason)) return `Set the external id to the value of sts:ExternalId in ${trustPolicy}`
  return /not trust/i.test(reason) && signedBy !== undefined
    ? `Allow the RAM user or role of the AccessKey ${maskedId(signedBy.accessKeyId)} in ${trustPolicy}`
    : undefined
}

const hintOfDuration = (role: RoleParameters, reason: string): string => {
  const [, least, most] = /(\d{3,6})\s*\/\s*(\d{3,6})/.exec(reason) ?? []
  const range = most === undefined ? "a smaller value" : `a value from ${least} to ${most} seconds`
  return `Set the session duration, which is ${
    role["DurationSeconds"]
  } seconds, to ${range}, or raise the maximum session duration of the role in RAM`
}

const hintOfRoute = (host: string): string | undefined => {
  if (host === endpoint.globalHost) {
    return `1. check that this machine reaches https://${host} (firewall, proxy, NAT gateway); ` +
      `2. in a VPC without internet access, set ${variables.names.stsRegion} and ${variables.names.vpcEndpointEnabled}=true; ` +
      // From abroad, a part of the connections to the global host hangs or breaks.
      `3. far from China, set ${variables.names.stsRegion} to a region nearby`
  }
  return host.includes("-vpc.")
    ? `Unset ${variables.names.vpcEndpointEnabled} outside of a VPC: ${host} can only be reached inside of one`
    : undefined
}

/** What was asked of STS, and with which AccessKey. */
const stepOf = (role: RoleParameters, { action, signedBy }: Call): string => {
  const step = `${action} of ${role["RoleArn"]}`
  return signedBy === undefined ? step : `${step} with the AccessKey ${maskedId(signedBy.accessKeyId)}`
}
