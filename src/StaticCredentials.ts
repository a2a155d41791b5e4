/**
 * Credentials that the program already has. They are never renewed.
 *
 * @since 0.1.0
 */

import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as Credentials from "./Credentials.ts"
import * as names from "./internal/provider/names.ts"
import { fail } from "./internal/provider/service.ts"

/**
 * An AccessKey pair.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKeyOptions {
  /** The id of the key pair. */
  readonly accessKeyId: string
  /** The secret of the key pair. */
  readonly accessKeySecret: Redacted.Redacted
}

/**
 * A temporary key pair with its security token.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsTokenOptions extends AccessKeyOptions {
  /** The security token of the session. */
  readonly securityToken: Redacted.Redacted
}

/**
 * Makes a provider of the given credentials. `get` fails with `CredentialsMisconfigured` if one of their fields is
 * empty.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Credentials, StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const provider = StaticCredentials.make(
 *   Credentials.AccessKey({
 *     provider: "vault",
 *     accessKeyId: "LTAI5tExample",
 *     accessKeySecret: Redacted.make("example-secret")
 *   })
 * )
 * ```
 */
export const make = (credentials: Credentials.Credentials): CredentialProvider.Service => {
  const missing = emptyFields(credentials)
  return missing.length === 0
    ? CredentialProvider.succeed(credentials)
    : fail(
      credentials.provider,
      new CredentialsMisconfigured({
        provider: credentials.provider,
        at: missing.join(", "),
        reason: "empty"
      })
    )
}

/**
 * Makes a provider of an AccessKey pair, named `static_ak`. `get` fails with `CredentialsMisconfigured` if a field is
 * empty.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const admin = RamRoleArn.make({
 *   roleArn: "acs:ram::123456789012:role/admin",
 *   source: StaticCredentials.makeAccessKey({
 *     accessKeyId: "LTAI5tExample",
 *     accessKeySecret: Redacted.make("example-secret")
 *   })
 * })
 * ```
 */
export const makeAccessKey = (options: AccessKeyOptions): CredentialProvider.Service =>
  make(Credentials.AccessKey({
    provider: names.staticAccessKey,
    accessKeyId: options.accessKeyId,
    accessKeySecret: options.accessKeySecret
  }))

/**
 * Makes a provider of an existing STS token, named `static_sts`. `get` fails with `CredentialsMisconfigured` if a field
 * is empty.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const provider = StaticCredentials.makeStsToken({
 *   accessKeyId: "STS.Example",
 *   accessKeySecret: Redacted.make("example-secret"),
 *   securityToken: Redacted.make("example-token")
 * })
 * ```
 */
export const makeStsToken = (options: StsTokenOptions): CredentialProvider.Service =>
  make(Credentials.StsToken({
    provider: names.staticStsToken,
    accessKeyId: options.accessKeyId,
    accessKeySecret: options.accessKeySecret,
    securityToken: options.securityToken,
    expiration: Option.none()
  }))

/**
 * Makes a provider of a bearer token, named `bearer`. Line breaks and NUL are removed, because they are not valid in a
 * header. `get` fails with `CredentialsMisconfigured` if the token is empty.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const provider = StaticCredentials.makeBearerToken(Redacted.make("example-token"))
 * ```
 */
export const makeBearerToken = (bearerToken: Redacted.Redacted): CredentialProvider.Service =>
  make(Credentials.BearerToken({
    provider: names.bearer,
    bearerToken: Redacted.make(Redacted.value(bearerToken).replace(/[\r\n\0]/g, ""))
  }))

/**
 * A layer that provides the given credentials. Needs nothing, reads no environment variables, and building it cannot
 * fail. `get` fails with `CredentialsMisconfigured` if a field is empty.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Credentials, StaticCredentials } from "effect-alicloud-credentials"
 * import { Option, Redacted } from "effect"
 *
 * const layer = StaticCredentials.layer(
 *   Credentials.StsToken({
 *     provider: "vault",
 *     accessKeyId: "STS.Example",
 *     accessKeySecret: Redacted.make("example-secret"),
 *     securityToken: Redacted.make("example-token"),
 *     expiration: Option.none()
 *   })
 * )
 * ```
 */
