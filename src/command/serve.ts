/** `serve`: gives sessions to other programs on this machine until it is stopped. */
import * as Effect from "effect/Effect"
import { exitCodes } from "./exitCodes.ts"
import type { Selection } from "./selection.ts"
import { withServer } from "./served.ts"
import { handledBy } from "./signals.ts"
import { isOnTerminal, print, tell } from "./terminal.ts"

/** A signal is how it is meant to end. */
const stopped = Effect.suspend(() => {
  let stop = (): void => {}
  const signaled = Effect.async<void>((resume) => {
    stop = () => resume(Effect.void)
  })
  return handledBy(() => stop())(signaled)
})

export const run = (selection: Selection) =>
  withServer(selection, (uri) =>
    Effect.gen(function*() {
      if (isOnTerminal()) {
        yield* tell("Set ALIBABA_CLOUD_CREDENTIALS_URI of the other program to this secret address. Ctrl-C stops it.")
      }
      // An address that nobody has got is of no use to anybody.
      if (yield* print(uri)) yield* stopped
      return exitCodes.ok
    }))
