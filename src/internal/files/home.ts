/**
 * The home folder of the user that runs the program, where the official tools keep their files.
 */
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import * as variables from "../variables.ts"

/**
 * The home folder that the operating system reports, used if no variable names one. Only the entry points of a runtime
 * provide it.
 *
 * @internal
 */
export class SystemHome extends Context.Reference<SystemHome>()<
  "effect-alicloud-credentials/SystemHome",
  Option.Option<string>
>("effect-alicloud-credentials/SystemHome", { defaultValue: Option.none }) {}

const environment = Config.all({
  home: variables.home,
  userProfile: variables.userProfile,
  homeDrive: variables.homeDrive,
  homePath: variables.homePath
})

/**
 * The path of a file in the home folder. The folder is `HOME`, then on Windows `USERPROFILE` or `HOMEDRIVE` with
 * `HOMEPATH`, then what the operating system reports. The separator of paths identifies Windows.
 *
 * @internal
 */
export const inHome = (
  provider: string,
  ...segments: ReadonlyArray<string>
): Effect.Effect<string, CredentialsNotConfigured | CredentialsMisconfigured, Path.Path> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const windows = path.sep === "\\"
    const found = yield* Effect.mapError(environment, variables.toCredentialError(provider))
    const folder = found.home.pipe(
      Option.orElse(() => windows ? Option.orElse(found.userProfile, () => drivePath(found)) : Option.none())
    )
    const home = Option.isSome(folder) ? folder : yield* SystemHome
    if (Option.isSome(home)) return path.join(home.value, ...segments)
    const asked = windows ? [variables.names.home, variables.names.userProfile] : [variables.names.home]
    return yield* new CredentialsNotConfigured({ provider, reason: `no home folder: ${asked.join(", ")} not set` })
  })

const drivePath = (found: {
  readonly homeDrive: Option.Option<string>
  readonly homePath: Option.Option<string>
}): Option.Option<string> =>
  Option.map(
    found.homePath,
    (path) => /^[a-z]:/i.test(path) ? path : Option.getOrElse(found.homeDrive, () => "") + path
  )
