/**
 * The state of an OAuth login: an access token that is exchanged for sessions, and a refresh token that can be used once.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
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
import { unlessDry } from "../provider/dryRun.ts"
import { inOneLine } from "../provider/errors.ts"
import * as names from "../provider/names.ts"
import { cached, orFail } from "../provider/service.ts"
import { isHeaderSafe } from "../wire/encode.ts"
import { configureCommand } from "./configureCommand.ts"
import * as oauthServer from "./oauthServer.ts"
import { given, inMemory, makeReuse, type Reuse, saveOrWarn, type Store } from "./store.ts"

const name = names.oauth

/** @internal */
export interface Options extends Omit<OAuthOptions, "store"> {
  readonly store?: Store<Login> | undefined
}

/** `file` is the file of the login, if the CLI needs to be told which one. @internal */
export const make = (
  options: Options,
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
      isShared: options.store !== undefined,
      reuse: makeReuse(),
      logIn: (reason, hint) =>
        new ReauthenticationRequired({
          provider: name,
          reason,
          hint,
          profile: options.profile,
          command: configureCommand({ mode: "OAuth", siteType, profile: options.profile, file })
        })
    }
    return yield* cached({ name, fetch: makeFetch(parts, makeRenewal(parts)), refresh: options.refresh })
  }).pipe(orFail(name))

interface Parts {
  readonly server: oauthServer.OAuthServer
  readonly store: Store<Login>
  /** Whether other programs may use the same store. */
  readonly isShared: boolean
  readonly reuse: Reuse
  readonly logIn: (reason: string, hint?: string) => ReauthenticationRequired
}

/** A login whose access token can be exchanged. */
interface Usable {
  readonly login: Login
  /** The error if the server refuses its access token. */
  readonly onRefusal: (error: CredentialsRejected) => CredentialError
}

/** How new tokens are stored. */
interface Storage {
  /** Fails if they could not be stored. */
  readonly prepare: Effect.Effect<void, CredentialError>
  readonly save: (login: Login) => Effect.Effect<void>
}

/** The renewal of the access token, and the most recent login that this program knows. */
interface Renewal {
  readonly load: Effect.Effect<Login, CredentialError>
  readonly renew: (login: Login, token: Redacted.Redacted, storage: Storage) => Effect.Effect<Usable, CredentialError>
}

/** This program's own renewals, in case they could not be stored or another program restored an older file. */
interface Memory {
  /** Whether this program used the refresh token of the login. */
  readonly isSpent: (login: Login) => boolean
  /** The most recent login for a stored one. */
  readonly newest: (stored: Login) => Login
  readonly add: (renewed: Login, spent: Option.Option<Redacted.Redacted>) => void
}

const makeMemory = (): Memory => {
  const spent = new Set<string>()
  let latest: Login | undefined = undefined
  const isSpent = (login: Login): boolean => Option.exists(login.refreshToken, isIn(spent))
  return {
    isSpent,
    newest: (stored) => latest !== undefined && isSpent(stored) ? latest : stored,
    add: (renewed, token) => {
      if (Option.isSome(token)) spent.add(Redacted.value(token.value))
      latest = renewed
    }
  }
}

/** Renews the login, and stores the new tokens before anything else is done with them. */
const rotate = (
  server: oauthServer.OAuthServer,
  memory: Memory,
  login: Login,
  token: Redacted.Redacted,
  { save }: Storage
): Effect.Effect<Login, CredentialError> =>
  Effect.gen(function*() {
    const request = yield* Effect.forkDaemon(Effect.interruptible(server.renew(token)))
    const tokens = yield* Fiber.join(request)
    const renewed: Login = {
      ...login,
      accessToken: Option.some(tokens.accessToken),
      accessTokenExpiration: tokens.expiration,
      refreshToken: Option.orElse(tokens.refreshToken, () => login.refreshToken)
    }
    memory.add(renewed, Option.as(tokens.refreshToken, token))
    yield* save(renewed)
    return renewed
  }).pipe(Effect.uninterruptible)

const makeRenewal = ({ isShared, logIn, server, store }: Parts): Renewal => {
  const memory = makeMemory()
  const load = Effect.map(store.load, memory.newest)

  const isRenewedByOthers = (token: Redacted.Redacted) => (login: Login): boolean =>
    !Option.exists(login.refreshToken, isIn(new Set([Redacted.value(token)])))

  // A program that does not take the lock, such as one in another container, may have renewed the login first, and may
  // not have stored it yet.
  const orRenewedByOthers = (token: Redacted.Redacted) => (error: CredentialsRejected) =>
    Effect.filterOrFail(load, isRenewedByOthers(token), () => logIn(error.reason)).pipe(
      Effect.retry({ while: (error) => isShared && error._tag === "ReauthenticationRequired", schedule: untilStored })
    )

  const orAsLongAsItWorks = (login: Login, works: boolean, { error, refused }: NotRenewed) =>
    works
      ? Effect.as(
        Effect.logWarning(`the login could not be renewed yet: ${inOneLine(error)}`),
        { login, onRefusal: () => refused }
      )
      : Effect.fail(refused)

  // A refresh token is used only if its successor can be stored. If the stored one is used already, nothing can be lost.
  const canStore = ({ prepare }: Storage): Effect.Effect<void, NotRenewed> =>
    Effect.flatMap(
      Effect.option(store.load),
      (stored) => Option.exists(stored, memory.isSpent) ? Effect.ignore(prepare) : prepare
    ).pipe(
      Effect.mapError((error) => ({
        error,
        refused: error.isTransient ? error : notStored(logIn, error)
      }))
    )

  return {
    load,
    renew: (login, token, storage) =>
      Effect.matchEffect(canStore(storage), {
        onFailure: (failure) =>
          Effect.flatMap(millisLeft(login), (left) => orAsLongAsItWorks(login, left > 0 || mayWork(login), failure)),
        onSuccess: () =>
          Effect.if(Effect.map(load, isRenewedByOthers(token)), {
            // Another program may have renewed it while this one was suspended.
            onTrue: () => load,
            onFalse: () =>
              Effect.catchIf(
                rotate(server, memory, login, token, storage),
                oauthServer.isRefreshRefused,
                orRenewedByOthers(token)
              )
          }).pipe(
            // The new refresh token is valid, so a refused access token does not require a login.
            Effect.map((login): Usable => ({ login, onRefusal: identity })),
            Effect.catchIf((error) => error.isTransient, (error) =>
              Effect.flatMap(
                millisLeft(login),
                (left) => orAsLongAsItWorks(login, left > 0, { error, refused: error })
              ))
          )
      })
  }
}

