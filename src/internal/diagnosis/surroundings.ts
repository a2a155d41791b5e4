/**
 * Where a program runs, as far as variables and files of the machine show.
 */
import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Surroundings } from "../../CredentialError.ts"
import { SystemHome } from "../files/home.ts"
import * as hardware from "../imds/hardware.ts"
import * as variables from "../variables.ts"

const none = Effect.succeedNone

const shown = (config: Config.Config<Option.Option<string>>): Effect.Effect<Option.Option<string>> =>
  Effect.catchAll(config, () => none)

const first = (configs: ReadonlyArray<Config.Config<Option.Option<string>>>): Effect.Effect<Option.Option<string>> =>
  Effect.map(Effect.forEach(configs, shown), Option.firstSomeOf)

const home = Effect.flatMap(
  first([variables.home, variables.userProfile]),
  (found) => Option.isSome(found) ? Effect.succeed(found) : SystemHome
)

/** Scheme, host and port: the rest of an address may hold a password. */
const originOf = (address: string): string => {
  const url = address.includes("://") ? address : `http://${address}`
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : ""
}

/** @internal */
export const look: Effect.Effect<Surroundings> = Effect.gen(function*() {
  const user = yield* first([variables.user, variables.userName])
  const proxy = yield* shown(variables.httpsProxy)
  const isInstance = yield* hardware.isInstance
  return {
    user: Option.getOrUndefined(user),
    home: Option.getOrUndefined(yield* home),
    inKubernetes: Option.isSome(yield* shown(variables.kubernetesHost)),
    onInstance: Option.contains(isInstance, true),
    proxy: Option.getOrUndefined(Option.map(proxy, originOf)),
    time: yield* DateTime.now
  }
})
