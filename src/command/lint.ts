/** `lint`: checks the environment and both files without the network. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CliProfile from "../CliProfile.ts"
import * as CredentialChain from "../CredentialChain.ts"
import * as Explain from "../Explain.ts"
import * as IniProfile from "../IniProfile.ts"
import * as names from "../internal/provider/names.ts"
import { exitCodes } from "./exitCodes.ts"
import { collect, isNegative, render } from "./findings.ts"
import { paint } from "./paint.ts"
import { jsonOf } from "./printable.ts"
import * as profileFiles from "./profileFiles.ts"
import { type Links, linksOf, type Selection } from "./selection.ts"
import { print, shown } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
}

// What is wrong with a file as a whole is an error of the chain.
const orNone = <A, E, R>(file: Effect.Effect<Option.Option<A>, E, R>) => Effect.orElseSucceed(file, Option.none<A>)

const ofConfig = Effect.map(
  orNone(profileFiles.config),
  Option.match({
    onNone: () => [],
    onSome: ({ named, parsed }) =>
      profileFiles.namesIn(parsed).map((profile) =>
        CredentialChain.link(names.cliProfile, CliProfile.layer({ profile, file: named }))
      )
  })
)

const ofIni = Effect.map(
  orNone(profileFiles.sections),
  Option.match({
    onNone: () => [],
    onSome: (sections) =>
      sections.names.map((profile) =>
        CredentialChain.link(names.iniProfile, IniProfile.layer({ profile, file: sections.named }))
      )
  })
)

/** The chain, and every profile by itself: a chain uses one, and its other sources do not matter to the rest. */
const chainsOf = (selection: Selection) =>
  Option.isSome(selection.profile) || Option.isSome(selection.role)
    ? Effect.succeed<ReadonlyArray<Links>>([linksOf(selection)])
    : Effect.map(
      Effect.all([ofConfig, ofIni]),
      (profiles): ReadonlyArray<Links> => [linksOf(selection), ...profiles.flat().map((link): Links => [link])]
    )

export const run = (options: Options) =>
  Effect.gen(function*() {
    const chains = yield* chainsOf(options)
    const findings = collect(yield* Effect.forEach(chains, (links) => Explain.run(links, { offline: true })))
    yield* print(options.json ? jsonOf({ version: 1, findings }) : shown(render(findings, paint)))
    return isNegative(findings) ? exitCodes.negative : exitCodes.ok
  })
