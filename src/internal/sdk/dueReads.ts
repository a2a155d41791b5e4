/**
 * Which secret or token belongs to which id, for clients that read them one by one: first the id, then the rest in the
 * same order.
 */

/** The reads of one field that are still due. @internal */
export interface DueReads<A> {
  /** The id of these credentials was read. */
  readonly add: (snapshot: A) => void
  /** The credentials of the id that was read first. Undefined if nothing is due. */
  readonly take: () => A | undefined
}

/** @internal */
export interface Options<A> {
  readonly now: () => number
  readonly isCurrent: (snapshot: A) => boolean
  readonly isUsable: (snapshot: A) => boolean
}

// A client reads the secret and the token right after the id, or never.
const kept = 1000
const keptAfterChange = 100

interface Due<A> {
  readonly snapshot: A
  readonly since: number
}

/** @internal */
export const make = <A>({ isCurrent, isUsable, now }: Options<A>): DueReads<A> => {
  const all: Array<Due<A>> = []

  const isDue = ({ since, snapshot }: Due<A>): boolean =>
    isUsable(snapshot) && now() - since < (isCurrent(snapshot) ? kept : keptAfterChange)

  const dropLapsed = (): void => {
    while (all[0] !== undefined && !isDue(all[0])) all.shift()
  }

  return {
    add: (snapshot) => {
      dropLapsed()
      all.push({ snapshot, since: now() })
    },
    take: () => {
      dropLapsed()
      return all.shift()?.snapshot
    }
  }
}
