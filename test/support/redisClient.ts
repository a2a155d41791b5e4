/**
 * A client of Redis for a test that has no package for it: one command at a time, with answers that are no arrays.
 */
import { Effect } from "effect"
import { connect } from "node:net"

/** Fails until the server listens. The connection closes with the scope. */
export const connectRedis = (port: number) =>
  Effect.acquireRelease(
    Effect.tryPromise(() =>
      new Promise<ReturnType<typeof connect>>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => resolve(socket)).once("error", reject)
      })
    ),
    (socket) => Effect.sync(() => void socket.destroy())
  ).pipe(Effect.map((socket) => {
    let last: Promise<unknown> = Promise.resolve()
    const send = (args: ReadonlyArray<string>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        let answer = Buffer.alloc(0)
        const onData = (bytes: Buffer): void => {
          answer = Buffer.concat([answer, bytes])
          const parsed = parse(answer)
          if (parsed === undefined) return
          socket.off("data", onData)
          if (parsed instanceof Error) reject(parsed)
          else resolve(parsed)
        }
        socket.on("data", onData)
        socket.write(
          `*${args.length}\r\n` + args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join("")
        )
      })
    return (args: ReadonlyArray<string>): Promise<unknown> => (last = last.catch(() => {}).then(() => send(args)))
  }))

/** Undefined while the answer is not complete. */
const parse = (answer: Buffer): unknown => {
  const end = answer.indexOf("\r\n")
  if (end < 0) return undefined
  const line = answer.toString("utf8", 1, end)
  switch (answer.toString("utf8", 0, 1)) {
    case "+":
      return line
    case "-":
      return new Error(line)
    case ":":
      return Number(line)
    default: {
      const length = Number(line)
      if (length < 0) return null
      return answer.length < end + 2 + length + 2 ? undefined : answer.toString("utf8", end + 2, end + 2 + length)
    }
  }
}
