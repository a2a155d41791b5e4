/**
 * A list in the order of use. It stands beside a `Map`, whose own order is too expensive for this: an entry that is
 * removed and added again all the time leaves a long chain behind, in which it has to be found each time.
 */

/** @internal */
export interface Link<A> {
  readonly value: A
  before: Link<A>
  after: Link<A>
}

/** @internal */
export interface Recency<A> {
  /** As the most recently used one. */
  readonly add: (value: A) => Link<A>
  readonly use: (link: Link<A>) => void
  readonly remove: (link: Link<A>) => void
  /** From the least recently used one on. The current one may be removed meanwhile. */
  readonly fromOldest: () => Iterable<Link<A>>
}

const takeOut = <A>({ after, before }: Link<A>): void => {
  before.after = after
  after.before = before
}

const putBefore = <A>(link: Link<A>, after: Link<A>): void => {
  const { before } = after
  link.before = before
  link.after = after
  before.after = link
  after.before = link
}

/** @internal */
export const make = <A>(): Recency<A> => {
  // Before the oldest and behind the newest. Nobody sees its value.
  const end = {} as Link<A>
  end.before = end
  end.after = end
  return {
    add: (value) => {
      const link = { value, before: end, after: end }
      putBefore(link, end)
      return link
    },
    use: (link) => {
      if (link.after === end) return
      takeOut(link)
      putBefore(link, end)
    },
    remove: takeOut,
    *fromOldest() {
      for (let link = end.after; link !== end;) {
        const { after } = link
        yield link
        link = after
      }
    }
  }
}
