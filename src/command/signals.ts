/**
 * Signals that ask this process to end. One party at a time decides what they do.
 */
import * as Effect from "effect/Effect"
import { constants } from "node:os"
import process from "node:process"

/**
 * Without a listener, SIGUSR1 opens the debugger of Node.js to every user of the machine, and SIGUSR2 ends this process
 * alone, whose program would go on.
 */
const names = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const

export type Signal = (typeof names)[number]

type Handler = (signal: Signal) => void

let current: Handler = () => {}

/** What signals do unless {@link handledBy} is at work. */
export const listen = (handler: Handler): void => {
  current = handler
  for (const name of names) process.on(name, () => current(name))
}

/** Gives the signals to another handler while an effect runs. */
export const handledBy = (handler: Handler) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = current
      current = handler
      return before
    }),
    () => effect,
    (before) =>
      Effect.sync(() => {
        current = before
      })
  )

export const numberOf = (signal: NodeJS.Signals): number => constants.signals[signal]
