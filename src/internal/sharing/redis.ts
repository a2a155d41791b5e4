/**
 * Texts with leases in Redis. The owner of a lease is compared and the text is written in one step, by scripts.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StoreProblem } from "./storeProblem.ts"

type Command = (args: ReadonlyArray<string>) => Promise<unknown> | Effect.Effect<unknown, unknown>

const ifOwner = (then: string): string => `if redis.call("GET", KEYS[1]) == ARGV[1] then ${then} else return 0 end`

/** @internal */
export const scripts = {
  // One command, because each process that waits for another one sends it again and again.
  acquire: `if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 1 end ${
    ifOwner(`return redis.call("PEXPIRE", KEYS[1], ARGV[2])`)
  }`,
  release: ifOwner(`return redis.call("DEL", KEYS[1])`),
  write: ifOwner(`redis.call("SET", KEYS[2], ARGV[2], "PX", ARGV[3]) return 1`)
}

/** @internal */
export const make = (command: Command, prefix: string, timeout: Duration.DurationInput) => {
  const send = (...args: ReadonlyArray<string>): Effect.Effect<unknown, StoreProblem> =>
    Effect.suspend(() => answerOf(command, args)).pipe(
      Effect.catchAllDefect(() => Effect.fail(failed(args))),
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => ({
          reason: `Redis: no answer to ${args[0]} after ${Duration.toMillis(timeout)} ms`,
          hint: "check the connection to the server, or raise timeout"
        })
      })
    )
  const evaluate = (script: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) =>
    Effect.flatMap(
      send("EVAL", script, String(keys.length), ...keys, ...args),
      (answer) =>
        typeof answer === "number" || typeof answer === "bigint" || typeof answer === "string"
          ? Effect.succeed(String(answer) === "1")
          : Effect.fail(unexpected("EVAL", answer))
    )
  // The braces keep both keys of a session in one slot of a cluster.
  const textKey = (name: string) => `${prefix}{${name}}`
  const leaseKey = (name: string) => `${prefix}{${name}}:lease`
  return {
    read: (name: string) =>
      Effect.filterOrFail(
        Effect.map(send("GET", textKey(name)), (answer) => ({ answer, text: textOf(answer) })),
        ({ answer, text }) => answer === null || Option.isSome(text),
        ({ answer }) => unexpected("GET", answer)
      ).pipe(Effect.map(({ text }) => text)),
    write: (name: string, text: string, owner: string, millis: number) =>
      evaluate(scripts.write, [leaseKey(name), textKey(name)], [owner, text, String(millis)]),
    acquire: (name: string, owner: string, millis: number) =>
      evaluate(scripts.acquire, [leaseKey(name)], [owner, String(millis)]),
    release: (name: string, owner: string) => Effect.asVoid(evaluate(scripts.release, [leaseKey(name)], [owner]))
  }
}

/** Without this a client that answers otherwise would seem to work, and nothing would be shared. */
const unexpected = (command: string, answer: unknown): StoreProblem => ({
  reason: `Redis: the answer to ${command} has another type (${Array.isArray(answer) ? "array" : typeof answer})`,
  hint: "return the answer of the server from command, as in the examples of layerRedis"
})

const answerOf = (command: Command, args: ReadonlyArray<string>): Effect.Effect<unknown, StoreProblem> => {
  const answer = command(args)
  const toProblem = (error: unknown): StoreProblem => failed(args, error)
  return Effect.isEffect(answer)
    ? Effect.mapError(answer, toProblem)
    : Effect.tryPromise({ try: () => answer, catch: toProblem })
}

const failed = ([command]: ReadonlyArray<string>, error?: unknown): StoreProblem => ({
  reason: `Redis: ${command} failed${codeOf(error)}`
})

/** Clients can be configured to return bytes. */
const textOf = (answer: unknown): Option.Option<string> =>
  typeof answer === "string"
    ? Option.some(answer)
    : answer instanceof Uint8Array
    ? Option.some(new TextDecoder().decode(answer))
    : Option.none()

const codes: ReadonlyArray<string> = [
  "ASK",
  "BUSY",
  "CLUSTERDOWN",
  "CROSSSLOT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "MOVED",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "WRONGPASS",
  "WRONGTYPE"
]

/** The known code of an error. Its other texts may quote the command, and so the session. */
const codeOf = (error: unknown): string => {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const found = codes.find((known) => known === code || String(message).split(" ", 1)[0] === known)
  return found === undefined ? "" : ` (${found})`
}
