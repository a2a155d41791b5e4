/** Servers of this machine for the programs: proxies, and servers with faults. Each answers with its name. */
import { Effect, type Scope } from "effect"
import { createServer, type RequestListener } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { type AddressInfo, connect, type Server, type Socket } from "node:net"
import { certificateFor } from "../../test/support/certificate.ts"

const answering =
  (name: string, headers: Readonly<Record<string, string>> = {}): RequestListener => (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify({
      Code: "Success",
      AccessKeyId: name,
      AccessKeySecret: "example-secret",
      SecurityToken: "example-token",
      Expiration: new Date(Date.now() + 3_600_000).toISOString()
    }))
  }

/** The port of a server, which closes with the scope. */
const listening = (server: Server): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<Socket>()
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket)).on("error", () => {})
  })
  return Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )
}

/** Answers requests for http itself, and connects all that are for https to one server. */
const proxyTo = (port: number): Server =>
  createServer(answering("through-proxy")).on("connect", (_request, client: Socket) => {
    const server = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      client.pipe(server).pipe(client)
    })
    server.on("error", () => client.destroy())
    client.on("close", () => server.destroy())
  })

const refusingProxy = (): Server =>
  createServer((_request, response) => void response.writeHead(502).end()).on("connect", (_request, client: Socket) => {
    client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")
  })

export interface Servers {
  /** The addresses, by the names of the variables for the programs. */
  readonly variables: Readonly<Record<string, string>>
  /** The certificate that a program has to trust. */
  readonly certificate: string
}

export const start: Effect.Effect<Servers, never, Scope.Scope> = Effect.gen(function*() {
  const trusted = certificateFor("keys.invalid")
  const tunneled = yield* listening(createSecureServer(trusted, answering("through-tunnel")))
  const direct = yield* listening(createServer(answering("direct")))
  const encoded = yield* listening(createServer(answering("encoded", { "content-encoding": "gzip" })))
  const proxy = yield* listening(proxyTo(tunneled))
  const refusing = yield* listening(refusingProxy())
  const untrusted = yield* listening(createSecureServer(certificateFor("localhost"), answering("untrusted")))
  const closed = yield* Effect.scoped(listening(createServer()))
  return {
    certificate: trusted.cert,
    variables: {
      CLOSED_ADDRESS: `127.0.0.1:${closed}`,
      // Another name for this machine, which a proxy is used for.
      DIRECT_SERVER: `http://0.0.0.0:${direct}/`,
      ENCODED_SERVER: `http://127.0.0.1:${encoded}/`,
      PROXY: `http://127.0.0.1:${proxy}`,
      REFUSING_PROXY: `http://127.0.0.1:${refusing}`,
      UNTRUSTED_SERVER: `https://127.0.0.1:${untrusted}/`
    }
  }
})
