/** `whoami`: the identity that STS reports. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CallerIdentity from "../CallerIdentity.ts"
import * as CredentialProvider from "../CredentialProvider.ts"
import { exitCodes } from "./exitCodes.ts"
import { jsonOf, printable } from "./printable.ts"
import * as progress from "./progress.ts"
import { layerOf, type Selection } from "./selection.ts"
import { expiryOf } from "./sessionVariables.ts"
import { print, shown } from "./terminal.ts"

export interface Options extends Selection {
  readonly json: boolean
}

type Fields = Readonly<Record<string, string | undefined>>

/** A line for each field that is known. */
export const linesOf = (fields: Fields): ReadonlyArray<string> => {
  const known = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, printable(value)] as const]
  )
  const width = Math.max(...known.map(([name]) => name.length))
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}

const ask = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  const identity = yield* CallerIdentity.get()
  return { credentials, identity }
})

export const run = (options: Options) =>
  Effect.gen(function*() {
    const { credentials, identity } = yield* progress.during(Effect.provide(ask, layerOf(options)))
    const { accountId, arn, identityType: type, principalId } = identity
    const fields: Fields = {
      accountId,
      arn,
      type,
      principalId,
      userId: Option.getOrUndefined(identity.userId),
      roleId: Option.getOrUndefined(identity.roleId),
      provider: credentials.provider,
      expiration: expiryOf(credentials)
    }
    yield* print(options.json ? jsonOf(fields) : shown(linesOf(fields).join("\n")))
    return exitCodes.ok
  })
