/** Requests as bytes on a socket, for what no HTTP client sends. */
import { Effect } from "effect"
import { connect, type Socket } from "node:net"

export interface Address {
  readonly host: string
  readonly port: number
}

/** What the server sends until it ends the connection. The client leaves its half open. */
export const exchange = ({ host, port }: Address, text: string): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    let received = ""
    const end = () => {
      socket.destroy()
      resume(Effect.succeed(received))
    }
    socket.setEncoding("utf8").on("data", (piece: string) => void (received += piece))
    socket.once("connect", () => socket.write(text)).once("end", end).on("error", end).once("close", end)
    return Effect.sync(() => socket.destroy())
  })

/** A connection that stays open until the scope closes, and that has sent `text` and no more. */
export const held = ({ host, port }: Address, text = "") =>
  Effect.acquireRelease(
    Effect.async<Socket>((resume) => {
      const socket = connect({ host, port, allowHalfOpen: true })
      socket.on("data", () => {}).on("error", () => {})
      socket.once("connect", () => {
        socket.write(text)
        resume(Effect.succeed(socket))
      })
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** A request with these lines of headers. */
export const requestOf = (line: string, ...headers: ReadonlyArray<string>): string =>
  [line, ...headers, "", ""].join("\r\n")

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

export const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4)
