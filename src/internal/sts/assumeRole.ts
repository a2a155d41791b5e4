/**
 * Fetches sessions of a role with the credentials of a provider.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type CredentialError, CredentialsMisconfigured } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { Credentials, StsToken } from "../../Credentials.ts"
import type { StsEndpoint } from "../../RamRoleArn.ts"
import type { RequestLimits } from "../../RequestLimits.ts"
import { isSame } from "../provider/credentials.ts"
import * as names from "../provider/names.ts"
import { isRefused } from "../wire/codes.ts"
import type { ServerClock } from "../wire/serverClock.ts"
import * as Sts from "./client.ts"
import * as role from "./role.ts"

/** @internal */
export interface Options extends role.Role, RequestLimits {
  /** The provider whose credentials assume the role. */
  readonly source: Service
  readonly sts?: StsEndpoint | undefined
  readonly serverClock?: ServerClock | undefined
}

/** Fails if an option is not valid. @internal */
export const make = (
  name: string,
  options: Options
): Effect.Effect<Effect.Effect<StsToken, CredentialError>, CredentialError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { source } = options
    const now = yield* Clock.currentTimeMillis
    const sts = yield* Sts.make({
      ...options,
      name,
      role: { ...role.parameters(options), ...role.sessionName(options, now), ...role.externalId(options) },
      issues: role.issues(options),
      hint: role.hint(options)
    })
    const assume = (base: Credentials): Effect.Effect<StsToken, CredentialError> =>
      base._tag === "BearerToken"
        ? Effect.fail(new CredentialsMisconfigured({ provider: name, reason: "a bearer token cannot assume a role" }))
        : sts.assume({
          provider: names.within(names.ramRoleArn, base.provider),
          action: "AssumeRole",
          signedBy: base
        })
    const again = (refused: Credentials, error: CredentialError): Effect.Effect<StsToken, CredentialError> =>
      source.invalidate(refused).pipe(
        Effect.zipRight(source.get),
        Effect.flatMap((base) => isSame(base, refused) ? Effect.fail(error) : assume(base))
      )
    return Effect.flatMap(
      source.get,
      (base) => Effect.catchIf(assume(base), isBaseRefused, (error) => again(base, error))
    )
  })

const isBaseRefused = (error: CredentialError): boolean => error._tag === "CredentialsRejected" && isRefused(error.code)
