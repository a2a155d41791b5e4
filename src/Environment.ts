/**
 * Credentials from the environment variables that every official tool reads first.
 *
 * @since 0.1.0
 */

import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as Credentials from "./Credentials.ts"
import * as names from "./internal/provider/names.ts"
import * as unread from "./internal/unread.ts"
import * as variables from "./internal/variables.ts"

const provider = names.environment

/**
 * Makes a provider from `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for an STS token,
 * `ALIBABA_CLOUD_SECURITY_TOKEN`. Reads the variables once. An empty variable counts as not set.
 *
 * Fails with `CredentialsNotConfigured` if none of the variables is set, and with `CredentialsMisconfigured` if the id
 * or the secret is missing. Both errors name variables that are set but not read, such as `ALICLOUD_ACCESS_KEY` of
 * another tool or the misspelled `ALIBABA_CLOUD_ACCES_KEY_SECRET`, with the name to change them to, never with a value.
 * Reads `CI` for a hint. `get` cannot fail.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Environment } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.flatMap(Environment.make, (provider) => provider.get)
 * ```
 */
export const make: Effect.Effect<
  CredentialProvider.Service,
  CredentialsNotConfigured | CredentialsMisconfigured
> = Effect.gen(function*() {
  const { id, secret, token } = yield* Effect.mapError(
    Config.all({ id: variables.accessKeyId, secret: variables.accessKeySecret, token: variables.securityToken }),
    variables.toCredentialError(provider)
  )
  if (Option.isNone(id) || Option.isNone(secret)) {
    const states = yield* Effect.all({
      id: stateOf(variables.names.accessKeyId, id),
      secret: stateOf(variables.names.accessKeySecret, secret),
      token: stateOf(variables.names.securityToken, token)
    })
    return yield* incomplete({ ...states, unread: yield* unread.found(provider), isInCi: yield* variables.isInCi })
  }
  const key = { provider, accessKeyId: id.value, accessKeySecret: secret.value }
  return CredentialProvider.succeed(
    Option.match(token, {
      onNone: () => Credentials.AccessKey(key),
      onSome: (securityToken) => Credentials.StsToken({ ...key, securityToken, expiration: Option.none() })
    })
  )
})

/**
 * A layer that provides the AccessKey pair of `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET`, or
 * an STS token if `ALIBABA_CLOUD_SECURITY_TOKEN` is also set. An empty variable counts as not set.
 *
 * Needs nothing. Reads the variables when it is built. Fails to build with `CredentialsNotConfigured` if none of them
 * is set, and with `CredentialsMisconfigured` if the id or the secret is missing. `get` cannot fail.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole, Environment } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * // to choose by configuration alone, fall back to another layer
 * const layer = Environment.layer.pipe(Layer.orElse(() => EcsRamRole.layer()))
 * ```
 */
export const layer: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured
> = Layer.effect(CredentialProvider.CredentialProvider, make)

interface Variable {
  readonly name: string
  readonly state: "set" | "empty" | "absent"
}

const stateOf = (name: string, value: Option.Option<unknown>): Effect.Effect<Variable> =>
  Option.isSome(value)
    ? Effect.succeed({ name, state: "set" })
    : Effect.map(variables.isEmpty(name), (isEmpty) => ({ name, state: isEmpty ? "empty" : "absent" }))

interface Incomplete {
  readonly id: Variable
  readonly secret: Variable
  readonly token: Variable
  readonly unread: ReadonlyArray<unread.Unread>
  readonly isInCi: boolean
}

const incomplete = (found: Incomplete): CredentialsNotConfigured | CredentialsMisconfigured => {
  const { id, secret, token } = found
  const missing = [id, secret].filter(({ state }) => state !== "set")
  const present = [id, secret, token].find(({ state }) => state === "set")
  if (present === undefined) return unconfigured(found)
  const at = missing.map(({ name }) => name).join(", ")
  const isEmpty = missing.every(({ state }) => state === "empty")
  const remark = unread.remarkOn(found.unread)
  const although = remark === "" ? `, although ${present.name} is` : remark
  return new CredentialsMisconfigured({
    provider,
    at,
    reason: isEmpty ? `set, but empty${remark}` : `not set${although}`,
    hint: renamesOf(found, missing) ?? hintOf({ ...found, isEmpty, at, present: present.name })
  })
}

const unconfigured = (found: Incomplete): CredentialsNotConfigured => {
  const { id, isInCi, secret, token } = found
  if (found.unread.length > 0) {
    const named = found.unread.map(({ name }) => name).join(", ")
    return new CredentialsNotConfigured({
      provider,
      reason: `${named} ${found.unread.length === 1 ? "is" : "are"} set, but not read`,
      hint: renamesOf(found, [id, secret, token])
    })
  }
  const isEmpty = id.state === "empty" && secret.state === "empty"
  // The CLI exports empty variables to its plugins, which is no sign that somebody meant to set them.
  return new CredentialsNotConfigured({
    provider,
    reason: isEmpty ? `${id.name} and ${secret.name} are set, but empty` : `${id.name}, ${secret.name} not set`,
    hint: isEmpty && isInCi ? ofFork : undefined
  })
}

const ofFork =
  "Check that the secret exists and that this job may read it (jobs of forks may not), or unset the variable"

interface Half extends Incomplete {
  readonly isEmpty: boolean
  readonly at: string
  readonly present: string
}

const hintOf = ({ at, id, isEmpty, isInCi, present, secret, token }: Half): string => {
  if (isEmpty && isInCi) return ofFork
  return id.state !== "set" && secret.state !== "set"
    ? `Export ${id.name} and ${secret.name} of the same session too, or unset ${token.name}`
    : `Set ${at} too, or unset ${present}`
}

const renamesOf = ({ unread: found }: Incomplete, missing: ReadonlyArray<Variable>): string | undefined =>
  unread.renames(found, missing.map(({ name }) => name))
