/**
 * Layers that stand in for one another. It is `Layer.orElse`, put off to the first `get`: building a chain asks nobody
 * and cannot fail, the reasons of every link are kept, and a source that appears later is found.
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
 * A layer that can be a link: any source, any chain, any layer of one's own that provides a `CredentialProvider`.
 *
 * @since 0.1.0
 * @category models
 */
// `any` is what lets the requirements of an array of links be inferred.
// oxlint-disable-next-line typescript/no-explicit-any
export type Link<R = any> = Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialError | ConfigError.ConfigError,
  R
>

/**
 * A link with a name, by which other links are put before it, or in its place.
 *
 * @since 0.1.0
 * @category models
 */
// oxlint-disable-next-line typescript/no-explicit-any
export interface Named<R = any, Name extends string = string> {
  readonly name: Name
  readonly layer: Link<R>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ChainOptions {
  /**
   * Ends the search at a link that failed in this way. Defaults to never, as the official tools do; for production,
   * {@link stopWhenConfigured} is better.
   */
  readonly stopWhen?: Predicate.Predicate<CredentialError> | undefined
  /**
   * How long a link that was reached past a broken one is used before the earlier links are tried again. Defaults to
   * the `interval` of `RefreshPolicy.defaults`, 1 minute.
   */
  readonly interval?: Duration.DurationInput | undefined
}

/** What the links of a chain need. */
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
 * The rule for production: a source that is set up and broken ends the search, so that a program never goes on under
 * another identity than the one it was given.
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
 * A provider that asks its links in their order, at the first `get`, and remembers the first that answers. Callers that
 * come meanwhile share the search.
 *
 * When the link at hand fails with nothing usable left, the search is run again. When it was reached past a link that
 * is set up but was out of reach, the earlier links are tried again in the background after `interval`.
 *
 * `get` fails with `CredentialChainError`, which has the reason of each link that was asked.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialChain, EcsRamRole, Environment } from "effect-alicloud-credentials"
 *
 * const provider = Credentialchain.make([Environment.layer, EcsRamRole.layer()])
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
 * {@link make} as a layer. Building it cannot fail; what it needs is what its links need.
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
 * A chain of two. It has the shape of `Layer.orElse`, and decides at the first `get`.
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

/** The links of a chain by their names, which the combinators check where they are known to the compiler. */
type NamedLinks<R, Name extends string> = Arr.NonEmptyReadonlyArray<Named<R, Name>>

/** An error of the compiler where no link has the name. */
type Has<Names extends string, Name extends string> = string extends Names ? unknown
  : Name extends Names ? unknown
  : { readonly "no link has the name": Name }

/**
 * Puts a link before all others.
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
 * Puts a link behind all others.
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
 * Puts a link before the one of that name. A name that the compiler knows no link has does not compile; one that only turns
 * out to be wrong leaves the links as they are.
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
 * Puts a layer in the place of the link of that name. For a name that no link has, see {@link insertBefore}.
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
 * Takes the link of that name out. The last link that is left stays, since a chain has at least one. For a name that no
 * link has, see {@link insertBefore}.
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
