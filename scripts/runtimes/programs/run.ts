/** Runs programs one after the other, and prints what each of them did, as a line of JSON. */
import type { HttpClient } from "@effect/platform"
import { Cause, Console, Effect, Exit } from "effect"
import { client } from "./cloud.ts"
import { ecs } from "./ecs.ts"
import { environment } from "./environment.ts"
import { oidc } from "./oidc.ts"
import { openApi } from "./openApi.ts"
import { uri } from "./uri.ts"

export type Programs = Readonly<Record<string, Effect.Effect<unknown, unknown, HttpClient.HttpClient>>>

/** What every runtime can do. */
export const portable: Programs = { environment, oidc, uri, ecs, openApi }

export const run = (programs: Programs) =>
  Effect.forEach(Object.entries(programs), ([name, program]) =>
    program.pipe(
      Effect.provide(client),
      Effect.timeout("20 seconds"),
      Effect.exit,
      Effect.flatMap((exit) =>
        Console.log(
          JSON.stringify({ program: name, failure: Exit.isFailure(exit) ? Cause.pretty(exit.cause) : undefined })
        )
      )
    ), { discard: true })
