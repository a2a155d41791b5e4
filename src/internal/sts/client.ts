/**
 * The two calls of the Security Token Service that give a session for a role.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type CredentialError, CredentialsMisconfigured, type CredentialsNotConfigured } from "../../CredentialError.ts"
import type { AccessKey, StsToken } from "../../Credentials.ts"
import { oidcRoleArn, ramRoleArn, within } from "../provider/names.ts"
import * as telemetry from "../provider/telemetry.ts"
import * as variables from "../variables.ts"
import { canonicalQuery, isHeaderSafe } from "../wire/encode.ts"
import * as http from "../wire/http.ts"
import { decodeJson, SessionKeys, toStsToken } from "../wire/json.ts"
import { isClockCode, serviceError } from "../wire/serviceError.ts"
import { formatInstant, skew } from "../wire/time.ts"
import { userAgent } from "../wire/userAgent.ts"
import { resolve, type StsEndpoint } from "./endpoint.ts"
import { type RoleParameters, together } from "./role.ts"
import { sign } from "./signature.ts"

/** @internal */
export interface Sts {
  readonly assumeRole: (base: AccessKey | StsToken) => Effect.Effect<StsToken, CredentialError>
  readonly assumeRoleWithOidc: (token: Redacted.Redacted) => Effect.Effect<StsToken, CredentialError>
}

type Parameters = Readonly<Record<string, string>>

/** @internal */
export interface Options extends http.LimitOptions {
  /** The name under which errors of the options go. */
  readonly name: string
  readonly role: Either.Either<RoleParameters, string>
  readonly sts?: StsEndpoint | undefined
}

const environment = Config.all({
  endpoint: variables.stsEndpoint,
  region: variables.stsRegion,
  vpc: variables.vpcEndpointEnabled
})

const check = <A>(name: string, value: Either.Either<A, string>, options: StsEndpoint = {}) =>
  Effect.gen(function*() {
    const fromEnvironment = yield* Effect.mapError(environment, variables.toCredentialError(name))
    const [checked, { host, vpcIgnored }] = yield* Effect.mapError(
      together(value, resolve(options, fromEnvironment)),
      (reason) => new CredentialsMisconfigured({ provider: name, reason })
    )
    if (vpcIgnored) {
      yield* telemetry.annotated("Sts", name)(
        Effect.logWarning(`the VPC endpoint of STS needs a region; ${host} is asked instead`)
      )
    }
    return { checked, host }
  })

/** The host that options and environment name. @internal */
export const host = (
  name: string,
  options?: StsEndpoint
): Effect.Effect<string, CredentialsMisconfigured | CredentialsNotConfigured> =>
  Effect.map(check(name, Either.void, options), ({ host }) => host)

/** @internal */
export const make = (options: Options): Effect.Effect<Sts, CredentialError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = yield* http.client
    const { checked: role, host: endpoint } = yield* check(options.name, options.role, options.sts)
    // How far the server's clock is ahead, learnt from each answer and used for the next timestamp.
    let ahead = 0

    const call = (
      provider: string,
      headers: Readonly<Record<string, string>>,
      secrets: ReadonlyArray<string>,
      parameters: (timestamp: string) => Parameters
    ): Effect.Effect<StsToken, CredentialError> => {
      const request = Effect.map(Clock.currentTimeMillis, (now) =>
        HttpClientRequest.post(`https://${endpoint}/`).pipe(
          HttpClientRequest.setHeaders({ ...headers, accept: "application/json", "user-agent": userAgent }),
          // Everything goes into the form, since URLs end up in the logs of proxies.
          HttpClientRequest.bodyText(
            canonicalQuery(parameters(formatInstant(now + ahead))),
            "application/x-www-form-urlencoded"
          )
        ))
      const interpret = (answer: http.Answer): Effect.Effect<StsToken, CredentialError> =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          ahead = skew(now, answer.serverDate)
          return answer.status === 200
            ? Either.map(
              decodeAnswer(provider, answer.body),
              ({ Credentials }) => toStsToken(provider, Credentials, now, answer.serverDate)
            )
            : Effect.fail(serviceError(provider, answer, secrets))
        })
      const ask = http.ask({ provider, client, limits: http.limits(options), retries: 2, request, interpret })
      return Effect.suspend(() => {
        const before = ahead
        // A refused timestamp says nothing against the key when the clock was off: once more, by the server's clock.
        return Effect.catchIf(ask, (error) => isClockError(error) && ahead !== before, () => ask)
      })
    }

    return {
      assumeRole: (base) =>
        call(
          within(ramRoleArn, base.provider),
          isHeaderSafe(base.provider) ? { "x-acs-credentials-provider": base.provider } : {},
          secretsOf(base),
          (timestamp) => signed(base, { ...common("AssumeRole", timestamp), ...role })
        ),
      assumeRoleWithOidc: (token) =>
        call(oidcRoleArn, {}, [Redacted.value(token)], (timestamp) => ({
          ...common("AssumeRoleWithOIDC", timestamp),
          ...role,
          OIDCToken: Redacted.value(token)
        }))
    }
  })

const decodeAnswer = decodeJson(Schema.Struct({ Credentials: SessionKeys }))

const common = (action: string, timestamp: string): Parameters => ({
  Action: action,
  Version: "2015-04-01",
  Format: "JSON",
  Timestamp: timestamp
})

const signed = (base: AccessKey | StsToken, parameters: Parameters): Parameters => {
  const all = {
    ...parameters,
    AccessKeyId: base.accessKeyId,
    ...(base._tag === "StsToken" ? { SecurityToken: Redacted.value(base.securityToken) } : {}),
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: crypto.randomUUID()
  }
  return { ...all, Signature: sign("POST", all, Redacted.value(base.accessKeySecret)) }
}

const secretsOf = (base: AccessKey | StsToken): ReadonlyArray<string> =>
  base._tag === "StsToken"
    ? [Redacted.value(base.accessKeySecret), Redacted.value(base.securityToken)]
    : [Redacted.value(base.accessKeySecret)]

const isClockError = (error: CredentialError): boolean =>
  error._tag === "CredentialsRejected" && isClockCode(error.code)
