/**
 * The connections of a server: not too many without a request, of which the oldest ones make room for the others, and none
 * that keeps it open. Requests are limited by what answers them.
 */

/** @internal */
export interface Connection {
  readonly destroy: () => unknown
  readonly once: (event: "close", listener: () => void) => unknown
}

/** @internal */
export interface Connections {
  /** A connection was opened. */
  readonly opened: (connection: Connection) => void
  /** Its request has arrived. */
  readonly asked: (connection: Connection) => void
  /** Ends all but the requests in flight, then calls `then` when none of them is left. */
  readonly drain: (then: () => void) => void
  /** Ends all. */
  readonly destroy: () => void
}

/** @internal */
export const make = (most: number): Connections => {
  // In the order in which they were opened.
  const waiting = new Set<Connection>()
  const busy = new Set<Connection>()
  let drained: (() => void) | undefined = undefined

  const end = (connections: Iterable<Connection>) => {
    for (const connection of connections) connection.destroy()
  }

  const closed = (connection: Connection) => {
    waiting.delete(connection)
    busy.delete(connection)
    if (busy.size === 0) drained?.()
  }

  const makeRoom = () => {
    if (waiting.size <= most) return
    const [oldest] = waiting
    oldest?.destroy()
    if (oldest !== undefined) waiting.delete(oldest)
  }

  return {
    opened: (connection) => {
      waiting.add(connection)
      connection.once("close", () => closed(connection))
      makeRoom()
    },
    asked: (connection) => {
      if (waiting.delete(connection)) busy.add(connection)
    },
    drain: (then) => {
      drained = then
      end([...waiting])
      if (busy.size === 0) then()
    },
    destroy: () => end([...waiting, ...busy])
  }
}
