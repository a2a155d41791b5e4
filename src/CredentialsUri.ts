/**
 * Sessions from your own HTTP service, which answers a `GET` with the session as JSON.
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
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import { amend } from "./internal/provider/errors.ts"
import * as names from "./internal/provider/names.ts"
import { mapService, orFail } from "./internal/provider/service.ts"
import { fromEnv } from "./internal/source.ts"
import * as variables from "./internal/variables.ts"
import * as connection from "./internal/wire/connection.ts"
import * as http from "./internal/wire/http.ts"
import { makeReader } from "./internal/wire/session.ts"
import { type Exchange, provenSkew } from "./internal/wire/time.ts"
import { userAgent } from "./internal/wire/userAgent.ts"
import type { SessionOptions } from "./RequestLimits.ts"

const name = names.credentialsUri

/**
 * The address of the service, with time limits and a refresh policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface UriOptions extends SessionOptions {
  /** An http or https address. A user name and password in it are sent as basic authentication. */
  readonly uri: Redacted.Redacted<URL | string> | URL | string
}

/**
 * Makes a provider of sessions from an HTTP service. The service must answer with status 200 and the fields
 * `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`. If there is a field `Code`, it must be `Success`.
 *
 * `get` fails with `CredentialsMisconfigured` if the address is not valid, or with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`. Errors show only the host of the address.
 *
 * A redirect is refused. An `HttpClient` that follows redirects by itself sends the user name and the password to the
 * other host, and the session in its answer is used. Provide one that does not: see "Redirects" in
 * docs/how-it-works.md.
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
  orFail(name)(open(options, optionName))

/**
 * A layer that provides sessions from an HTTP service. The service must answer with status 200 and the fields
 * `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`. If there is a field `Code`, it must be `Success`.
 *
 * Needs an `HttpClient`. Building it cannot fail, and it reads no environment variables. `get` fails with
 * `CredentialsMisconfigured` if the address is not valid, or with `CredentialsUnavailable`, `CredentialsRejected`,
 * `CredentialsMalformed` or `CredentialsExpired`.
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
 * A layer that provides sessions from an HTTP service, with options read from `Config`.
 *
 * Needs an `HttpClient`. Fails to build with `ConfigError` if an option is missing or not valid. `get` fails as for
 * {@link layer}.
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
 * A layer that provides sessions from the HTTP service at `ALIBABA_CLOUD_CREDENTIALS_URI`.
 *
 * Needs an `HttpClient`. Fails to build with `CredentialsNotConfigured` if the variable is not set, and with
 * `CredentialsMisconfigured` if it is not an http or https address. `get` fails with `CredentialsUnavailable`,
 * `CredentialsRejected`, `CredentialsMalformed` or `CredentialsExpired`.
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
 * A layer that provides sessions from the HTTP service at `ALIBABA_CLOUD_CREDENTIALS_URI`, as {@link layerEnv} does,
 * with time limits and a refresh policy. It needs, reads and fails with the same.
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
  fromEnv(
    name,
    variables.credentialsUri,
    Effect.fnUntraced(function*(uri) {
      if (Option.isSome(uri)) return yield* open({ ...options, uri: uri.value }, variables.names.credentialsUri)
      return yield* new CredentialsNotConfigured({
        provider: name,
        reason: `${variables.names.credentialsUri} not set`
      })
    })
  )

/** `at` is what errors name as the place of the address. */
const open = (
  options: UriOptions,
  at: string
): Effect.Effect<CredentialProvider.Service, CredentialsMisconfigured, HttpClient.HttpClient | Scope.Scope> =>
  Either.match(requestOf(Redacted.isRedacted(options.uri) ? Redacted.value(options.uri) : options.uri), {
    onLeft: (reason) =>
      Effect.fail(
        new CredentialsMisconfigured({ provider: name, at, reason, hint: "Begin it with http:// or https://" })
      ),
    onRight: ({ request, secrets }) =>
      Effect.flatMap(http.client, (client) => {
        const sessions = makeReader()
        let last: Exchange | undefined = undefined
        const explain = (error: CredentialError): CredentialError => {
          const hint = hintOf(error, { at, host: dialed(request.url), last })
          return hint === undefined ? error : amend(error, { hint })
        }
        const service = CredentialProvider.make({
          name,
          refresh: options.refresh,
          fetch: http.ask({
            provider: name,
            client,
            limits: http.limits(options),
            retries: 2,
            hedged: true,
            request: Effect.succeed(request),
            interpret: (answer) => {
              last = answer.exchange
              return sessions.interpretCoded(name, answer, secrets)
            }
          })
        })
        return Effect.map(service, (service) => mapService(service, { error: explain }))
      })
  })

interface Asked {
  /** The variable or the option that has the address. */
  readonly at: string
  /** Host and port. */
  readonly host: string
  readonly last: Exchange | undefined
}

const hintOf = (error: CredentialError, { at, host, last }: Asked): string | undefined => {
  switch (error._tag) {
    case "CredentialsUnavailable":
      return connection.isRefused(error)
        ? `Start the server at ${host}, or ${at === optionName ? `correct ${at}` : `unset ${at}`}`
        : undefined
    case "CredentialsRejected":
      return hintOfStatus(error.status, at)
    case "CredentialsMalformed":
      if (error.hint === http.hintOfMiscoded) return error.hint
      // Of the others, only an answer that is not JSON has a hint: something else answered.
      return error.hint === undefined
        ? `Make the server at ${host} answer with AccessKeyId, AccessKeySecret, SecurityToken and Expiration`
        : `Set ${at} to the address that answers with the session as JSON`
    case "CredentialsExpired":
      // The date of the server shows which of the two clocks to trust.
      return last?.serverDate !== undefined && provenSkew(last) === 0
        ? `Restart the server at ${host}: it gave an old session`
        : `1. restart the server at ${host}, which gave an old session; 2. check the clock of this machine`
    default:
      return undefined
  }
}

const hintOfStatus = (status: number | undefined, at: string): string | undefined => {
  if (status === 401 || status === 403) {
    return `Start the tool that set ${at} again: the server does not accept the address any more`
  }
  if (status === 404) {
    return `Correct the path in ${at}, or start the tool that set it again: its path may be a new one each time`
  }
  // In a browser, fetch reports a redirect as status 0.
  return status === 0 || (status !== undefined && status >= 300 && status < 400 && status !== 304)
    ? `Set ${at} to the address that it redirects to`
    : undefined
}

const dialed = (address: string): string => {
  const url = new URL(address)
  return `${url.hostname}:${connection.portOf(url)}`
}

const optionName = "uri"

interface UriRequest {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly secrets: ReadonlyArray<string>
}

const requestOf = (uri: URL | string): Either.Either<UriRequest, string> => {
  if (!http.isAddress(uri)) return Either.left("not an http or https address")
  const url = new URL(uri)
  const username = percentDecode(url.username)
  const password = percentDecode(url.password)
  // Fetch refuses an address with user information, and servers never get the fragment.
  url.username = ""
  url.password = ""
  url.hash = ""
  const plain = HttpClientRequest.get(url.href).pipe(
    HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": userAgent })
  )
  // Not `basicAuth`, which throws if a character is not Latin-1.
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

// A ticket can be in any part of an address. A short part is no ticket, and hiding it would hide every message.
const mayBeSecret = (part: string): boolean => part.length >= 8
