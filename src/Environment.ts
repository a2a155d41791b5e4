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
 * or the secret is missing. Both errors name variables of other tools that are set but not read, such as
 * `ALICLOUD_ACCESS_KEY` or `ALIYUN_ACCESS_KEY_ID`, never with a value. `get` cannot fail.
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
    const remark = yield* unread.remark(provider)
    return yield* Effect.fail(incomplete(Option.isSome(id), Option.isSome(secret), Option.isSome(token), remark))
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
 * // to choose by configuration alone, use Layer.orElse
 * const layer = Environment.layer.pipe(Layer.orElse(() => EcsRamRole.layer()))
 * ```
 */
export const layer: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured
> = Layer.effect(CredentialProvider.CredentialProvider, make)

const incomplete = (
  id: boolean,
  secret: boolean,
  token: boolean,
  remark: string
): CredentialsNotConfigured | CredentialsMisconfigured => {
  const missing = [id ? [] : [variables.names.accessKeyId], secret ? [] : [variables.names.accessKeySecret]].flat()
  return id || secret || token
    ? new CredentialsMisconfigured({
      provider,
      at: missing.join(", "),
      reason: `not set, although another variable of the set is${remark}`,
      hint: "Set both halves of the AccessKey pair, or neither"
    })
    : new CredentialsNotConfigured({ provider, reason: `${missing.join(", ")} not set${remark}` })
}
