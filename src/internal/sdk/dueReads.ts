/**
 * Which secret or token belongs to which id, for clients that read them one by one: first the id, then the rest in the
 * same order.
 */

/** The reads of one field that are still due. @internal */
export interface Reads<A> {
  /** The credentials of the id that was read first. Undefined if nothing is due. `now` is in epoch milliseconds. */
  readonly take: (now: number) => A | undefined
  /** The same if nothing else can be due than `current`, which needs no time. Else it returns false. */
  readonly takeOnly: (current: A) => boolean
}

/** @internal */
export interface DueReads<A> {
  /** The id of these credentials was read. */
  readonly add: (snapshot: A, now: number) => void
  readonly secrets: Reads<A>
  readonly tokens: Reads<A>
}

/** @internal */
export interface Options<A> {
  readonly isCurrent: (snapshot: A) => boolean
  readonly isUsable: (snapshot: A, now: number) => boolean
}

// A client reads the secret and the token right after the id, or never.
const kept = 1000
const keptAfterChange = 100

interface Due<A> {
  readonly snapshot: A
  readonly since: number
  after: Due<A> | undefined
}

// Secrets and tokens are two places in one list, since many clients never read a token.
interface Place<A> {
  first: Due<A> | undefined
}

/** @internal */
export const make = <A>({ isCurrent, isUsable }: Options<A>): DueReads<A> => {
  const secrets: Place<A> = { first: undefined }
  const tokens: Place<A> = { first: undefined }
  let last: Due<A> | undefined = undefined

  const isDue = ({ since, snapshot }: Due<A>, now: number): boolean =>
    isUsable(snapshot, now) && now - since < (isCurrent(snapshot) ? kept : keptAfterChange)

  const dropLapsed = (place: Place<A>, now: number): void => {
    while (place.first !== undefined && !isDue(place.first, now)) place.first = place.first.after
  }

  const readsOf = (place: Place<A>): Reads<A> => ({
    take: (now) => {
      dropLapsed(place, now)
      const due = place.first
      place.first = due?.after
      return due?.snapshot
    },
    takeOnly: (current) => {
      const due = place.first
      if (due === undefined) return true
      if (due.snapshot !== current || due.after !== undefined) return false
      place.first = undefined
      return true
    }
  })

  return {
    add: (snapshot, now) => {
      const due: Due<A> = { snapshot, since: now, after: undefined }
      dropLapsed(secrets, now)
      dropLapsed(tokens, now)
      if (last !== undefined) last.after = due
      last = due
      secrets.first ??= due
      tokens.first ??= due
    },
    secrets: readsOf(secrets),
    tokens: readsOf(tokens)
  }
}
