/** The package gets a token of the service, not credentials: the token comes from an action of pop-core. */
import Core from "@alicloud/pop-core"
import { beforeAll } from "@effect/vitest"
import { AlicloudSdk } from "effect-alicloud-credentials"
import type { IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { client, load } from "./client.ts"

const { SpeechTranscription } = load<{
  readonly SpeechTranscription: new(options: object) => {
    readonly start: (params: object) => Promise<string>
    readonly shutdown: () => void
  }
}>("alibabacloud-nls")

interface Socket {
  readonly once: (event: "message", listener: () => void) => void
  readonly send: (text: string) => void
}

interface SocketServer {
  readonly once: (event: "listening", listener: () => void) => void
  readonly on: (event: "connection", listener: (socket: Socket) => void) => void
  readonly address: () => AddressInfo
  readonly close: () => void
}

// The package itself is on top of it.
const { WebSocketServer } = load<{ readonly WebSocketServer: new(options: object) => SocketServer }>("ws")

let url = ""

const verifyClient = ({ req }: { readonly req: IncomingMessage }) =>
  req.headers["x-nls-token"] === "token of the service"

/** Accepts only the token, and answers as the service does when a transcription starts. */
beforeAll(async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, verifyClient })
  await new Promise<void>((resolve) => server.once("listening", resolve))
  server.on("connection", (socket) => {
    socket.once("message", () => socket.send(JSON.stringify({ header: { name: "TranscriptionStarted" } })))
  })
  url = `ws://127.0.0.1:${server.address().port}`
  return () => server.close()
})

client("alibabacloud-nls", (credential, { url: endpoint }) => {
  const options = { endpoint, apiVersion: "2019-02-28", credentialsProvider: AlicloudSdk.popCore(credential) }
  const core = new Core(options as never)
  return async () => {
    const { Token } = await core.request<{ readonly Token: { readonly Id: string } }>("CreateToken", {}, {
      method: "POST"
    })
    const transcription = new SpeechTranscription({ url, appkey: "app", token: Token.Id })
    await transcription.start({})
    transcription.shutdown()
  }
})
