/**
 * Events in the order of their times: a binary heap, since simulations have millions of them.
 */
export interface Event {
  readonly at: number
}

export interface Events<E extends Event> {
  readonly add: (event: E) => void
  readonly take: () => E | undefined
}

export const make = <E extends Event>(): Events<E> => {
  const heap: Array<E> = []

  const sinkInto = (hole: number, event: E): void => {
    let at = hole
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      const child = right < heap.length && heap[right]!.at < heap[left]!.at ? right : left
      if (child >= heap.length || heap[child]!.at >= event.at) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = event
  }

  return {
    add: (event) => {
      let at = heap.length
      for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.at > event.at; parent = (at - 1) >> 1) {
        heap[at] = heap[parent]!
        at = parent
      }
      heap[at] = event
    },
    take: () => {
      const first = heap[0]
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) sinkInto(0, last)
      return first
    }
  }
}