/** A new login could not be stored either, so what prevents it has to be fixed first. */
const notStored = (logIn: Parts["logIn"], error: CredentialError): ReauthenticationRequired => {
  const [, file = "", lock, why] = error._tag === "CredentialsMisconfigured" ? unwritable.exec(error.reason) ?? [] : []
  if (why === undefined) return logIn(`the login cannot be renewed, as it cannot be stored: ${inOneLine(error)}`)
  const [, folder = "", base = file] = /^(.*)[\\/]([^\\/]+)$/s.exec(file) ?? []
  return logIn(
    `the login has expired, and ${base} cannot be written: ${file} (${why})`,
    // The lock is a file beside it.
    lock === undefined
      ? `Make ${file} writable, as a read-only file cannot hold an OAuth login`
      : `Make ${folder} and ${base} in it writable, as a read-only file cannot hold an OAuth login`
  )
}

/** How a file is named that cannot be written, or its lock. */
const unwritable = /^(.+?)(\.lock)?: (?:cannot be (?:written|replaced) \()?(PermissionDenied|EACCES|EPERM|EROFS)\)?$/

interface NotRenewed {
  readonly error: CredentialError
  /** The error if the current tokens do not work either. */
  readonly refused: CredentialError
}

const untilStored = Schedule.intersect(Schedule.spaced("200 millis"), Schedule.recurs(10))

/** Only the server knows how long an access token without an expiration works. */
const mayWork = ({ accessToken, accessTokenExpiration }: Login): boolean =>
  Option.isSome(accessToken) && Option.isNone(accessTokenExpiration)

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

  const obtain = (login: Login, { save }: Storage): Effect.Effect<StsToken, CredentialError> =>
    Effect.tap(exchange(login), (session) => save({ ...login, session: Option.some(session) }))

  const trade = Effect.fnUntraced(function*(storage: Storage) {
    const stored = yield* load
    const kept = yield* reuse.find(stored.session)
    if (Option.isSome(kept)) return kept.value
    const token = Option.getOrUndefined(stored.refreshToken)
    const obtainWith = ({ login, onRefusal }: Usable) =>
      Effect.catchIf(obtain(login, storage), oauthServer.isAccessRefused, (error) => Effect.fail(onRefusal(error)))
    if (token === undefined) {
      return yield* obtainWith({ login: stored, onRefusal: (error) => logIn(error.reason) })
    }
    if ((yield* millisLeft(stored)) <= renewalMargin) {
      return yield* Effect.flatMap(renew(stored, token, storage), obtainWith)
    }
    return yield* Effect.catchIf(
      obtain(stored, storage),
      oauthServer.isAccessRefused,
      // An access token can be refused before it expires, while the refresh token is still good.
      () => Effect.flatMap(renew(withoutAccess(stored), token, storage), obtainWith)
    )
  })

  const storing: Storage = {
    prepare: store.prepare ?? Effect.void,
    save: (login) =>
      saveOrWarn(store.save(login), "the login could not be stored, so that other programs may need a new one")
  }

  const notStoring = (error: CredentialError): Storage => ({ prepare: Effect.fail(error), save: () => Effect.void })

  const exclusively = store.exclusively ?? ((use) => use)

  return Effect.gen(function*() {
    const login = yield* load
    const kept = yield* reuse.find(login.session)
    if (Option.isSome(kept)) return reuse.hand(kept.value)
    const outcome = yield* unlessDry(
      Effect.catchIf(
        exclusively(Effect.exit(trade(storing))),
        (error) => !error.isTransient,
        (error) => Effect.exit(trade(notStoring(error)))
      ),
      // The lock of the store is a file.
      ({ refuse }) => Effect.exit(trade({ prepare: refuse("renew the OAuth login"), save: () => Effect.void }))
    )
    return reuse.hand(yield* outcome)
  })
}

const withoutAccess = (login: Login): Login => ({
  ...login,
  accessToken: Option.none(),
  accessTokenExpiration: Option.none()
})

const renewalMargin = 1200_000

const isIn = (tokens: ReadonlySet<string>) => (token: Redacted.Redacted): boolean => tokens.has(Redacted.value(token))

const loginOf = (options: Options): Login => ({
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
