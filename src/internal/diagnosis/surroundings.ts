/**
 * Where a program runs, as far as variables and files of the machine show, for the last line of an error.
 */
import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SystemHome } from "../files/home.ts"
import * as hardware from "../imds/hardware.ts"
import * as variables from "../variables.ts"
import { inKubernetes, onInstance } from "./places.ts"

const none = Effect.succeedNone

const shown = (config: Config.Config<Option.Option<string>>): Effect.Effect<Option.Option<string>> =>
  Effect.catchAll(config, () => none)

const first = (configs: ReadonlyArray<Config.Config<Option.Option<string>>>): Effect.Effect<Option.Option<string>> =>
  Effect.map(Effect.forEach(configs, shown), Option.firstSomeOf)

const home = Effect.flatMap(
  first([variables.home, variables.userProfile]),
  (found) => Option.isSome(found) ? Effect.succeed(found) : SystemHome
)

const places = Effect.zipWith(shown(variables.kubernetesHost), hardware.isInstance, (kubernetes, isInstance) => [
  ...(Option.isSome(kubernetes) ? [inKubernetes] : []),
  ...(Option.contains(isInstance, true) ? [onInstance] : [])
])

/** Scheme, host and port: the rest of an address may hold a password. */
const proxyOf = (address: string): string => {
  const url = address.includes("://") ? address : `http://${address}`
  return URL.canParse(url) ? `proxy ${new URL(url).protocol}//${new URL(url).host}` : "a proxy that is not an address"
}

/** What is known, in one line that ends with the time. @internal */
export const line: Effect.Effect<string> = Effect.gen(function*() {
  const user = yield* first([variables.user, variables.userName])
  const proxy = yield* shown(variables.httpsProxy)
  return [
    ...Option.toArray(Option.map(user, (name) => `user ${name}`)),
    ...Option.toArray(Option.map(yield* home, (path) => `home ${path}`)),
    ...(yield* places),
    ...Option.toArray(Option.map(proxy, proxyOf)),
    DateTime.formatIso(yield* DateTime.now)
  ].join(", ")
})
