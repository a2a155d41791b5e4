/**
 * The AccessKey pair of a RAM user that the Key Management Service stores and rotates, read with the credentials of
 * another provider:
 * https://www.alibabacloud.com/help/en/kms/key-management-service/user-guide/manage-and-use-ram-secrets
 *
 * @since 0.1.0
 */

import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import {
  type CredentialError,
  CredentialsMalformed,
  CredentialsMisconfigured,
  CredentialsRejected,
  CredentialsUnavailable
} from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import { AccessKey } from "./Credentials.ts"
import { untraced } from "./internal/compat/tracing.ts"
import * as names from "./internal/provider/names.ts"
import { cached, orFail } from "./internal/provider/service.ts"
import { asksForFewer, isAwaited } from "./internal/throttling.ts"
import { hostOf, regional } from "./internal/wire/endpoint.ts"
import * as http from "./internal/wire/http.ts"
import { describeIssues } from "./internal/wire/issues.ts"
import { parseJson } from "./internal/wire/json.ts"
import { within } from "./internal/wire/limit.ts"
import { toEffect } from "./internal/wire/result.ts"
import * as OpenApi from "./OpenApi.ts"
import type { SessionOptions } from "./RequestLimits.ts"
import * as SignedHttpClient from "./SignedHttpClient.ts"

/**
 * The secret and the KMS endpoint that stores it. An answer must arrive within `timeout` and `connectTimeout` together.
 *
 * @since 0.1.0
 * @category models
 */
export interface KmsSecretOptions extends SessionOptions {
  /** The name of the secret, or its ARN when it belongs to another account. */
  readonly secretName: string
  /** The region of the secret, for `kms.<region>.aliyuncs.com`. Required unless `endpoint` is given. */
  readonly region?: string | undefined
  /** Whether to use the region's endpoint inside the VPC. Defaults to false. */
  readonly vpc?: boolean | undefined
  /** The host to use instead, for example that of a KMS instance. Defaults to the endpoint of the region. */
  readonly endpoint?: string | undefined
}

/**
 * Makes a provider of the key pair in the secret. The credentials of `source` read the secret. They need the permission
 * `kms:GetSecretValue` and, if your own key encrypts the secret, `kms:Decrypt`.
 *
 * The pair is cached for the rotation interval of the secret, at most an hour, and then read again in the background.
 * It is also read again after a service refused it and the client called `invalidate`, as `SignedHttpClient` does. This
 * happens if the secret is rotated immediately.
 *
 * `get` fails with `CredentialsMisconfigured` if an option is not valid, with the errors of `source`, or with
 * `CredentialsUnavailable`, `CredentialsRejected` (with the code of KMS) or `CredentialsMalformed`.
 *
 * A redirect of KMS is refused. An `HttpClient` that follows redirects by itself sends the signed request, with the
 * security token of `source`, to the other host, and the key pair in its answer is used. Provide one that does not: see
 * "Redirects" in docs/how-it-works.md.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { EcsRamRole, KmsSecret } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const billing = Effect.flatMap(EcsRamRole.make(), (source) =>
 *   KmsSecret.make({ source, secretName: "acs/ram/user/billing", region: "cn-hangzhou" }))
 * ```
 */
