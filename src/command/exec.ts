/** `exec`: runs a program with credentials. */
import * as Effect from "effect/Effect"
import { env } from "node:process"
import { keysOf } from "./keys.ts"
import * as program from "./program.ts"
import type { Selection } from "./selection.ts"
import { assignmentsOf, environmentWith } from "./sessionVariables.ts"

export interface Options extends Selection {
  readonly file: string
  readonly args: ReadonlyArray<string>
}

export const run = ({ args, file, ...selection }: Options) =>
  Effect.flatMap(keysOf(selection), (keys) => program.run(file, args, environmentWith(env, assignmentsOf(keys))))
