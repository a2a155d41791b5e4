/**
 * The errors of providers, split by what the caller can do next: try another source ({@link CredentialsNotConfigured}),
 * fix the configuration ({@link CredentialsMisconfigured}), retry ({@link CredentialsUnavailable}), ask an
 * administrator ({@link CredentialsRejected}), report a broken server ({@link CredentialsMalformed}), check the clock
 * ({@link CredentialsExpired}) or log in ({@link ReauthenticationRequired}). A chain without credentials collects the
 * errors of its links in a {@link CredentialChainError}.
 *
 * No error of this module contains a secret, or an error of another library as its `cause`.
 *
 * @since 0.1.0
 */

import type * as Arr from "effect/Array"
import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import { messageOf } from "./internal/diagnosis/sentence.ts"
import * as verdict from "./internal/diagnosis/verdict.ts"

/**
 * Marks every error of this module. {@link isCredentialError} tests it.
 *
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: unique symbol = Symbol.for("effect-alicloud-credentials/CredentialError")

/**
 * The type of the mark of every error of this module.
 *
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId

/** The fields of every error of a single provider. */
interface Family {
  /** The path of the provider that failed, for example `cli_profile/ram_role_arn`. */
  readonly provider: string
  /** How to fix it: one sentence that starts with a verb, or numbered steps: `1. check this; 2. check that`. */
  readonly hint?: string | undefined
}

interface WithReason extends Family {
  /** Why it failed, without a value that could be a secret. */
  readonly reason: string
}

interface Misconfiguration extends WithReason {
  /** The variable, the option, or the file and field that is wrong. */
  readonly at?: string | undefined
}

interface Refusal extends WithReason {
  /** The HTTP status, if a server answered. */
  readonly status?: number | undefined
  /** The code of the service, for example `NoPermission` or `Throttling.User`. */
  readonly code?: string | undefined
  /** The id to quote to the support of the service. */
  readonly requestId?: string | undefined
}

interface Outage extends Refusal {
  /** How long to wait before the next request, if the server sent `Retry-After`. */
  readonly retryAfter?: Duration.Duration | undefined
}

interface WithIssues extends Family {
  /** Each field and what is wrong with it, never its value. */
  readonly issues: ReadonlyArray<string>
}

interface Expiry extends Family {
  /** When the credentials expired. */
  readonly expiration: DateTime.Utc
  /** When they arrived, by the local clock. */
  readonly now: DateTime.Utc
}

interface LostLogin extends WithReason {
  /** The profile of `config.json` that the login belongs to, if it belongs to one. */
  readonly profile?: string | undefined
  /** The command that logs in again. */
  readonly command: string
}

interface WithMessage {
  /** What failed, where and why; what a server answered; and how to fix it: a line for each, and for each step. */
  readonly message: string
}

/**
 * The source is not configured: its variables or its file do not exist, or it is disabled. A chain tries the next link.
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
export class CredentialsNotConfigured extends Data.TaggedError("CredentialsNotConfigured")<WithReason & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: WithReason) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsNotConfigured" }) })
  }
}

/**
 * The source is configured, but incorrectly: half of a pair is missing, a value is not valid, or a named file does not
 * exist.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsMisconfigured
  extends Data.TaggedError("CredentialsMisconfigured")<Misconfiguration & WithMessage>
{
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: Misconfiguration) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsMisconfigured" }) })
  }
}

/**
 * The source did not answer, or asked the caller to wait. Retry later.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsUnavailable extends Data.TaggedError("CredentialsUnavailable")<Outage & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always true. */
  readonly isTransient: boolean = true
  constructor(fields: Outage) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsUnavailable" }) })
  }
}

