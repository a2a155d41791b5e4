/**
 * A session that somebody stored, this program or another: when it is as good as a new one.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StsToken } from "../../Credentials.ts"

/** @internal */
export interface Reuse {
  /** The stored session, if it may be handed out now. */
  readonly find: (stored: Option.Option<StsToken>) => Effect.Effect<Option.Option<StsToken>>
  /** Notes which session is handed out. */
  readonly hand: (session: StsToken) => StsToken
}

// Less than this is not worth handing out: it would have to be renewed at once.
const enough = 60_000

/**
 * A session that ends no later than the last one handed out is not used: that one is about to end, or was refused.
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
