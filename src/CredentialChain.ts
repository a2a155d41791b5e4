/**
 * Chains of providers, tried in order. A chain is like a layer that falls back to another, but it decides at the first
 * `get`: building it sends no request and cannot fail, its error keeps the reason of every link, and it finds sources
 * that become available later.
 *
 * @since 0.1.0
 */

import * as Arr from "effect/Array"
import type * as ConfigError from "effect/ConfigError"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual, type LazyArg } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { type CredentialError, isNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as chain from "./internal/credentialChain.ts"

/**
 * A layer that can be a link: any source, any chain, or your own layer that provides a `CredentialProvider`.
 *
 * @since 0.1.0
 * @category models
 */
// `any` lets the compiler infer the requirements of an array of links.
// oxlint-disable-next-line typescript/no-explicit-any
export type Link<R = any> = Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialError | ConfigError.ConfigError,
  R
>

/**
 * A link with a name. The combinators find links by their names.
 *
 * @since 0.1.0
 * @category models
 */
// oxlint-disable-next-line typescript/no-explicit-any
export interface Named<R = any, Name extends string = string> {
  /** The name, which errors and logs show. */
  readonly name: Name
  /** The layer that provides the credentials. */
  readonly layer: Link<R>
}

/**
 * When a chain stops, and when it tries earlier links again.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChainOptions {
  /**
   * Ends the search if a link fails with an error that matches. Defaults to never, as in the official tools. Use
   * {@link stopWhenConfigured} in production.
   */
  readonly stopWhen?: Predicate.Predicate<CredentialError> | undefined
  /**
   * How long to wait before trying earlier links again, if one of them was unavailable. Defaults to the `interval` of
   * `RefreshPolicy.defaults`, 1 minute.
   */
  readonly interval?: Duration.DurationInput | undefined
}

/** The requirements of the links of a chain. */
type Requirements<Links extends ReadonlyArray<Link | Named>> = Links[number] extends infer L
  ? L extends Named<infer R> ? R : L extends Link<infer R> ? R : never
  : never

/**
 * Gives a link a name.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialChain, CredentialsUri } from "effect-alicloud-credentials"
 *
 * const link = CredentialChain.link("key_service", CredentialsUri.layer({ uri: "https://keys.example.com/" }))
 * ```
 */
export const link = <const Name extends string, R>(name: Name, layer: Link<R>): Named<R, Name> => ({ name, layer })

/**
 * The rule for production: a configured link that fails ends the search, so a program never continues with another
 * identity.
 *
 * @since 0.1.0
 * @category predicates
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain } from "effect-alicloud-credentials"
 *
 * const layer = CredentialChain.layer(DefaultChain.links, { stopWhen: CredentialChain.stopWhenConfigured })
 * ```
 */
export const stopWhenConfigured: Predicate.Predicate<CredentialError> = (error) => !isNotConfigured(error)

/**
 * Makes a provider that asks its links in order at the first `get`, and remembers the first link that answers.
 * Concurrent callers share one search.
 *
 * If the remembered link fails and has nothing usable cached, the chain searches again. If an earlier link was
 * unavailable, the chain tries the earlier links again in the background after `interval`. A configured link that is
 * skipped is logged as a warning.
 *
 * `get` fails with `CredentialChainError`, which has the error of each link that was asked.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialChain, EcsRamRole, Environment } from "effect-alicloud-credentials"
 *
 * const provider = CredentialChain.make([Environment.layer, EcsRamRole.layer()])
 * ```
 */
export const make = <const Links extends Arr.NonEmptyReadonlyArray<Link | Named>>(
  links: Links,
  options: ChainOptions = {}
): Effect.Effect<CredentialProvider.Service, never, Requirements<Links> | Scope.Scope> =>
  chain.make(
    Arr.map(
      links as Arr.NonEmptyReadonlyArray<Link | Named>,
      (given, index): chain.ChainLink =>
        isNamed(given)
          ? { ...given, isNamed: true }
          : { name: `link ${index + 1}`, layer: given, isNamed: false }
    ),
    options
  )

