/**
 * The credentials that a provider returns: an AccessKey pair, an STS token or a bearer token.
 *
 * Secrets are `Redacted`, so you can log, inspect or serialize these values without showing a secret.
 *
 * @since 0.1.0
 */

import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"

/**
 * The long-lived key pair of an account or a RAM user.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKey {
  /** The kind of credentials. */
  readonly _tag: "AccessKey"
  /** The path of the provider that found it, for example `env` or `cli_profile/static_ak`. */
  readonly provider: string
  /** The id of the key pair. */
  readonly accessKeyId: string
  /** The secret of the key pair. */
  readonly accessKeySecret: Redacted.Redacted
}

/**
 * A session: a temporary key pair that is only valid together with its security token.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsToken {
  /** The kind of credentials. */
  readonly _tag: "StsToken"
  /** The path of the provider that found it, for example `ram_role_arn/env`. */
  readonly provider: string
  /** The id of the temporary key pair. */
  readonly accessKeyId: string
  /** The secret of the temporary key pair. */
  readonly accessKeySecret: Redacted.Redacted
  /** The security token of the session. */
  readonly securityToken: Redacted.Redacted
  /** When the session expires, by the local clock. None if it is not known. */
  readonly expiration: Option.Option<DateTime.Utc>
}

/**
 * A bearer token. Only a few services of Alibaba Cloud accept one, such as Cloud Call Center.
 *
 * @since 0.1.0
 * @category models
 */
export interface BearerToken {
  /** The kind of credentials. */
  readonly _tag: "BearerToken"
  /** The path of the provider that found it, for example `bearer`. */
  readonly provider: string
  /** The token. */
  readonly bearerToken: Redacted.Redacted
}

/**
 * The credentials that a provider can return. Distinguish them by `_tag`, with {@link match} or with {@link is}.
 *
 * @since 0.1.0
 * @category models
 */
export type Credentials = AccessKey | StsToken | BearerToken

const constructors = Data.taggedEnum<Credentials>()

/**
 * Makes an {@link AccessKey} from its fields. Two with the same fields are equal by `Equal.equals`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Credentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const key = Credentials.AccessKey({
 *   provider: "vault",
 *   accessKeyId: "LTAI5tExample",
 *   accessKeySecret: Redacted.make("example-secret")
 * })
 *
 * String(key.accessKeySecret) // "<redacted>"
 * ```
 */
export const AccessKey: (fields: Omit<AccessKey, "_tag">) => AccessKey = constructors.AccessKey

/**
 * Makes an {@link StsToken} from its fields. Two with the same fields are equal by `Equal.equals`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Credentials } from "effect-alicloud-credentials"
 * import { DateTime, Option, Redacted } from "effect"
 *
 * const session = Credentials.StsToken({
 *   provider: "vault",
 *   accessKeyId: "STS.Example",
 *   accessKeySecret: Redacted.make("example-secret"),
 *   securityToken: Redacted.make("example-token"),
 *   expiration: Option.some(DateTime.unsafeMake("2030-01-01T00:00:00Z"))
 * })
 * ```
 */
export const StsToken: (fields: Omit<StsToken, "_tag">) => StsToken = constructors.StsToken

/**
 * Makes a {@link BearerToken} from its fields. Two with the same fields are equal by `Equal.equals`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Credentials } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const token = Credentials.BearerToken({ provider: "vault", bearerToken: Redacted.make("example-token") })
 * ```
 */
export const BearerToken: (fields: Omit<BearerToken, "_tag">) => BearerToken = constructors.BearerToken

/**
 * A type guard for one kind of credentials.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { Credentials } from "effect-alicloud-credentials"
 *
 * const isSession = Credentials.is("StsToken")
 * ```
 */
export const is: <Tag extends Credentials["_tag"]>(
  tag: Tag
) => (u: unknown) => u is Extract<Credentials, { readonly _tag: Tag }> = constructors.$is

/**
 * Handles credentials with one function for each kind. Takes the credentials as the first or the last argument.
 *
 * @since 0.1.0
 * @category pattern matching
 * @example
 * ```ts
 * import { Credentials } from "effect-alicloud-credentials"
 *
 * const describe = Credentials.match({
 *   AccessKey: (key) => `key ${key.accessKeyId}`,
 *   StsToken: (session) => `session ${session.accessKeyId}`,
 *   BearerToken: () => "bearer token"
 * })
 * ```
 */
export const match: {
  <A, B, C>(cases: Cases<A, B, C>): (self: Credentials) => A | B | C
  <A, B, C>(self: Credentials, cases: Cases<A, B, C>): A | B | C
} = dual(2, <A, B, C>(self: Credentials, cases: Cases<A, B, C>): A | B | C => {
  switch (self._tag) {
    case "AccessKey":
      return cases.AccessKey(self)
    case "StsToken":
      return cases.StsToken(self)
    case "BearerToken":
      return cases.BearerToken(self)
  }
})

interface Cases<A, B, C> {
  readonly AccessKey: (credentials: AccessKey) => A
  readonly StsToken: (credentials: StsToken) => B
  readonly BearerToken: (credentials: BearerToken) => C
}

/**
 * When the credentials expire, by the local clock. None if they do not expire, or if the expiration is not known.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { CredentialProvider, Credentials } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.map(CredentialProvider.get, Credentials.expiration)
 * ```
 */
export const expiration = (self: Credentials): Option.Option<DateTime.Utc> =>
  self._tag === "StsToken" ? self.expiration : Option.none()
