/** `lint`: checks the environment and both files without the network. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as CredentialChain from "../CredentialChain.ts"
import type { CredentialError } from "../CredentialError.ts"
import { CredentialProvider, type Service } from "../CredentialProvider.ts"
import * as Explain from "../Explain.ts"
import * as cliProfile from "../internal/profile/cliProfile.ts"
import * as iniProfile from "../internal/profile/iniProfile.ts"
import * as names from "../internal/provider/names.ts"
import { orFail } from "../internal/provider/service.ts"
import { exitCodes } from "./exitCodes.ts"
import { collect, isNegative, render } from "./findings.ts"
import { paint } from "./paint.ts"
import { jsonOf } from "./printable.ts"
import * as profileFiles from "./profileFiles.ts"
import * as progress from "./progress.ts"
import { type Links, linksOf, type Selection } from "./selection.ts"
import { print, shown } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
}

// What is wrong with a file as a whole is an error of the chain.
const orNone = <A, E, R>(file: Effect.Effect<Option.Option<A>, E, R>) => Effect.orElseSucceed(file, Option.none<A>)

const linkOf = <R>(
  provider: string,
  service: Effect.Effect<Service, CredentialError, R | Scope.Scope>
) => CredentialChain.link(provider, Layer.scoped(CredentialProvider, orFail(provider)(service)))

// A file with a thousand profiles would be parsed a thousand times, once for each.
const ofConfig = Effect.map(
  orNone(profileFiles.config),
  Option.match({
    onNone: () => [],
    onSome: ({ named: file, parsed }) => {
      const shared = cliProfile.makeShared()
      return profileFiles.namesIn(parsed).map((profile) =>
        linkOf(names.cliProfile, cliProfile.make({ profile, file, shared }))
      )
    }
  })
)

const ofIni = Effect.map(
  orNone(profileFiles.sections),
  Option.match({
    onNone: () => [],
    onSome: ({ named: file, names: sections }) => {
      const shared = iniProfile.makeShared()
      return sections.map((profile) => linkOf(names.iniProfile, iniProfile.make({ profile, file, shared })))
    }
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

/** What is wrong, the worst first. */
export const findingsOf = (selection: Selection) =>
  Effect.flatMap(
    chainsOf(selection),
    (chains) => Effect.map(Effect.forEach(chains, (links) => Explain.run(links, { offline: true })), collect)
  )

export const run = (options: Options) =>
  Effect.gen(function*() {
    const findings = yield* progress.during(findingsOf(options))
    yield* print(options.json ? jsonOf({ version: 1, findings }) : shown(render(findings, paint)))
    return isNegative(findings) ? exitCodes.negative : exitCodes.ok
  })