/**
 * A layer that provides the credentials of the first link that answers. The chain asks its links in order at the first
 * `get`, and searches again if the remembered link fails and has nothing usable cached.
 *
 * Needs what its links need. Building it cannot fail, and it reads variables only through its links, at the first
 * `get`. `get` fails with `CredentialChainError`, which has the error of each link that was asked.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialChain, EcsRamRole, Environment, RamRoleArn } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = CredentialChain.layer([
 *   Environment.layer,
 *   RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/app" }).pipe(Layer.provide(EcsRamRole.layer()))
 * ])
 * ```
 */
export const layer = <const Links extends Arr.NonEmptyReadonlyArray<Link | Named>>(
  links: Links,
  options: ChainOptions = {}
): Layer.Layer<CredentialProvider.CredentialProvider, never, Exclude<Requirements<Links>, Scope.Scope>> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(links, options))

/**
 * A chain of two layers: the second is the fallback of the first. It decides at the first `get`, which fails with
 * `CredentialChainError` if both fail. Building it cannot fail.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, EcsRamRole, Environment } from "effect-alicloud-credentials"
 *
 * const layer = Environment.layer.pipe(CredentialChain.orElse(() => EcsRamRole.layer()))
 * ```
 */
export const orElse: {
  <R2>(
    that: LazyArg<Link<R2>>
  ): <R>(self: Link<R>) => Layer.Layer<CredentialProvider.CredentialProvider, never, Exclude<R | R2, Scope.Scope>>
  <R, R2>(
    self: Link<R>,
    that: LazyArg<Link<R2>>
  ): Layer.Layer<CredentialProvider.CredentialProvider, never, Exclude<R | R2, Scope.Scope>>
} = dual(2, <R, R2>(self: Link<R>, that: LazyArg<Link<R2>>) => layer([self, Layer.suspend(that)]))

/** Links with their names. The combinators check the names that the compiler knows. */
type NamedLinks<R, Name extends string> = Arr.NonEmptyReadonlyArray<Named<R, Name>>

/** A compile error if no link has the name. */
type Has<Names extends string, Name extends string> = string extends Names ? unknown
  : Name extends Names ? unknown
  : { readonly "no link has the name": Name }

/**
 * Adds a link at the start.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, CredentialsUri, DefaultChain } from "effect-alicloud-credentials"
 *
 * const keyService = CredentialChain.link("key_service", CredentialsUri.layer({ uri: "https://keys.example.com/" }))
 * const layer = CredentialChain.layer(CredentialChain.prepend(DefaultChain.links, keyService))
 * ```
 */
export const prepend: {
  <R2, Name2 extends string>(
    link: Named<R2, Name2>
  ): <R, Name extends string>(links: NamedLinks<R, Name>) => NamedLinks<R | R2, Name | Name2>
  <R, Name extends string, R2, Name2 extends string>(
    links: NamedLinks<R, Name>,
    link: Named<R2, Name2>
  ): NamedLinks<R | R2, Name | Name2>
} = dual(2, (links: NamedLinks<unknown, string>, link: Named): NamedLinks<unknown, string> => [link, ...links])

/**
 * Adds a link at the end.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, CredentialsUri, DefaultChain } from "effect-alicloud-credentials"
 *
 * const keyService = CredentialChain.link("key_service", CredentialsUri.layer({ uri: "https://keys.example.com/" }))
 * const layer = CredentialChain.layer(CredentialChain.append(DefaultChain.links, keyService))
 * ```
 */
