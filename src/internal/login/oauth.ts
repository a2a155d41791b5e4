/**
 * The state of an OAuth login: an access token that is exchanged for sessions, and a refresh token that can be used once.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import {
  type CredentialError,
  CredentialsMisconfigured,
  type CredentialsRejected,
  ReauthenticationRequired
} from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { StsToken } from "../../Credentials.ts"
import type { Login, OAuthOptions } from "../../OAuth.ts"
import * as names from "../provider/names.ts"
import { cached, orFail } from "../provider/service.ts"
import { isHeaderSafe } from "../wire/encode.ts"
import { loginCommand } from "./command.ts"
import * as oauthServer from "./oauthServer.ts"
import { given, inMemory, makeReuse, type Reuse, saveOrWarn, type Store } from "./store.ts"

const name = names.oauth

/** `file` is the file of the login, if the CLI needs to be told which one. @internal */
export const make = (
  options: OAuthOptions,
  file?: string
): Effect.Effect<Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function*() {
    const siteType = (options.siteType || "CN").toUpperCase()
    const site = oauthServer.sites[siteType]
    if (site === undefined) {
      return yield* new CredentialsMisconfigured({ provider: name, at: "siteType", reason: "neither CN nor INTL" })
    }
    const parts: Parts = {
      server: yield* oauthServer.make({ ...options, name, site }),
      store: options.store ?? inMemory(loginOf(options)),
      reuse: makeReuse(),
      logIn: (reason) =>
        new ReauthenticationRequired({
          provider: name,
          reason,
          profile: options.profile,
          command: loginCommand({ mode: "OAuth", siteType, profile: options.profile, file })
        })
    }
    return yield* cached({ name, fetch: makeFetch(parts, makeRenewal(parts)), refresh: options.refresh })
  }).pipe(orFail(name))

interface Parts {
  readonly server: oauthServer.OAuthServer
  readonly store: Store<Login>
  readonly reuse: Reuse
  readonly logIn: (reason: string) => ReauthenticationRequired
}

/** The renewal of the access token, and the most recent login that this program knows. */
interface Renewal {
  readonly load: Effect.Effect<Login, CredentialError>
  readonly renew: (login: Login, token: Redacted.Redacted, save: Save) => Effect.Effect<Login, CredentialError>
}

const makeRenewal = ({ logIn, server, store }: Parts): Renewal => {
  // This program's own renewals, in case they could not be stored or another program restored an older file.
  const spent = new Set<string>()
  let latest: Login | undefined = undefined

  const load = Effect.map(
    store.load,
    (stored): Login => latest !== undefined && Option.exists(stored.refreshToken, isIn(spent)) ? latest : stored
  )

  const rotate = (login: Login, token: Redacted.Redacted, save: Save): Effect.Effect<Login, CredentialError> =>
    Effect.gen(function*() {
      const request = yield* Effect.forkDaemon(Effect.interruptible(server.renew(token)))
      const tokens = yield* Fiber.join(request)
      const renewed: Login = {
        ...login,
        accessToken: Option.some(tokens.accessToken),
        accessTokenExpiration: tokens.expiration,
        refreshToken: Option.orElse(tokens.refreshToken, () => login.refreshToken)
      }
      if (Option.isSome(tokens.refreshToken)) spent.add(Redacted.value(token))
      latest = renewed
      yield* save(renewed)
      return renewed
    }).pipe(Effect.uninterruptible)

  // A program that does not take the lock may have renewed the login first.
  const orRenewedByOthers = (token: Redacted.Redacted) => (error: CredentialsRejected) =>
    Effect.filterOrFail(
      load,
      (stored) => !Option.exists(stored.refreshToken, isIn(new Set([Redacted.value(token)]))),
      () => logIn(error.reason)
    )

  const orStillValid = (login: Login) => (error: CredentialError) =>
    Effect.flatMap(millisLeft(login), (left) =>
      left > 0
        ? Effect.as(Effect.logWarning(`the login could not be renewed yet: ${error.message}`), login)
        : Effect.fail(error))

  return {
    load,
    renew: (login, token, save) =>
      rotate(login, token, save).pipe(
        Effect.catchIf(oauthServer.isRefreshRefused, orRenewedByOthers(token)),
        Effect.catchIf((error) => error.isTransient, orStillValid(login))
      )
  }
}

const makeFetch = (
  { logIn, reuse, server, store }: Parts,
  { load, renew }: Renewal
): Effect.Effect<StsToken, CredentialError> => {
  const exchange = (login: Login): Effect.Effect<StsToken, CredentialError> =>
    Option.match(login.accessToken, {
      onNone: () => Effect.fail(logIn("no access token")),
      onSome: (token) =>
        isHeaderSafe(Redacted.value(token))
          ? server.exchange(token)
          : Effect.fail(logIn("the stored access token is not valid header text"))
    })

  const obtain = (login: Login, save: Save): Effect.Effect<StsToken, CredentialError> =>
    Effect.tap(exchange(login), (session) => save({ ...login, session: Option.some(session) }))

  const trade = Effect.fnUntraced(function*(margin: number, save: Save) {
    const stored = yield* load
    const kept = yield* reuse.find(stored.session)
    if (Option.isSome(kept)) return kept.value
    const token = Option.getOrUndefined(stored.refreshToken)
    const due = token !== undefined && (yield* millisLeft(stored)) <= margin
    const login = due ? yield* renew(stored, token, save) : stored
    return yield* obtain(login, save).pipe(
      // An access token can be refused before it expires, while the refresh token is still good.
      Effect.catchIf(oauthServer.isAccessRefused, (error) =>
        token === undefined || due
          ? Effect.fail(error)
          : Effect.flatMap(renew(stored, token, save), (renewed) => obtain(renewed, save))),
      Effect.catchIf(oauthServer.isAccessRefused, (error) => Effect.fail(logIn(error.reason)))
    )
  })

  const saving: Save = (login) =>
    saveOrWarn(store.save(login), "the login could not be stored, so that other programs may need a new one")

  // A login that cannot be stored is renewed only once its access token has expired.
  const withoutStore = (error: CredentialError) =>
    Effect.zipRight(
      Effect.logWarning(`the login cannot be stored, and is renewed only when it expires: ${error.message}`),
      Effect.exit(trade(0, () => Effect.void))
    )

  const exclusively = store.exclusively ?? ((use) => use)

  return Effect.gen(function*() {
    const login = yield* load
    const kept = yield* reuse.find(login.session)
    if (Option.isSome(kept)) return reuse.hand(kept.value)
    const outcome = yield* Effect.catchIf(
      exclusively(Effect.exit(trade(renewalMargin, saving))),
      (error) => !error.isTransient,
      withoutStore
    )
    return reuse.hand(yield* outcome)
  })
}

type Save = (login: Login) => Effect.Effect<void>

const renewalMargin = 1200_000

const isIn = (tokens: ReadonlySet<string>) => (token: Redacted.Redacted): boolean => tokens.has(Redacted.value(token))

const loginOf = (options: OAuthOptions): Login => ({
  accessToken: given(options.accessToken),
  accessTokenExpiration: Option.fromNullable(options.accessTokenExpiration),
  refreshToken: given(options.refreshToken),
  session: Option.none()
})

/** Until the access token expires. Without a known time it counts as expired: the refresh token is for that. */
const millisLeft = (login: Login): Effect.Effect<number> =>
  Effect.map(
    Clock.currentTimeMillis,
    (now) =>
      Option.match(Option.zipRight(login.accessToken, login.accessTokenExpiration), {
        onNone: () => -Infinity,
        onSome: (end) => DateTime.toEpochMillis(end) - now
      })
  )
