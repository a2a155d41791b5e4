/**
 * Every way in which credentials can fail to arrive, split by what the caller can do next: go on to another source
 * ({@link CredentialsNotConfigured}), mend the set-up ({@link CredentialsMisconfigured}), try again
 * ({@link CredentialsUnavailable}), ask an administrator ({@link CredentialsRejected}), report a broken server
 * ({@link CredentialsMalformed}), set the clock ({@link CredentialsExpired}) or log in
 * ({@link ReauthenticationRequired}). A chain that found nothing collects them in a {@link CredentialChainError}.
 *
 * No error of this module carries a secret, nor an error of another library as its `cause`.
 *
 * @since 0.1.0
 */

import type * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"

/**
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: unique symbol = Symbol.for("effect-alicloud-credentials/CredentialError")

/**
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId

/** What every error of a single provider has. */
interface Family {
  /** The path of the provider that failed, for example `cli_profile/ram_role_arn`. */
  readonly provider: string
  /** What to do about it, in one sentence. */
  readonly hint?: string | undefined
}

const sentence = (
  fields: { readonly provider: string; readonly hint?: string | undefined },
  what: string
): string => fields.hint === undefined ? `${fields.provider}: ${what}` : `${fields.provider}: ${what}. ${fields.hint}`

/** The reason, with the code and the request id of the server unless it says them itself. */
const withServerFields = (
  { code, reason, requestId }: {
    readonly reason: string
    readonly code?: string | undefined
    readonly requestId?: string | undefined
  }
): string => {
  const shownCode = code === undefined || reason.includes(code) ? "" : `, ${code}`
  const shownId = requestId === undefined || reason.includes(requestId) ? "" : `, request id ${requestId}`
  return `${reason}${shownCode}${shownId}`
}

/**
 * The source is not set up here: nothing is at its default place, or it is switched off. A chain goes on.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { CredentialError } from "effect-alicloud-credentials"
 *
 * const error = new CredentialError.CredentialsNotConfigured({ provider: "vault", reason: "VAULT_ADDR not set" })
 *
 * error.message // "vault: not configured (VAULT_ADDR not set)"
 * ```
 */
export class CredentialsNotConfigured extends Data.TaggedError("CredentialsNotConfigured")<
  Family & { readonly reason: string; readonly message: string }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it will not. */
  readonly isTransient: boolean = false
  constructor(fields: Family & { readonly reason: string }) {
    super({ ...fields, message: sentence(fields, `not configured (${fields.reason})`) })
  }
}

/**
 * The source is set up, and wrongly: a half of a pair is missing, a value is malformed, a named file is not there.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsMisconfigured extends Data.TaggedError("CredentialsMisconfigured")<
  Family & { readonly reason: string; readonly at?: string | undefined; readonly message: string }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it will not. */
  readonly isTransient: boolean = false
  constructor(
    fields: Family & {
      readonly reason: string
      /** The variable, option, or file and field that is wrong. */
      readonly at?: string | undefined
    }
  ) {
    const where = fields.at === undefined ? "" : `${fields.at}: `
    super({ ...fields, message: sentence(fields, `misconfigured (${where}${fields.reason})`) })
  }
}

/**
 * The source did not answer, or asked to be left alone for a while. Worth another try.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsUnavailable extends Data.TaggedError("CredentialsUnavailable")<
  Family & {
    readonly reason: string
    readonly status?: number | undefined
    readonly code?: string | undefined
    readonly requestId?: string | undefined
    readonly retryAfter?: Duration.Duration | undefined
    readonly message: string
  }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it may. */
  readonly isTransient: boolean = true
  constructor(
    fields: Family & {
      readonly reason: string
      /** The HTTP status, when a server answered. */
      readonly status?: number | undefined
      /** The code of the service, for example `Throttling.User`. */
      readonly code?: string | undefined
      /** The id to quote when asking the service's support. */
      readonly requestId?: string | undefined
      /** How long the server asked to wait before the next request. */
      readonly retryAfter?: Duration.Duration | undefined
    }
  ) {
    super({ ...fields, message: sentence(fields, `unavailable (${withServerFields(fields)})`) })
  }
}

/**
 * The source answered, and said no. Trying again with the same set-up will not help.
 *
 * `code` and `requestId` are the server's, when it gave them.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsRejected extends Data.TaggedError("CredentialsRejected")<
  Family & {
    readonly reason: string
    readonly status?: number | undefined
    readonly code?: string | undefined
    readonly requestId?: string | undefined
    readonly message: string
  }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it will not. */
  readonly isTransient: boolean = false
  constructor(
    fields: Family & {
      readonly reason: string
      /** The HTTP status, when a server answered. */
      readonly status?: number | undefined
      /** The code of the service, for example `NoPermission`. */
      readonly code?: string | undefined
      /** The id to quote when asking the service's support. */
      readonly requestId?: string | undefined
    }
  ) {
    super({ ...fields, message: sentence(fields, `rejected (${withServerFields(fields)})`) })
  }
}

/**
 * The answer is not what the protocol says. `issues` names each field and what is wrong with it, never its value.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsMalformed extends Data.TaggedError("CredentialsMalformed")<
  Family & { readonly issues: ReadonlyArray<string>; readonly message: string }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it will not. */
  readonly isTransient: boolean = false
  constructor(fields: Family & { readonly issues: ReadonlyArray<string> }) {
    super({ ...fields, message: sentence(fields, `malformed answer (${fields.issues.join("; ")})`) })
  }
}

