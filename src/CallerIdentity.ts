/**
 * The account and identity that credentials belong to, as STS reports them, and a guard against those of another
 * account.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import { CredentialProvider, type Service } from "./CredentialProvider.ts"
import * as Sts from "./internal/sts/client.ts"
import * as OpenApi from "./OpenApi.ts"
import type { StsEndpoint } from "./RamRoleArn.ts"
import * as SignedHttpClient from "./SignedHttpClient.ts"

/**
 * The identity that credentials belong to.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallerIdentity {
  /** `Account`, `RAMUser` or `AssumedRoleUser`. */
  readonly identityType: string
  /** The id of the account. */
  readonly accountId: string
  /** The ARN of the identity, for example `acs:ram::123456789012:assumed-role/app/session`. */
  readonly arn: string
  /** The id of the account or the user, or `<role id>:<session name>`. */
  readonly principalId: string
  /** The id of the account or the RAM user. None for an assumed role. */
  readonly userId: Option.Option<string>
  /** The id of the role. None for an account or a RAM user. */
  readonly roleId: Option.Option<string>
  /** The request id of the answer of STS. */
  readonly requestId: string
}

/**
 * The options of {@link get}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The endpoint of STS. Defaults to the environment, see {@link get}. */
  readonly sts?: StsEndpoint | undefined
}

/**
 * The options of {@link guard}.
 *
 * @since 0.1.0
 * @category models
 */
export interface GuardOptions extends Options {
  /** The account that the credentials must belong to, or a list of accounts that are all accepted. */
  readonly accountId: string | Arr.NonEmptyReadonlyArray<string>
}

interface Mismatch {
  /** The name of the provider that the credentials came from. */
  readonly provider: string
  /** The accounts that are accepted. */
  readonly expected: ReadonlyArray<string>
  /** The identity of the credentials. */
  readonly actual: CallerIdentity
}

interface WithMessage {
  /** What failed, where and why. */
  readonly message: string
}

/**
 * The credentials do not belong to the expected account.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedIdentity extends Data.TaggedError("UnexpectedIdentity")<Mismatch & WithMessage> {
  /** Whether a retry may succeed: always false. */
  readonly isTransient: boolean = false
  constructor(fields: Mismatch) {
    const { accountId, arn } = fields.actual
    super({
      ...fields,
      message: `${fields.provider}: the credentials belong to account ${accountId} (${arn}), ` +
        `expected ${fields.expected.join(" or ")}`
    })
  }
}

/**
 * Asks STS for the identity of the current credentials (`GetCallerIdentity`, which needs no permission). Fails with an
 * `OpenApi.CallError`, which includes the errors of the provider.
 *
 * The endpoint comes from the option `sts`, else from `ALIBABA_CLOUD_STS_ENDPOINT`, else from
 * `ALIBABA_CLOUD_STS_REGION` and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`; otherwise it is `sts.aliyuncs.com`.
 *
 * A redirect of STS is an error. An `HttpClient` that follows redirects by itself sends the signed request, with the
 * security token, to the other host, and believes its answer. Provide one that does not: see "Redirects" in
 * docs/how-it-works.md.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { CallerIdentity, DefaultChain } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = CallerIdentity.get().pipe(
 *   Effect.tap((identity) => Effect.log(`running as ${identity.arn}`)),
 *   Effect.provide(DefaultChain.layer)
 * )
 * ```
 */
export const get = (
  options: Options = {}
): Effect.Effect<CallerIdentity, OpenApi.CallError, CredentialProvider | HttpClient.HttpClient> =>
  Effect.flatMap(CredentialProvider, (service) => fromService(service, options))

/**
 * Asks STS for the identity of one of several providers, for a program with more than one account. It is {@link get}
 * with the provider as an argument instead of from the context.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { CallerIdentity, type CredentialProvider } from "effect-alicloud-credentials"
 * import { Context, Effect } from "effect"
 *
 * class Billing extends Context.Tag("app/Billing")<Billing, CredentialProvider.Service>() {}
 *
 * const account = Effect.gen(function*() {
 *   const { accountId } = yield* CallerIdentity.fromService(yield* Billing)
 *   return accountId
 * })
 * ```
 */
export const fromService = (
  service: Service,
  options: Options = {}
): Effect.Effect<CallerIdentity, OpenApi.CallError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = yield* SignedHttpClient.fromService(service)
    const answer = yield* OpenApi.call({
      endpoint: yield* Sts.host("caller_identity", options.sts),
      action: "GetCallerIdentity",
      version: "2015-04-01",
      schema: Answer
    }).pipe(Effect.provideService(SignedHttpClient.SignedHttpClient, client))
    return toIdentity(answer)
  })

const Answer = Schema.Struct({
  IdentityType: Schema.String,
  AccountId: Schema.String,
  Arn: Schema.String,
  PrincipalId: Schema.String,
  UserId: Schema.optional(Schema.NullOr(Schema.String)),
  RoleId: Schema.optional(Schema.NullOr(Schema.String)),
  RequestId: Schema.String
})

const toIdentity = (answer: typeof Answer.Type): CallerIdentity => ({
  identityType: answer.IdentityType,
  accountId: answer.AccountId,
  arn: answer.Arn,
  principalId: answer.PrincipalId,
  userId: nonEmpty(answer.UserId),
  roleId: nonEmpty(answer.RoleId),
  requestId: answer.RequestId
})

const nonEmpty = (text: string | null | undefined): Option.Option<string> =>
  Option.filter(Option.fromNullable(text), (some) => some !== "")

/**
 * A layer that fails to build if the credentials do not belong to the expected account, so an application does not
 * start with the keys of another account. It provides no service; add it with `Layer.provideMerge`.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Fails to build with `UnexpectedIdentity` for another account, with
 * `CredentialsMisconfigured` if an account id is empty, or with the errors of {@link get}. Reads the variables of
 * {@link get}.
 *
 * It checks the credentials once. A chain can find credentials of another account later; use
 * `CredentialChain.stopWhenConfigured` to prevent that.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CallerIdentity, DefaultChain } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = CallerIdentity.guard({ accountId: "123456789012" }).pipe(
 *   Layer.provideMerge(DefaultChain.layer)
 * )
 * ```
 */
export const guard = (
  options: GuardOptions
): Layer.Layer<never, UnexpectedIdentity | OpenApi.CallError, CredentialProvider | HttpClient.HttpClient> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const provider = yield* CredentialProvider
    const expected = typeof options.accountId === "string" ? [options.accountId] : options.accountId
    if (expected.length === 0 || expected.includes("")) {
      return yield* new CredentialsMisconfigured({
        provider: "caller_identity",
        at: "accountId",
        reason: "empty",
        hint: "Set it to the id of the account that the credentials must belong to"
      })
    }
    const actual = yield* fromService(provider, options)
    if (!expected.includes(actual.accountId)) {
      return yield* new UnexpectedIdentity({ provider: provider.name, expected, actual })
    }
  }))
