/**
 * What must be true of one provider, whatever its server does. Nothing here is code of the library: it knows the sessions
 * that callers got, when each of them really ends, which of them a service refused, and when the server failed.
 *
 * Times are epoch milliseconds by a clock that is right.
 */
import { type Issued, issuedOf } from "./sessions.ts"

export interface Options {
  readonly name: string
  /** How many requests one attempt to get a session needs, without failures. */
  readonly steps: number
}

export interface Figures {
  readonly gets: number
  readonly failed: number
  /** Callers that stopped waiting. */
  readonly gaveUp: number
  readonly sessions: number
  readonly refused: number
  readonly faults: number
  /** While a session was usable, and the most that there may be. */
  readonly renewals: number
  readonly renewalsAllowed: number
  /** While none was usable, and the most that there may be. */
  readonly requestsWithout: number
  readonly requestsWithoutAllowed: number
  readonly mostAtOnce: number
  readonly open: number
  /** Calls that failed although the program had a usable session. */
  readonly failedWithSession: number
  /** Sessions that were returned after their end, or long after a service refused them. */
  readonly dead: number
  /** Everything that must not happen, the first of each kind. */
  readonly violations: ReadonlyArray<string>
}

export interface Ledger {
  /** The server failed, or nothing could run: calls without a session may fail for a while. */
  readonly excuse: (until: number) => void
  readonly fault: () => void
  readonly clockSet: (now: number, offset: number) => void
  /** Returns what ends the request. */
  readonly request: (now: number) => () => void
  /** Returns whether a service refused the session before. */
  readonly got: (id: string, now: number) => boolean
  readonly failed: (error: Error, now: number) => void
  readonly gaveUp: () => void
  readonly refused: (id: string, now: number) => void
  readonly figures: () => Figures
}

interface Known extends Issued {
  /** How far the clock of the machine may have been ahead or, below zero, behind when the session arrived. */
  readonly ahead: number
  readonly behind: number
  refusedAt: number
}

// One second between comparisons of the clocks, and one for a Date without milliseconds.
const tolerance = 2000

// If a `Date` proves that the clock is wrong, a session counts from when it was requested.
const longestExchange = 30_000

// A service may refuse a session again within a minute, and a failed renewal is repeated after five minutes at most.
const longestRefused = 400_000

// A background renewal begins within the last quarter, but an hour before the end at the earliest.
const windowOf = ({ endsAt, issuedAt }: Issued): number => Math.min(3_600_000, (endsAt - issuedAt) / 4)

// The last ten seconds of a session, or a tenth of it, are for requests that are under way.
const marginOf = ({ endsAt, issuedAt }: Issued): number => Math.min(10_000, (endsAt - issuedAt) / 10) + tolerance

/** An attempt of a caller sends three requests, each of which may be sent twice, and waits for a server that throttles. */
const requestsOfFlight = 6

/** On average: most renewals succeed at once, and the pauses of the others grow. */
const requestsOfRenewal = 2

const requestsOfRefusal = 2

