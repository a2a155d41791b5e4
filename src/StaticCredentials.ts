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
import { pasteIssue, trimmed } from "./internal/pasted.ts"
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
 * A provider of the credentials given, without blanks and line breaks around them. Where a part of them is empty, has
 * quotes around it or holds a line break, `get` fails with `CredentialsMisconfigured`.
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
  const cleaned = cleaner(credentials)
  const issues = issuesOf(cleaned)
  return issues.length === 0
    ? CredentialProvider.succeed(cleaned)
    : fail(
      credentials.provider,
      new CredentialsMisconfigured({
        provider: credentials.provider,
        at: issues.map(({ name }) => name).join(", "),
        reason: [...new Set(issues.map(({ reason }) => reason))].join(", ")
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

const clean = (secret: Redacted.Redacted): Redacted.Redacted => {
  const value = trimmed(Redacted.value(secret))
  return value === Redacted.value(secret) ? secret : Redacted.make(value)
}

const isClean = (credentials: Credentials.Credentials): boolean =>
  Object.values(textsOf(credentials)).every((text) => text === trimmed(text))

/** The credentials without blanks and line breaks around them; the same ones where there are none. */
const cleaner = (credentials: Credentials.Credentials): Credentials.Credentials =>
  isClean(credentials) ? credentials : Credentials.match(credentials, {
    AccessKey: (key) =>
      Credentials.AccessKey({
        ...key,
        accessKeyId: trimmed(key.accessKeyId),
        accessKeySecret: clean(key.accessKeySecret)
      }),
    StsToken: (session) =>
      Credentials.StsToken({
        ...session,
        accessKeyId: trimmed(session.accessKeyId),
        accessKeySecret: clean(session.accessKeySecret),
        securityToken: clean(session.securityToken)
      }),
    BearerToken: (token) => Credentials.BearerToken({ ...token, bearerToken: clean(token.bearerToken) })
  })

const textsOf: (credentials: Credentials.Credentials) => Readonly<Record<string, string>> = Credentials.match({
  AccessKey: (key) => ({ accessKeyId: key.accessKeyId, accessKeySecret: Redacted.value(key.accessKeySecret) }),
  StsToken: (session) => ({
    accessKeyId: session.accessKeyId,
    accessKeySecret: Redacted.value(session.accessKeySecret),
    securityToken: Redacted.value(session.securityToken)
  }),
  BearerToken: (token) => ({ bearerToken: Redacted.value(token.bearerToken) })
})

const issuesOf = (
  credentials: Credentials.Credentials
): ReadonlyArray<{ readonly name: string; readonly reason: string }> =>
  Object.entries(textsOf(credentials)).flatMap(([name, text]) => {
    const reason = text ? pasteIssue(text) : "empty"
    return reason === undefined ? [] : [{ name, reason }]
  })
