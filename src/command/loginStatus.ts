/** `login-status`: which logins of `config.json` are valid, without asking a server. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CredentialsMisconfigured, CredentialsNotConfigured } from "../CredentialError.ts"
import * as configFile from "../internal/profile/configFile.ts"
import { misconfigured } from "../internal/profile/document.ts"
import * as names from "../internal/provider/names.ts"
import { exitCodes } from "./exitCodes.ts"
import { loginOf, render } from "./logins.ts"
import { paint } from "./paint.ts"
import * as profileFiles from "./profileFiles.ts"
import type { Selection } from "./selection.ts"
import { print } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
}

/** The profile whose login a profile uses: a chain of roles begins with one. */
const baseOf = (file: configFile.ConfigFile, profile: string, named: string | undefined) =>
  Either.map(configFile.pickChain(file, profile, { file: named }), ({ base }) => base)

export const run = (options: Options) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const found = yield* profileFiles.config
    if (Option.isNone(found)) {
      return yield* new CredentialsNotConfigured({
        provider: names.cliProfile,
        reason: "there is no config.json that can be read",
        hint: "Run: alicloud-credentials lint"
      })
    }
    const { file, named, path } = found.value
    const profiles = yield* Option.match(options.profile, {
      onNone: () =>
        Effect.succeed(
          profileFiles.namesIn(file).flatMap((name) => {
            const picked = configFile.pick(file, name)
            return Either.isRight(picked) ? [picked.right] : []
          })
        ),
      onSome: (profile) =>
        Effect.map(
          Either.mapLeft(
            baseOf(file, profile, named),
            (issue): CredentialsMisconfigured => misconfigured(names.cliProfile, path, issue)
          ),
          (base) => [base]
        )
    })
    const logins = profiles.flatMap((profile) => loginOf(profile, now, named) ?? [])
    yield* print(options.json ? JSON.stringify({ version: 1, logins }, null, 2) : render(logins, paint))
    return logins.some(({ status }) => status === "expired") ? exitCodes.negative : exitCodes.ok
  })
