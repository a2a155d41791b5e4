/** `explain`: a dry run of the chain. */
import * as Effect from "effect/Effect"
import * as CredentialChain from "../CredentialChain.ts"
import * as Explain from "../Explain.ts"
import { exitCodes } from "./exitCodes.ts"
import { jsonOf } from "./printable.ts"
import * as progress from "./progress.ts"
import { linksOf, type Selection } from "./selection.ts"
import { hasColor, print, shown } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
  readonly offline: boolean
  readonly strict: boolean
}

export const run = (options: Options) =>
  Effect.gen(function*() {
    const { json, offline, strict } = options
    const report = yield* progress.during(
      Explain.run(linksOf(options), { offline, stopWhen: strict ? CredentialChain.stopWhenConfigured : undefined })
    )
    yield* print(
      json ? jsonOf(Explain.toJson(report)) : shown(Explain.render(report, { color: hasColor() }).trimEnd())
    )
    return report.winner === undefined ? exitCodes.negative : exitCodes.ok
  })
