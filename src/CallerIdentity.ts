/**
 * Whose credentials these are, as STS says it, and a guard against those of somebody else.
 *
 * @since 0.1.0
 */

import * as HttpClient from "@effect/platform/HttpClient"
import type * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CredentialsMisconfigured } from "./CredentialError.ts"
import { CredentialProvider } from "./CredentialProvider.ts"
import * as Sts from "./internal/sts/client.ts"
import * as OpenApi from "./OpenApi.ts"
import type { StsEndpoint } from "./RamRoleArn.ts"
import * as SignedHttpClient from "./SignedHttpClient.ts"

/**
 * The owner of credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallerIdentity {
  /** `Account`, `RAMUser` or `AssumedRoleUser`. */
  readonly identityType: string
  readonly accountId: string
  /** For example `acs:ram::123456789012:assumed-role/app/session`. */
  readonly arn: string
  /** The id of the account or the user, or `<role id>:<session name>`. */
  readonly principalId: string
  /** Of an account or a RAM user. */
  readonly userId: Option.Option<string>
  /** Of an assumed role. */
  readonly roleId: Option.Option<string>
  readonly requestId: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Where STS is asked. Defaults to what the environment says, see {@link get}. */
  readonly sts?: StsEndpoint | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface GuardOptions extends Options {
  /** The account that the credentials must belong to, or several of which any will do. */
  readonly accountId: string | Arr.NonEmptyReadonlyArray<string>
}

/**
 * The credentials belong to another account than the one that was expected.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedIdentity extends Data.TaggedError("UnexpectedIdentity")<{
  /** The name of the provider that the credentials came from. */
  readonly provider: string
  /** The accounts that would have done. */
  readonly expected: ReadonlyArray<string>
  readonly actual: CallerIdentity
  readonly message: string
}> {
  readonly isTransient: boolean = false
  constructor(fields: {
    readonly provider: string
    readonly expected: ReadonlyArray<string>
    readonly actual: CallerIdentity
  }) {
    const { accountId, arn } = fields.actual
    super({
      ...fields,
      message: `${fields.provider}: the credentials belong to account ${accountId} (${arn}), ` +
        `expected was ${fields.expected.join(" or ")}`
    })
  }
}

/**
 * Asks STS (`GetCallerIdentity`, which needs no permission) whose the credentials of the moment are.
 *
 * Where STS is asked is read from the environment, unless `sts` says it: `ALIBABA_CLOUD_STS_ENDPOINT`, else
 * `ALIBABA_CLOUD_STS_REGION` with `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`, else `sts.aliyuncs.com`.
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
  Effect.gen(function*() {
    const client = yield* SignedHttpClient.make(yield* HttpClient.HttpClient)
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
 * A layer that fails to build when the credentials do not belong to the expected account, so that an application does
 * not start with the keys of another. It gives nothing; what it was built with goes on to whoever needs it.
 *
 * An account id that is empty fails with `CredentialsMisconfigured`. The credentials are looked at once. A chain may find those of another account later on; its option `stopWhen` keeps
 * it from passing over a broken set-up.
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
        hint: "Give the id of the account that the credentials must belong to"
      })
    }
    const actual = yield* get(options)
    if (!expected.includes(actual.accountId)) {
      return yield* new UnexpectedIdentity({ provider: provider.name, expected, actual })
    }
  }))
