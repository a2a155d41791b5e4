/** The credentials that variables can hold. */
import * as Effect from "effect/Effect"
import { CredentialsMisconfigured } from "../CredentialError.ts"
import * as CredentialProvider from "../CredentialProvider.ts"
import * as progress from "./progress.ts"
import { layerOf, type Selection } from "./selection.ts"
import { hasKeys } from "./sessionVariables.ts"

export const keysOf = (selection: Selection) =>
  CredentialProvider.get.pipe(
    Effect.provide(layerOf(selection)),
    progress.during,
    Effect.filterOrFail(hasKeys, ({ provider }) =>
      new CredentialsMisconfigured({
        provider,
        reason: "a bearer token, for which programs have no variables",
        hint: "Use --profile with a profile that has an AccessKey or a session"
      }))
  )