export const makeLedger = ({ name, steps }: Options): Ledger => {
  const known = new Map<string, Known>()
  const kinds = new Set<string>()
  const violations: Array<string> = []
  let clocks: ReadonlyArray<{ readonly at: number; readonly offset: number }> = [{ at: -Infinity, offset: 0 }]
  let current: Known | undefined = undefined
  let excusedUntil = -Infinity
  /** Attempts that failed: at the first call that fails after a request, since all that waited fail together. */
  let flights = 0
  let hasSent = false
  let open = 0
  const count = {
    gets: 0,
    failed: 0,
    gaveUp: 0,
    sessions: 0,
    refused: 0,
    faults: 0,
    renewals: 0,
    requestsWithout: 0,
    mostAtOnce: 0,
    failedWithSession: 0,
    dead: 0
  }

  const violation = (kind: string, details: string): void => {
    if (kinds.has(kind)) return
    kinds.add(kind)
    violations.push(`${name}: ${kind}: ${details}`)
  }

  const lastSet = () => clocks[clocks.length - 1]!

  /**
   * For how long a session is usable by every clock that the program may believe. A clock that is set forward lets time
   * pass that nobody can tell from the sleep of a machine.
   */
  const sureLeft = ({ ahead, behind, sureUntil }: Known, now: number): number =>
    sureUntil - now - Math.max(0, ahead, lastSet().offset - Math.min(0, behind))

  /** Undefined if the last session that a caller got is of no use any more. */
  const usable = (now: number): Known | undefined =>
    current !== undefined && current.refusedAt === Infinity && sureLeft(current, now) > marginOf(current)
      ? current
      : undefined

  const offsetsSince = (from: number): ReadonlyArray<number> =>
    clocks.filter((_, index) => (clocks[index + 1]?.at ?? Infinity) > from).map(({ offset }) => offset)

  const learn = (id: string, now: number): Known => {
    const issued = issuedOf(id)
    const offsets = offsetsSince(issued.issuedAt)
    const session: Known = {
      ...issued,
      sureUntil: issued.sureUntil - (offsets.every((offset) => offset === 0) ? 0 : longestExchange),
      ahead: Math.max(...offsets),
      behind: Math.min(...offsets),
      refusedAt: Infinity
    }
    count.sessions += 1
    for (const [other, { endsAt }] of known) if (endsAt + longestRefused < now) known.delete(other)
    known.set(id, session)
    return session
  }

  const isDead = (session: Known, now: number): boolean => {
    if (now >= session.endsAt + tolerance) return true
    return now - Math.max(session.refusedAt, excusedUntil) > longestRefused
  }

  return {
    excuse: (until) => {
      excusedUntil = Math.max(excusedUntil, until)
    },
    fault: () => {
      count.faults += 1
    },
    clockSet: (at, offset) => {
      clocks = [...clocks.slice(-20), { at, offset }]
    },
    request: (now) => {
      const session = usable(now)
      if (session === undefined) count.requestsWithout += 1
      else count.renewals += 1
      if (
        session !== undefined && session.issuedAt > lastSet().at &&
        sureLeft(session, now) > windowOf(session) + tolerance
      ) {
        violation("a request without a reason", `${sureLeft(session, now) / 1000} s before the end of a session`)
      }
      hasSent = true
      open += 1
      count.mostAtOnce = Math.max(count.mostAtOnce, open)
      if (open > 2) violation("more than two requests at once", String(open))
      let isOpen = true
      return () => {
        if (isOpen) open -= 1
        isOpen = false
      }
    },
    got: (id, now) => {
      count.gets += 1
      const session = known.get(id) ?? learn(id, now)
      current = session
      if (isDead(session, now)) {
        count.dead += 1
        violation("a dead session was returned", `${id} at ${now}, refused at ${session.refusedAt}`)
      }
      return session.refusedAt !== Infinity
    },
    failed: (error, now) => {
      count.gets += 1
      count.failed += 1
      if (hasSent) flights += 1
      hasSent = false
      const session = usable(now)
      if (session !== undefined) {
        count.failedWithSession += 1
        const left = sureLeft(session, now) / 1000
        violation("a call failed although a session was usable", `for another ${left} s, at ${now}: ${error.message}`)
      }
      if (now > excusedUntil) violation("a call failed although the server was well", `at ${now}: ${error.message}`)
    },
    gaveUp: () => {
      count.gets += 1
      count.gaveUp += 1
    },
    refused: (id, now) => {
      const session = known.get(id)
      if (session === undefined || session.refusedAt !== Infinity) return
      session.refusedAt = now
      count.refused += 1
    },
    figures: () => {
      const renewalsAllowed = steps * (requestsOfRenewal * count.sessions + requestsOfRefusal * count.refused)
      const requestsWithoutAllowed = steps * requestsOfFlight * (flights + count.gaveUp + count.sessions + 1)
      if (count.renewals > renewalsAllowed || count.requestsWithout > requestsWithoutAllowed) {
        violation("too many requests", `${count.renewals} renewals, ${count.requestsWithout} without a session`)
      }
      if (open > 0) violation("requests were left behind", String(open))
      return { ...count, renewalsAllowed, requestsWithoutAllowed, open, violations }
    }
  }
}