export const make = (
  options: KmsSecretOptions & {
    /** The provider whose credentials read the secret. */
    readonly source: CredentialProvider.Service
  }
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> => {
  const { secretName, source } = options
  const name = names.within(names.kmsSecret, source.name)
  return Effect.gen(function*() {
    const endpoint = yield* Effect.mapError(
      toEffect(secretName === "" ? Either.left("secretName is empty") : endpointOf(options)),
      (reason) => new CredentialsMisconfigured({ provider: name, reason })
    )
    const client = yield* SignedHttpClient.make(yield* HttpClient.HttpClient).pipe(
      Effect.provideService(CredentialProvider.CredentialProvider, source)
    )
    const limits = http.limits(options)
    const millis = limits.timeout + limits.connectTimeout
    let keep = longest
    const fetch = Effect.gen(function*() {
      const provider = names.within(names.kmsSecret, (yield* source.get).provider)
      const answer = yield* ask(endpoint, secretName).pipe(
        within({
          millis,
          onTimeout: () =>
            new CredentialsUnavailable({ provider, reason: `${endpoint}: no whole answer within ${millis} ms` })
        }),
        Effect.retry({
          while: (error) => isWorthAnother(error) ? FiberRef.get(isAwaited) : false,
          times: 2,
          schedule: Schedule.jittered(Schedule.exponential(200))
        }),
        Effect.mapError((error) => toCredentialError(provider, error))
      )
      const pair = yield* toEffect(decodePair(provider, Redacted.value(answer.SecretData)))
      keep = keepFor(answer.RotationInterval)
      return AccessKey({
        provider,
        accessKeyId: pair.AccessKeyId,
        accessKeySecret: Redacted.make(Redacted.value(pair.AccessKeySecret))
      })
    }).pipe(
      Effect.provideService(SignedHttpClient.SignedHttpClient, client),
      // Spans would carry the address, which names the secret.
      untraced
    )
    return yield* cached({ name, fetch, keep: () => keep, refresh: options.refresh })
  }).pipe(orFail(name))
}

/**
 * A layer that provides the key pair in the secret, read with the credentials of the provider below it. They need the
 * permission `kms:GetSecretValue` and, if your own key encrypts the secret, `kms:Decrypt`.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Building it cannot fail, and it reads no environment variables.
 * `get` fails with `CredentialsMisconfigured` if an option is not valid, with the errors of the provider below, or with
 * `CredentialsUnavailable`, `CredentialsRejected` (with the code of KMS) or `CredentialsMalformed`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { EcsRamRole, KmsSecret } from "effect-alicloud-credentials"
 * import { Layer } from "effect"
 *
 * const layer = KmsSecret.layer({ secretName: "acs/ram/user/billing", region: "cn-hangzhou" }).pipe(
 *   Layer.provide(EcsRamRole.layer())
 * )
 * ```
 */
export const layer = (
  options: KmsSecretOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  never,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> => Layer.scoped(CredentialProvider.CredentialProvider, makeOverContext(options))

/**
 * A layer that provides the key pair in the secret, with options read from `Config`.
 *
 * Needs a `CredentialProvider` and an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not
 * valid. `get` fails as for {@link layer}.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { KmsSecret } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = KmsSecret.layerConfig({
 *   secretName: Config.string("BILLING_SECRET"),
 *   region: Config.string("REGION")
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<KmsSecretOptions>
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  ConfigError.ConfigError,
  CredentialProvider.CredentialProvider | HttpClient.HttpClient
> => Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), makeOverContext))

const makeOverContext = (options: KmsSecretOptions) =>
  Effect.flatMap(CredentialProvider.CredentialProvider, (source) => make({ ...options, source }))

const endpointOf = (options: KmsSecretOptions): Either.Either<string, string> => {
  if (options.endpoint) return hostOf(options.endpoint, "endpoint")
  if (options.region) return regional("kms", options.region, options.vpc === true, "region")
  return Either.left("neither region nor endpoint is given")
}

const ask = (endpoint: string, secretName: string) =>
  OpenApi.call({
    endpoint,
    action: "GetSecretValue",
    version: "2016-01-20",
    parameters: { SecretName: secretName },
    schema: Answer
  })

const Answer = Schema.Struct({
  SecretData: Schema.Redacted(Schema.String),
  RotationInterval: Schema.optional(Schema.NullOr(Schema.String))
})

const Pair = Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  AccessKeySecret: Schema.Redacted(Schema.NonEmptyString)
})

const decodeData = Schema.decodeUnknownEither(Schema.Struct({ SecretData: Pair }), { errors: "all" })

const decodePair = (provider: string, data: string): Either.Either<typeof Pair.Type, CredentialsMalformed> => {
  const malformed = (issues: ReadonlyArray<string>) =>
    new CredentialsMalformed({
      provider,
      issues,
      hint: "Use a RAM secret, or a secret with AccessKeyId and AccessKeySecret as JSON"
    })
  return Option.match(parseJson(data), {
    onNone: () => Either.left(malformed(["SecretData is not JSON"])),
    onSome: (json) =>
      Either.mapBoth(decodeData({ SecretData: json }), {
        onLeft: (error) => malformed(describeIssues(error)),
        onRight: ({ SecretData }) => SecretData
      })
  })
}

const longest = Duration.hours(1)

/** KMS sends the interval in whole seconds, as in `604800s`, and no interval without rotation. */
const keepFor = (interval: string | null | undefined): Duration.Duration => {
  const seconds = Number(/^(\d{1,10})s$/.exec(interval ?? "")?.[1] ?? 0)
  return seconds === 0 ? longest : Duration.min(Duration.seconds(seconds), longest)
}

type Failure = OpenApi.CallError | CredentialsUnavailable

// Errors of the source are final: it has already retried, and a caller is waiting. If KMS throttles, the cache waits.
const isWorthAnother = (error: Failure): boolean =>
  error._tag === "OpenApiUnavailable" ||
  (error._tag === "OpenApiError" && error.isTransient && !asksForFewer(error))

const toCredentialError = (provider: string, error: Failure): CredentialError => {
  switch (error._tag) {
    case "OpenApiUnavailable":
      return new CredentialsUnavailable({ provider, reason: `${error.host}: ${error.reason}` })
    case "OpenApiMalformed":
      return new CredentialsMalformed({ provider, issues: error.issues })
    case "SigningError":
      return new CredentialsMisconfigured({ provider, reason: error.message })
    case "OpenApiError": {
      const { code, message: reason, requestId, retryAfter, status } = error
      return error.isTransient
        ? new CredentialsUnavailable({ provider, reason, status, code, requestId, retryAfter })
        : new CredentialsRejected({ provider, reason, status, code, requestId, hint: hintOf(code) })
    }
    default:
      return error
  }
}

const hintOf = (code: string | undefined): string | undefined => {
  if (code === "Forbidden.ResourceNotFound") return "Check the name and the region of the secret"
  return code?.startsWith("Forbidden") === true
    ? "Grant kms:GetSecretValue to the base credentials, and kms:Decrypt if your own key encrypts the secret"
    : undefined
}
