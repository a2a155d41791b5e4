/**
 * Whose credentials a subcommand uses: those that the default chain finds, or of a profile, and perhaps a role on top.
 */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as CredentialChain from "../CredentialChain.ts"
import * as DefaultChain from "../DefaultChain.ts"
import * as names from "../internal/provider/names.ts"
import * as variables from "../internal/variables.ts"
import * as Profiles from "../Profiles.ts"
import * as RamRoleArn from "../RamRoleArn.ts"

export interface Selection {
  readonly profile: Option.Option<string>
  readonly role: Option.Option<string>
}

/** What sources run on. */
export type Platform = Layer.Layer.Context<typeof DefaultChain.layer>

/** Links for a dry run. */
export type Links = Arr.NonEmptyReadonlyArray<CredentialChain.Named<Platform>>

/** The files that variables name, which `Profiles` leaves to its caller. */
const files = Effect.all({
  configFile: Effect.map(variables.read(names.profiles, variables.configFile), Option.getOrUndefined),
  credentialsFile: Effect.map(variables.read(names.profiles, variables.credentialsFile), Option.getOrUndefined)
})

const ofProfile = (profile: string) =>
  Layer.unwrapEffect(Effect.map(files, (options) => Layer.provide(Profiles.get(profile), Profiles.layer(options))))

const ofBase = ({ profile }: Selection) =>
  Option.match(profile, {
    onNone: () => DefaultChain.layerStrict,
    onSome: ofProfile
  })

/** The credentials. A configured source that fails ends the search: another one may be of another account. */
export const layerOf = (selection: Selection) =>
  Option.match(selection.role, {
    onNone: () => ofBase(selection),
    onSome: (roleArn) => Layer.provide(RamRoleArn.layer({ roleArn }), ofBase(selection))
  })

/** The same as links of a chain, for a dry run. */
export const linksOf = (selection: Selection): Links =>
  Option.isSome(selection.role)
    ? [CredentialChain.link(names.ramRoleArn, layerOf(selection))]
    : Option.match(selection.profile, {
      onNone: () => DefaultChain.links,
      onSome: (profile) => [CredentialChain.link(`profile ${profile}`, ofProfile(profile))]
    })
