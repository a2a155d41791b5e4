/** Runs programs one after the other, and prints what each of them did, as a line of JSON. */
import type { HttpClient } from "@effect/platform"
import { Cause, Console, Effect, Exit, Option } from "effect"
import { client } from "./cloud.ts"
import { ecs } from "./ecs.ts"
import { environment } from "./environment.ts"
import { errors } from "./errors.ts"
import { oidc } from "./oidc.ts"
import { openApi } from "./openApi.ts"
import { uri } from "./uri.ts"

export type Programs = Readonly<Record<string, Effect.Effect<unknown, unknown, HttpClient.HttpClient>>>

/** What every runtime can do. */
export const portable: Programs = { environment, oidc, uri, ecs, openApi, errors }

export const run = (programs: Programs) =>
  Effect.forEach(Object.entries(programs), ([program, effect]) =>
    effect.pipe(
      Effect.provide(client),
      Effect.timeout("20 seconds"),
      Effect.exit,
      Effect.flatMap((exit) => Console.log(JSON.stringify({ program, failure: failureOf(exit) })))
    ), { discard: true })

const failureOf = (exit: Exit.Exit<unknown, unknown>): string | undefined =>
  Exit.isSuccess(exit) ? undefined : Option.match(Cause.failureOption(exit.cause), {
    onNone: () => Cause.pretty(exit.cause),
    onSome: (error) => error instanceof Error ? error.message : String(error)
  })
