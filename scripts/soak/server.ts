/**
 * A server on loopback that answers as the request asks in its header `x-answer`. Sends its port to the process that
 * forked it.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Answer } from "../../test/support/soak/server.ts"

const server = createServer((request, response) => {
  const answer = JSON.parse(Buffer.from(String(request.headers["x-answer"]), "base64").toString()) as Answer
  const send = (): void => {
    const bytes = Buffer.from(answer.body)
    const half = bytes.subarray(0, bytes.length / 2)
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes.length })
    switch (answer.delivery) {
      case "half, then nothing":
        return void response.write(half)
      case "half, then reset":
        return void response.write(half, () => response.destroy())
      default:
        return void response.end(bytes)
    }
  }
  request.resume().once("end", () => {
    if (answer.delivery === "nothing") return
    setTimeout(() => answer.delivery === "nothing, then reset" ? response.destroy() : send(), answer.delay)
  })
})

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.once("disconnect", () => process.exit())