/**
 * The answer held credentials that had already ended when they arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsExpired extends Data.TaggedError("CredentialsExpired")<
  Family & { readonly expiration: DateTime.Utc; readonly now: DateTime.Utc; readonly message: string }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it may. */
  readonly isTransient: boolean = true
  constructor(fields: Family & { readonly expiration: DateTime.Utc; readonly now: DateTime.Utc }) {
    const times = `${DateTime.formatIso(fields.expiration)}, the local clock says ${DateTime.formatIso(fields.now)}`
    super({ ...fields, message: sentence(fields, `expired on arrival (ended ${times})`) })
  }
}

/**
 * A person must log in again. `command` is what they have to run.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReauthenticationRequired extends Data.TaggedError("ReauthenticationRequired")<
  Family & {
    readonly reason: string
    readonly profile?: string | undefined
    readonly command: string
    readonly message: string
  }
> {
  readonly [TypeId]: TypeId = TypeId
  /** Whether the same call may succeed later with nothing changed: here it will not. */
  readonly isTransient: boolean = false
  constructor(
    fields: Family & {
      readonly reason: string
      /** The profile of `config.json` whose login ended, when it came from one. */
      readonly profile?: string | undefined
      readonly command: string
    }
  ) {
    super({ ...fields, message: sentence(fields, `login required (${fields.reason}); run: ${fields.command}`) })
  }
}

/**
 * No link of a chain gave credentials. `attempts` has the reason of each, in the order in which they were asked.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialChainError extends Data.TaggedError("CredentialChainError")<
  {
    readonly attempts: Arr.NonEmptyReadonlyArray<CredentialError>
    /** The names of the links that were asked, in the order of `attempts`; undefined for a link without a name. */
    readonly asked: ReadonlyArray<string | undefined>
    /** The links that were not asked, since the search stopped before them. */
    readonly notAsked: ReadonlyArray<string>
    readonly message: string
  }
> {
  readonly [TypeId]: TypeId = TypeId
  /** True if any attempt's is: another search may find what was only out of reach. */
  readonly isTransient: boolean
  readonly hint: string
  constructor(
    fields: {
      readonly attempts: Arr.NonEmptyReadonlyArray<CredentialError>
      /** The names of the links asked, where they have one. They tell links of the same kind apart in the message. */
      readonly asked?: ReadonlyArray<string | undefined> | undefined
      readonly notAsked?: ReadonlyArray<string> | undefined
    }
  ) {
    const asked = fields.asked ?? []
    const notAsked = fields.notAsked ?? []
    const hint = fields.attempts.find((attempt) => !isNotConfigured(attempt))?.hint ??
      "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or set up any one of the providers above"
    super({ attempts: fields.attempts, asked, notAsked, message: chainMessage(fields.attempts, asked, notAsked) })
    this.isTransient = fields.attempts.some((attempt) => attempt.isTransient)
    this.hint = hint
  }
}

const chainMessage = (
  attempts: ReadonlyArray<CredentialError>,
  asked: ReadonlyArray<string | undefined>,
  notAsked: ReadonlyArray<string>
): string => {
  const lines = attempts.map(({ message }, index) => {
    const name = asked[index]
    const said = name === undefined || message.startsWith(name) ? message : `${name}: ${message}`
    return `  - ${said.replaceAll("\n", "\n    ")}`
  })
  const count = attempts.length === 1 ? "the one provider asked" : `any of ${attempts.length} providers`
  const rest = notAsked.length === 0
    ? []
    : [`  not asked, since the search stops at a provider that is set up: ${notAsked.join(", ")}`]
  return [`no credentials from ${count}`, ...lines, ...rest].join("\n")
}

/**
 * Every error of this library that a provider can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CredentialError =
  | CredentialsNotConfigured
  | CredentialsMisconfigured
  | CredentialsUnavailable
  | CredentialsRejected
  | CredentialsMalformed
  | CredentialsExpired
  | ReauthenticationRequired
  | CredentialChainError

/**
 * True for every error of this module, also one of another copy of the package.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { CredentialError } from "effect-alicloud-credentials"
 *
 * CredentialError.isCredentialError(new Error("something else")) // false
 * ```
 */
export const isCredentialError = (u: unknown): u is CredentialError => Predicate.hasProperty(u, TypeId)

/**
 * True when nothing is set up: for {@link CredentialsNotConfigured}, and for a chain that met nothing else. Its
 * opposite is where a strict chain stops.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { CredentialError, CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 * import { Effect, Option } from "effect"
 *
 * // none where no credentials are set up, an error where the set-up is broken
 * const optional = CredentialProvider.get.pipe(
 *   Effect.asSome,
 *   Effect.catchIf(CredentialError.isNotConfigured, () => Effect.succeed(Option.none())),
 *   Effect.provide(DefaultChain.layer)
 * )
 * ```
 */
export const isNotConfigured = (error: CredentialError): boolean =>
  error._tag === "CredentialsNotConfigured" ||
  (error._tag === "CredentialChainError" && error.attempts.every(isNotConfigured))
