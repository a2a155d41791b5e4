/** `exec`: runs a program with credentials. */
import * as Effect from "effect/Effect"
import { env } from "node:process"
import { keysOf } from "./keys.ts"
import * as program from "./program.ts"
import type { Selection } from "./selection.ts"
import { withServer } from "./served.ts"
import { assignmentsOf, environmentWith, servedBy } from "./sessionVariables.ts"
import type { Assignment } from "./shells.ts"

export interface Options extends Selection {
  readonly serve: boolean
  readonly file: string
  readonly args: ReadonlyArray<string>
}

export const run = ({ args, file, serve, ...selection }: Options) => {
  const start = (assignments: ReadonlyArray<Assignment>) => program.run(file, args, environmentWith(env, assignments))
  return serve
    ? withServer(selection, (uri) => start(servedBy(uri, env)))
    : Effect.flatMap(keysOf(selection), (keys) => start(assignmentsOf(keys)))
}
