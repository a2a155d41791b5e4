/**
 * The clocks of servers, as their answers prove them, for the timestamps of signed requests.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Exchange, isLong, isOff, provenSkew, skewAfter } from "./time.ts"

/** @internal */
export interface ServerClock {
  /** Epoch milliseconds by the clock of a host. */
  readonly now: (host: string) => Effect.Effect<number>
  readonly learn: (host: string, exchange: Exchange) => void
  /** Whether the request may be accepted with the next timestamp, after this one was refused. */
  readonly mayRepeat: (host: string, stamp: number, exchange: Exchange) => boolean
}

// A program that talks to thousands of hosts needs no memory of all their clocks.
const mostHosts = 64

/** @internal */
export const makeServerClock = (): ServerClock => {
  // How far each clock is ahead. Undefined for a host whose dates are wrong although its clock is right.
  const ahead = new Map<string, number | undefined>()

  const note = (host: string, skew: number | undefined): void => {
    ahead.delete(host)
    if (skew !== 0) ahead.set(host, skew)
    const [oldest] = ahead.keys()
    if (ahead.size > mostHosts && oldest !== undefined) ahead.delete(oldest)
  }

  const hasWrongDates = (host: string): boolean => ahead.has(host) && ahead.get(host) === undefined

  return {
    now: (host) => Effect.map(Clock.currentTimeMillis, (now) => now + (ahead.get(host) ?? 0)),
    learn: (host, exchange) => {
      if (exchange.serverDate !== undefined && !hasWrongDates(host)) {
        note(host, skewAfter(ahead.get(host) ?? 0, exchange))
      }
    },
    mayRepeat: (host, stamp, exchange) => {
      if (!isOff(stamp, exchange)) return false
      const skew = provenSkew(exchange)
      // The timestamp followed one clock, so the other one is right, unless it was right when it was sent.
      if (skew !== 0 && !isLong(exchange)) note(host, followedTheDate(stamp, exchange) ? undefined : skew)
      return true
    }
  }
}

const followedTheDate = (stamp: number, { sentAt, serverDate = sentAt }: Exchange): boolean =>
  Math.abs(stamp - sentAt) > Math.abs(stamp - serverDate)