export const append: {
  <R2, Name2 extends string>(
    link: Named<R2, Name2>
  ): <R, Name extends string>(links: NamedLinks<R, Name>) => NamedLinks<R | R2, Name | Name2>
  <R, Name extends string, R2, Name2 extends string>(
    links: NamedLinks<R, Name>,
    link: Named<R2, Name2>
  ): NamedLinks<R | R2, Name | Name2>
} = dual(2, (links: NamedLinks<unknown, string>, link: Named): NamedLinks<unknown, string> => Arr.append(links, link))

/**
 * Adds a link before the link with the name. A name that no link has is a compile error if the compiler knows all
 * names; otherwise the links stay the same.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, CredentialsUri, DefaultChain } from "effect-alicloud-credentials"
 *
 * const keyService = CredentialChain.link("key_service", CredentialsUri.layer({ uri: "https://keys.example.com/" }))
 * const layer = CredentialChain.layer(CredentialChain.insertBefore(DefaultChain.links, "ecs_ram_role", keyService))
 * ```
 */
export const insertBefore: {
  <const At extends string, R2, Name2 extends string>(
    name: At,
    link: Named<R2, Name2>
  ): <R, Name extends string>(links: NamedLinks<R, Name> & Has<Name, At>) => NamedLinks<R | R2, Name | Name2>
  <R, Name extends string, R2, Name2 extends string>(
    links: NamedLinks<R, Name>,
    name: NoInfer<Name>,
    link: Named<R2, Name2>
  ): NamedLinks<R | R2, Name | Name2>
} = dual(
  3,
  (links: NamedLinks<unknown, string>, name: string, link: Named): NamedLinks<unknown, string> =>
    Arr.flatMap(links, (other): NamedLinks<unknown, string> => (other.name === name ? [link, other] : [other]))
)

/**
 * Replaces the layer of the link with the name. A name that no link has is a compile error if the compiler knows all
 * names; otherwise the links stay the same.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain, EcsRamRole } from "effect-alicloud-credentials"
 *
 * const links = CredentialChain.replace(DefaultChain.links, "ecs_ram_role", EcsRamRole.layer({ roleName: "web" }))
 * const layer = CredentialChain.layer(links)
 * ```
 */
export const replace: {
  <const At extends string, R2>(
    name: At,
    layer: Link<R2>
  ): <R, Name extends string>(links: NamedLinks<R, Name> & Has<Name, At>) => NamedLinks<R | R2, Name>
  <R, Name extends string, R2>(
    links: NamedLinks<R, Name>,
    name: NoInfer<Name>,
    layer: Link<R2>
  ): NamedLinks<R | R2, Name>
} = dual(
  3,
  (links: NamedLinks<unknown, string>, name: string, layer: Link): NamedLinks<unknown, string> =>
    Arr.map(links, (other) => (other.name === name ? link(name, layer) : other))
)

/**
 * Removes the link with the name. The last link cannot be removed, because a chain has at least one. A name that no
 * link has is a compile error if the compiler knows all names; otherwise the links stay the same.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { CredentialChain, DefaultChain } from "effect-alicloud-credentials"
 * import { pipe } from "effect"
 *
 * const links = pipe(
 *   DefaultChain.links,
 *   CredentialChain.remove("ecs_ram_role"),
 *   CredentialChain.remove("credential_uri")
 * )
 * const layer = CredentialChain.layer(links)
 * ```
 */
export const remove: {
  <const At extends string>(
    name: At
  ): <R, Name extends string>(links: NamedLinks<R, Name> & Has<Name, At>) => NamedLinks<R, Exclude<Name, At>>
  <R, Name extends string, const At extends Name>(
    links: NamedLinks<R, Name>,
    name: At
  ): NamedLinks<R, Exclude<Name, At>>
} = dual(2, (links: NamedLinks<unknown, string>, name: string): NamedLinks<unknown, string> => {
  const rest = links.filter((link) => link.name !== name)
  return Arr.isNonEmptyReadonlyArray(rest) ? rest : links
})

const isNamed = (link: Link | Named): link is Named => !Layer.isLayer(link)
