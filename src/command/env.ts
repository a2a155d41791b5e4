/** `env`: the credentials as lines for a shell. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { platform } from "node:process"
import { CredentialsMisconfigured } from "../CredentialError.ts"
import { exitCodes } from "./exitCodes.ts"
import { keysOf } from "./keys.ts"
import type { Selection } from "./selection.ts"
import { assignmentsOf, expiryOf } from "./sessionVariables.ts"
import { type Format, formatFor, linesFor } from "./shells.ts"
import { isOnTerminal, print, tell } from "./terminal.ts"

export interface Options extends Selection {
  readonly format: Option.Option<Format>
}

const shell = Effect.orElseSucceed(Config.string("SHELL"), () => "")

const usual = Effect.map(shell, (path) => formatFor(path, platform === "win32"))

export const run = (options: Options) =>
  Effect.gen(function*() {
    const format = yield* Option.match(options.format, { onNone: () => usual, onSome: Effect.succeed })
    const keys = yield* keysOf(options)
    const expiry = expiryOf(keys)
    const lines = yield* Either.mapLeft(
      linesFor(format, assignmentsOf(keys), expiry === undefined ? undefined : `expires at ${expiry}`),
      (reason) => new CredentialsMisconfigured({ provider: keys.provider, reason, hint: "Use --format sh" })
    )
    if (isOnTerminal()) {
      yield* tell("warning: these lines are secrets, and are now on the screen and in its scrollback")
    }
    yield* print(lines.join("\n"))
    return exitCodes.ok
  })
