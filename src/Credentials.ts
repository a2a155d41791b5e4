/**
 * What a provider hands out: an AccessKey pair, an STS token or a bearer token.
 *
 * Secrets are `Redacted`, so that a value of this module can be logged, inspected or serialised without showing them.
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
  readonly _tag: "AccessKey"
  /** The path of the provider that found it, for example `env` or `cli_profile/static_ak`. */
  readonly provider: string
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
}

/**
 * A session: a temporary key pair that is valid together with its security token only.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsToken {
  readonly _tag: "StsToken"
  /** The path of the provider that found it, for example `ram_role_arn/env`. */
  readonly provider: string
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
  readonly securityToken: Redacted.Redacted
  /** When the session ends, by the local clock. None when whoever gave the token did not say. */
  readonly expiration: Option.Option<DateTime.Utc>
}

/**
 * A bearer token. Among the services of Alibaba Cloud, Cloud Call Center takes it.
 *
 * @since 0.1.0
 * @category models
 */
export interface BearerToken {
  readonly _tag: "BearerToken"
  readonly provider: string
  readonly bearerToken: Redacted.Redacted
}

/**
 * Everything a provider can hand out. Tell the kinds apart by `_tag`, with {@link match} or with {@link is}.
 *
 * @since 0.1.0
 * @category models
 */
export type Credentials = AccessKey | StsToken | BearerToken

const constructors = Data.taggedEnum<Credentials>()

/**
 * Makes an {@link AccessKey} of its fields. Two with the same fields are equal by `Equal.equals`.
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
 * Makes an {@link StsToken} of its fields. Two with the same fields are equal by `Equal.equals`.
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
 * Makes a {@link BearerToken} of its fields.
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
 * A guard for one kind.
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
 * One function for each kind; every kind must be handled. Takes the credentials first or last.
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
 * When the credentials end, by the local clock. None for those that do not end or do not say.
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
