/**
 * Where a login is kept between one program and the next, and when a stored session may be used instead of a new one.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type { StsToken } from "../../Credentials.ts"
import { unlessDry } from "../provider/dryRun.ts"
import { inOneLine } from "../provider/errors.ts"

/** @internal */
export interface Store<Login> {
  readonly load: Effect.Effect<Login, CredentialError>
  readonly save: (login: Login) => Effect.Effect<void, CredentialError>
  /** Makes sure that the next `save` works. Run inside `exclusively`. */
  readonly prepare?: Effect.Effect<void, CredentialError> | undefined
  readonly exclusively?:
    | (<A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>)
    | undefined
}

/** For a login that is stored nowhere. @internal */
export const inMemory = <Login>(initial: Login): Store<Login> => {
  let login = initial
  return {
    load: Effect.sync(() => login),
    save: (next) =>
      Effect.sync(() => {
        login = next
      })
  }
}

/** A credential that was obtained is not lost if it cannot be stored. @internal */
export const saveOrWarn = (
  save: Effect.Effect<void, CredentialError>,
  consequence: string
): Effect.Effect<void> =>
  unlessDry(
    Effect.catchAll(save, (error) => Effect.logWarning(`${consequence}: ${inOneLine(error)}`)),
    () => Effect.void
  )

// A store that nobody else uses is done sooner.
const courtesy = "1 second"

/**
 * {@link saveOrWarn} for what is of use to other programs only: it is done in the background if it takes long, for
 * example because another program has the lock.
 *
 * @internal
 */
export const saveAside = (
  scope: Scope.Scope,
  save: Effect.Effect<void, CredentialError>,
  consequence: string
): Effect.Effect<void> =>
  saveOrWarn(save, consequence).pipe(
    Effect.interruptible,
    Effect.forkIn(scope),
    Effect.flatMap((fiber) => Effect.raceFirst(Fiber.await(fiber), Effect.sleep(courtesy))),
    Effect.asVoid
  )

/** A token that an option gives. Empty means absent. @internal */
export const given = (token: Redacted.Redacted | undefined): Option.Option<Redacted.Redacted> =>
  Option.filter(Option.fromNullable(token), (token) => Redacted.value(token) !== "")

/** @internal */
export interface Reuse {
  /** The stored session, if it may be returned now. */
  readonly find: (stored: Option.Option<StsToken>) => Effect.Effect<Option.Option<StsToken>>
  /** Remembers the session that is returned. */
  readonly hand: (session: StsToken) => StsToken
}

// A session with less time left would have to be renewed at once.
const enough = 60_000

/**
 * A stored session is used only if it expires after the last one that was returned, which is about to expire or was
 * refused.
 *
 * @internal
 */
export const makeReuse = (): Reuse => {
  let lastEnd = -Infinity
  return {
    find: (stored) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => Option.filter(stored, (session) => endOf(session) - now > enough && endOf(session) > lastEnd)
      ),
    hand: (session) => {
      lastEnd = endOf(session)
      return session
    }
  }
}

const endOf = (session: StsToken): number =>
  Option.match(session.expiration, { onNone: () => -Infinity, onSome: DateTime.toEpochMillis })
