/** What runs the programs of the documents keeps them on this machine. No host of these programs exists. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "../support/programs.ts"
import { onLoopback } from "../support/server.ts"

const cloud = onLoopback({ seed: "only-loopback" })

const linesOf = (program: string) =>
  Effect.gen(function*() {
    const { code, errors, output } = yield* run(program, {})
    assert.strictEqual(errors, "")
    assert.strictEqual(code, 0)
    return output.trimEnd().split("\n")
  })

const connections = `
import { connect as connectPlain, createConnection, Socket } from "node:net"
import { connect as connectSecure } from "node:tls"

const shown = (name, open) =>
  new Promise((resolve) => {
    const socket = open()
    const end = (text) => {
      console.log(name, text)
      socket.destroy()
      resolve(undefined)
    }
    socket.on("error", (error) => end(error.message))
    socket.on(name.startsWith("TLS") ? "secureConnect" : "connect", () =>
      end(socket.remoteAddress + (socket.remotePort === 9 ? " at the port" : " at another port")))
  })

await shown("port and host", () => new Socket().connect(9, "127.0.0.2"))
await shown("port in text", () => createConnection("9", "host.invalid"))
await shown("options", () => connectPlain({ port: 9, host: "host.invalid" }))
await shown("frozen options", () => new Socket().connect(Object.freeze({ port: 9, host: "127.0.0.2" })))
await shown("port and path", () => connectPlain({ port: 9, host: "127.0.0.2", path: "/no/socket" }))
await shown("path", () => connectPlain("/no/socket"))
await shown("TLS", () => connectSecure({ port: 9, host: "host.invalid", rejectUnauthorized: false }))
await shown("TLS with port and host", () => connectSecure(9, "127.0.0.2", { rejectUnauthorized: false }))
await new Promise((resolve) => new Socket().connect(9, "127.0.0.2", function() {
  console.log("listener called")
  this.destroy()
  resolve(undefined)
}))
const response = await fetch("http://host.invalid/")
console.log("fetch", response.status > 0)
`

const refused = `
import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from "node:child_process"
import cluster from "node:cluster"
import { createSocket } from "node:dgram"
import * as dns from "node:dns"
import * as dnsPromises from "node:dns/promises"
import { Worker } from "node:worker_threads"

const shown = async (name, attempt) => {
  try {
    await attempt()
    console.log(name, "was not refused")
  } catch (error) {
    console.log(name, /may leave this machine/.test(error.message) ? "refused" : error.message)
  }
}
const udp = (use) => {
  const socket = createSocket("udp4")
  try {
    use(socket)
  } finally {
    socket.close()
  }
}
const ignore = () => {}

await shown("send", () => udp((socket) => socket.send("text", 9, "127.0.0.2")))
await shown("connect", () => udp((socket) => socket.connect(9, "127.0.0.2")))
await shown("lookup", () => dns.lookup("host.invalid", ignore))
await shown("resolve4", () => dns.resolve4("host.invalid", ignore))
await shown("reverse", () => dns.reverse("127.0.0.2", ignore))
await shown("lookupService", () => dns.lookupService("127.0.0.2", 9, ignore))
await shown("Resolver", () => new dns.Resolver().resolve("host.invalid", ignore))
await shown("promises.lookup", () => dnsPromises.lookup("host.invalid"))
await shown("promises.resolve", () => dns.promises.resolve("host.invalid"))
await shown("promises.Resolver", () => new dnsPromises.Resolver().resolveTxt("host.invalid"))
await shown("Worker", () => new Worker("", { eval: true }))
await shown("spawn", () => spawn(process.execPath, ["--version"]))
await shown("exec", () => exec("node --version"))
await shown("execFile", () => execFile(process.execPath, ["--version"]))
await shown("fork", () => fork("program.mts"))
await shown("cluster", () => {
  cluster.setupPrimary({ exec: "program.mts" })
  cluster.fork()
})
await shown("spawnSync", () => spawnSync(process.execPath, ["--version"]))
await shown("execSync", () => execSync("node --version"))
await shown("execFileSync", () => execFileSync(process.execPath, ["--version"]))
console.log("localhost", (await dnsPromises.lookup("localhost")).address.length > 0)
console.log("address", (await dnsPromises.lookup("127.0.0.2")).address)
`

const attempts = Array.from(refused.matchAll(/^await shown\("([^"]+)"/gm), ([, name = ""]) => name)

describe("a program of the documents", () => {
  it.live("connects to this machine only, whatever it asks for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* linesOf(connections), [
        "port and host 127.0.0.1 at another port",
        "port in text 127.0.0.1 at another port",
        "options 127.0.0.1 at another port",
        "frozen options 127.0.0.1 at another port",
        "port and path 127.0.0.1 at another port",
        "path connect ENOENT /no/socket",
        "TLS 127.0.0.1 at another port",
        "TLS with port and host 127.0.0.1 at another port",
        "listener called",
        "fetch true"
      ])
    }).pipe(Effect.provide(cloud)))

  it.live("cannot send datagrams, ask name servers, or start threads and other programs", () =>
    Effect.gen(function*() {
      assert.isAbove(attempts.length, 18)
      assert.deepStrictEqual(yield* linesOf(refused), [
        ...attempts.map((name) => `${name} refused`),
        "localhost true",
        "address 127.0.0.2"
      ])
    }).pipe(Effect.provide(cloud)))
})