export const layer = (
  credentials: Credentials.Credentials
): Layer.Layer<CredentialProvider.CredentialProvider> =>
  Layer.sync(CredentialProvider.CredentialProvider, () => make(credentials))

/**
 * A layer that provides an AccessKey pair, named `static_ak`. Needs nothing, reads no environment variables, and
 * building it cannot fail. `get` fails with `CredentialsMisconfigured` if a field is empty.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const layer = StaticCredentials.layerAccessKey({
 *   accessKeyId: "LTAI5tExample",
 *   accessKeySecret: Redacted.make("example-secret")
 * })
 * ```
 */
export const layerAccessKey = (options: AccessKeyOptions): Layer.Layer<CredentialProvider.CredentialProvider> =>
  Layer.sync(CredentialProvider.CredentialProvider, () => makeAccessKey(options))

/**
 * A layer that provides an existing STS token, named `static_sts`. Needs nothing, reads no environment variables, and
 * building it cannot fail. `get` fails with `CredentialsMisconfigured` if a field is empty.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const layer = StaticCredentials.layerStsToken({
 *   accessKeyId: "STS.Example",
 *   accessKeySecret: Redacted.make("example-secret"),
 *   securityToken: Redacted.make("example-token")
 * })
 * ```
 */
export const layerStsToken = (options: StsTokenOptions): Layer.Layer<CredentialProvider.CredentialProvider> =>
  Layer.sync(CredentialProvider.CredentialProvider, () => makeStsToken(options))

/**
 * A layer that provides a bearer token, named `bearer`. Line breaks and NUL are removed, because they are not valid in
 * a header. Needs nothing, reads no environment variables, and building it cannot fail. `get` fails with
 * `CredentialsMisconfigured` if the token is empty.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const layer = StaticCredentials.layerBearerToken(Redacted.make("example-token"))
 * ```
 */
export const layerBearerToken = (bearerToken: Redacted.Redacted): Layer.Layer<CredentialProvider.CredentialProvider> =>
  Layer.sync(CredentialProvider.CredentialProvider, () => makeBearerToken(bearerToken))

/**
 * A layer that provides an AccessKey pair, or an STS token if `securityToken` has a value, read from `Config`. Needs
 * nothing. Fails to build with `ConfigError` if the id or the secret is missing or a value is not valid. `get` fails
 * with `CredentialsMisconfigured` if a field is empty.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { StaticCredentials } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = StaticCredentials.layerConfig({
 *   accessKeyId: Config.string("BILLING_KEY_ID"),
 *   accessKeySecret: Config.redacted("BILLING_KEY_SECRET")
 * })
 * ```
 */
export const layerConfig = (options: {
  /** The id of the key pair. */
  readonly accessKeyId: Config.Config<string>
  /** The secret of the key pair. */
  readonly accessKeySecret: Config.Config<Redacted.Redacted>
  /** The security token of a session. Defaults to none. */
  readonly securityToken?: Config.Config<Redacted.Redacted> | undefined
}): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError> =>
  Layer.unwrapEffect(
    Effect.map(
      Config.all({
        accessKeyId: options.accessKeyId,
        accessKeySecret: options.accessKeySecret,
        securityToken: options.securityToken === undefined
          ? Config.succeed(Option.none<Redacted.Redacted>())
          : Config.map(Config.option(options.securityToken), Option.filter((token) => Redacted.value(token) !== ""))
      }),
      ({ securityToken, ...key }) =>
        Option.match(securityToken, {
          onNone: () => layerAccessKey(key),
          onSome: (securityToken) => layerStsToken({ ...key, securityToken })
        })
    )
  )

const emptyFields: (credentials: Credentials.Credentials) => ReadonlyArray<string> = Credentials.match({
  AccessKey: (key) => empty({ accessKeyId: key.accessKeyId, accessKeySecret: Redacted.value(key.accessKeySecret) }),
  StsToken: (session) =>
    empty({
      accessKeyId: session.accessKeyId,
      accessKeySecret: Redacted.value(session.accessKeySecret),
      securityToken: Redacted.value(session.securityToken)
    }),
  BearerToken: (token) => empty({ bearerToken: Redacted.value(token.bearerToken) })
})

const empty = (fields: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.keys(fields).filter((name) => !fields[name])
