/**
 * Sessions of an HTTP service of one's own, which answers a `GET` with them as JSON.
 *
 * @since 0.1.0
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import * as names from "./internal/provider/names.ts"
import { orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import * as http from "./internal/wire/http.ts"
import { makeReader } from "./internal/wire/session.ts"
import { userAgent } from "./internal/wire/userAgent.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.credentialsUri

/**
 * @since 0.1.0
 * @category models
 */
export interface UriOptions extends SessionOptions {
  /** An http or https address. User name and password in it are sent as basic authentication. */
  readonly uri: Redacted.Redacted<URL | string> | URL | string
}

/**
 * A provider of the sessions that the address gives. It must answer with status 200 and the fields `AccessKeyId`,
 * `AccessKeySecret`, `SecurityToken` and `Expiration`; a `Code`, where there is one, must be `Success`.
 *
 * An address that is not valid fails every `get` with `CredentialsMisconfigured`. Else `get` fails with
 * `CredentialsUnavailable`, `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`. Of the address,
 * errors show the host only.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialsUri } from "effect-alicloud-credentials"
 *
 * const provider = CredentialsUri.make({ uri: "http://127.0.0.1:8080/credentials" })
 * ```
 */
export const make = (
  options: UriOptions
): Effect.Effect<CredentialProvider.Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const client = yield* http.client
    const { request, secrets } = yield* Effect.mapError(
      requestOf(Redacted.isRedacted(options.uri) ? Redacted.value(options.uri) : options.uri),
      (reason) => new CredentialsMisconfigured({ provider: name, at: "uri", reason })
    )
    const sessions = makeReader()
    return yield* CredentialProvider.make({
      name,
      refresh: options.refresh,
      fetch: http.ask({
        provider: name,
        client,
        limits: http.limits(options),
        retries: 2,
        hedged: true,
        request: Effect.succeed(request),
        interpret: (answer) => sessions.interpretCoded(name, answer, secrets)
      })
    })
  }).pipe(orFail(name))

/**
 * {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsUri } from "effect-alicloud-credentials"
 * import { Redacted } from "effect"
 *
 * const layer = CredentialsUri.layer({ uri: Redacted.make("https://keys.example.com/alicloud?ticket=example") })
 * ```
 */
export const layer = (
  options: UriOptions
): Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, make(options))

/**
 * {@link layer} with options read from configuration of one's own.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsUri } from "effect-alicloud-credentials"
 * import { Config } from "effect"
 *
 * const layer = CredentialsUri.layerConfig({ uri: Config.redacted("KEY_SERVICE") })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<UriOptions>
): Layer.Layer<CredentialProvider.CredentialProvider, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.scoped(CredentialProvider.CredentialProvider, Effect.flatMap(Config.unwrap(options), make))

/**
 * {@link layer} with the address of `ALIBABA_CLOUD_CREDENTIALS_URI`. Fails to build with `CredentialsNotConfigured`
 * when it is not set.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider, CredentialsUri } from "effect-alicloud-credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.provide(CredentialProvider.get, CredentialsUri.layerEnv)
 * ```
 */
export const layerEnv: Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient
> = Layer.suspend(() => layerEnvWith({}))

/**
 * {@link layerEnv} with other time limits and another policy of renewal.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialsUri } from "effect-alicloud-credentials"
 *
 * const layer = CredentialsUri.layerEnvWith({ timeout: "2 seconds" })
 * ```
 */
export const layerEnvWith = (
  options: SessionOptions
): Layer.Layer<
  CredentialProvider.CredentialProvider,
  CredentialsNotConfigured | CredentialsMisconfigured,
  HttpClient.HttpClient
> =>
  fromEnv(name, variables.credentialsUri, (uri) =>
    Effect.gen(function*() {
      if (Option.isNone(uri)) {
        return yield* new CredentialsNotConfigured({
          provider: name,
          reason: `${variables.names.credentialsUri} not set`
        })
      }
      const issue = Either.flip(requestOf(Redacted.value(uri.value)))
      if (Either.isRight(issue)) {
        return yield* new CredentialsMisconfigured({
          provider: name,
          at: variables.names.credentialsUri,
          reason: issue.right
        })
      }
      return yield* make({ ...options, uri: uri.value })
    }))

interface UriRequest {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly secrets: ReadonlyArray<string>
}

const requestOf = (uri: URL | string): Either.Either<UriRequest, string> => {
  if (!http.isAddress(uri)) return Either.left("not an http or https address")
  const url = new URL(uri)
  const username = percentDecode(url.username)
  const password = percentDecode(url.password)
  // Fetch refuses an address with user information, and a fragment is nobody's business but the caller's.
  url.username = ""
  url.password = ""
  url.hash = ""
  const plain = HttpClientRequest.get(url.href).pipe(
    HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": userAgent })
  )
  // Not `basicAuth`, which throws at what is not Latin-1.
  const basic = username === "" && password === "" ? "" : Encoding.encodeBase64(`${username}:${password}`)
  const parts = [
    username,
    ...url.pathname.split("/"),
    ...Array.from(url.searchParams, ([name, value]) => value || name)
  ]
  return Either.right({
    request: basic === "" ? plain : HttpClientRequest.setHeader(plain, "authorization", `Basic ${basic}`),
    secrets: [password, basic, ...parts.flatMap((part) => [part, percentDecode(part)]).filter(mayBeSecret)]
  })
}

const percentDecode = (text: string): string =>
  Option.getOrElse(Option.liftThrowable(decodeURIComponent)(text), () => text)

// A ticket can stand anywhere in an address; a word of a few letters is none, and would hide every message.
const mayBeSecret = (part: string): boolean => part.length >= 8
