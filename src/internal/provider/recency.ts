/**
 * A list in the order of use. It stands beside a `Map`, whose own order is too expensive for this: an entry that is
 * removed and added again all the time leaves a long chain behind, in which it has to be found each time.
 */

/** In at most one list. @internal */
export interface Link<A> {
  readonly value: A
  before: Link<A>
  after: Link<A>
}

/** @internal */
export interface Recency<A> {
  /** Puts it behind all others, whether it is in the list or not. */
  readonly use: (link: Link<A>) => void
  /** From the least recently used one on. The current one may be removed meanwhile. */
  readonly fromOldest: () => Iterable<Link<A>>
}

/** In no list yet. @internal */
export const link = <A>(value: A): Link<A> => {
  const own = { value } as Link<A>
  own.before = own
  own.after = own
  return own
}

/** Does nothing to one that is in no list. @internal */
export const remove = <A>(link: Link<A>): void => {
  link.before.after = link.after
  link.after.before = link.before
  link.before = link
  link.after = link
}

/** @internal */
export const make = <A>(): Recency<A> => {
  // Before the oldest and behind the newest. Nobody sees its value.
  const end = link<A>(undefined as A)
  return {
    use: (link) => {
      if (link.after === end) return
      remove(link)
      link.before = end.before
      link.after = end
      end.before.after = link
      end.before = link
    },
    *fromOldest() {
      for (let link = end.after; link !== end;) {
        const { after } = link
        yield link
        link = after
      }
    }
  }
}