/**
 * The source refused the request. A retry with the same configuration fails again.
 *
 * `code` and `requestId` come from the server, if it sent them.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsRejected extends Data.TaggedError("CredentialsRejected")<Refusal & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: Refusal) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsRejected" }) })
  }
}

/**
 * The answer does not follow the protocol. `issues` names each field and what is wrong with it, never its value.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsMalformed extends Data.TaggedError("CredentialsMalformed")<WithIssues & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: WithIssues) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsMalformed" }) })
  }
}

/**
 * The answer contained credentials that had already expired. Check the clock of this machine.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsExpired extends Data.TaggedError("CredentialsExpired")<Expiry & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always true. */
  readonly isTransient: boolean = true
  constructor(fields: Expiry) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "CredentialsExpired" }) })
  }
}

/**
 * A person has to log in again. `command` is the command to run.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReauthenticationRequired extends Data.TaggedError("ReauthenticationRequired")<LostLogin & WithMessage> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: LostLogin) {
    super({ ...fields, message: messageOf({ ...fields, _tag: "ReauthenticationRequired" }) })
  }
}

/**
 * Where a program ran when its chain found no credentials, as far as variables and files of the machine show.
 *
 * @since 0.1.0
 * @category models
 */
export interface Surroundings {
  /** From `USER` or `USERNAME`. */
  readonly user: string | undefined
  /** From `HOME` or `USERPROFILE`, or the home folder that the operating system reports. */
  readonly home: string | undefined
  /** Whether `KUBERNETES_SERVICE_HOST` is set. */
  readonly inKubernetes: boolean
  /** Whether the firmware names Alibaba Cloud. Always false without a `FileSystem`. */
  readonly onInstance: boolean
  /** Scheme, host and port of `HTTPS_PROXY`, without user and password. Empty if the variable is not an address. */
  readonly proxy: string | undefined
  /** By the local clock. */
  readonly time: DateTime.Utc
}

/**
 * No link of a chain returned credentials. `attempts` has the error of each link that was asked, in order.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialChainError extends Data.TaggedError("CredentialChainError")<
  WithMessage & {
    /** The error of each link that was asked, in order. */
    readonly attempts: Arr.NonEmptyReadonlyArray<CredentialError>
    /** The names of the links that were asked, in the order of `attempts`; undefined for a link without a name. */
    readonly asked: ReadonlyArray<string | undefined>
    /** The links that were not asked, because the search stopped before them. */
    readonly notAsked: ReadonlyArray<string>
    /** Where the program ran and when, with which the message ends; undefined if unknown. */
    readonly surroundings: Surroundings | undefined
  }
> {
  /** Marks errors of this module. */
  readonly [TypeId]: TypeId = TypeId
  /** True if any attempt is transient: another search may succeed. */
  readonly isTransient: boolean
  /** How to fix it: the hint of the link that most likely explains the failure, or how to configure a source. */
  readonly hint: string
  constructor(
    fields: {
      /** The error of each link that was asked, in order. */
      readonly attempts: Arr.NonEmptyReadonlyArray<CredentialError>
      /** The names of the links that were asked, if they have one. The message shows them. */
      readonly asked?: ReadonlyArray<string | undefined> | undefined
      /** The links that were not asked. Defaults to none. */
      readonly notAsked?: ReadonlyArray<string> | undefined
      /** Where the program runs, for the last line of the message. Defaults to nothing. */
      readonly surroundings?: Surroundings | undefined
    }
  ) {
    const { asked = [], attempts, notAsked = [], surroundings } = fields
    const hint = verdict.culpritOf(attempts, verdict.kindOf(surroundings))?.hint ??
      "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or configure any of the providers above"
    const search = { attempts, asked, notAsked, surroundings }
    super({ ...search, message: verdict.message(search) })
    this.isTransient = attempts.some((attempt) => attempt.isTransient)
    this.hint = hint
  }
}

/**
 * The errors that the `get` of a provider can fail with.
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
 * True for every error of this module, also of another copy of the package.
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
 * True if no source is configured: for {@link CredentialsNotConfigured}, and for a {@link CredentialChainError} that
 * contains nothing else. A strict chain stops at every other error.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { CredentialError, CredentialProvider, DefaultChain } from "effect-alicloud-credentials"
 * import { Effect, Option } from "effect"
 *
 * // none if no credentials are configured, an error if the configuration is wrong
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
