/** `login-status`: which logins of `config.json` are valid, without asking a server. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { CredentialsNotConfigured } from "../CredentialError.ts"
import * as configFile from "../internal/profile/configFile.ts"
import { misconfigured } from "../internal/profile/document.ts"
import * as names from "../internal/provider/names.ts"
import { toEffect } from "../internal/wire/result.ts"
import { exitCodes } from "./exitCodes.ts"
import { loginOf, render } from "./logins.ts"
import { paint } from "./paint.ts"
import { jsonOf } from "./printable.ts"
import * as profileFiles from "./profileFiles.ts"
import type { Selection } from "./selection.ts"
import { print, shown } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
}

type Found = Option.Option.Value<Effect.Effect.Success<typeof profileFiles.config>>

/** A profile that is not valid is a matter of lint, unless it is asked for. */
const allIn = ({ parsed }: Found) =>
  Effect.map(
    toEffect(parsed),
    (file) =>
      profileFiles.namesIn(parsed).flatMap((name) =>
        Either.match(configFile.pick(file, name), {
          onLeft: () => [],
          onRight: (profile) => [profile]
        })
      )
  )

/** The profile whose login a profile uses: a chain of roles begins with one. */
const baseOf = ({ named, parsed }: Found, profile: string) =>
  toEffect(Either.flatMap(parsed, (file) => configFile.pickChain(file, profile, { file: named }))).pipe(
    Effect.map(({ base }) => [base])
  )

const profilesOf = (found: Found, profile: Option.Option<string>) =>
  Option.match(profile, { onNone: () => allIn(found), onSome: (name) => baseOf(found, name) }).pipe(
    Effect.mapError((issue) => misconfigured(names.cliProfile, found.path, issue))
  )

export const run = (options: Options) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const config = yield* profileFiles.config
    if (Option.isNone(config) && Option.isSome(options.profile)) return yield* noFile
    const logins = yield* Option.match(config, {
      onNone: () => Effect.succeed([]),
      onSome: (found) =>
        Effect.map(profilesOf(found, options.profile), (profiles) =>
          profiles.flatMap((profile) => loginOf(profile, now, found.named) ?? []))
    })
    yield* print(options.json ? jsonOf({ version: 1, logins }) : shown(render(logins, paint)))
    return logins.some(({ status }) =>
        status === "expired"
      )
      ? exitCodes.negative
      : exitCodes.ok
  })

const noFile = new CredentialsNotConfigured({
  provider: names.cliProfile,
  reason: "no config.json",
  hint: "Run: aliyun configure"
})
