import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer, Option, Redacted, Ref, Scope } from "effect"
import { CredentialProvider, RamRoleArn, StaticCredentials } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { execFile } from "node:child_process"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { inHome } from "../../src/internal/files/home.ts"
import { accessKey } from "../support/credentials.ts"
import { eventually } from "../support/eventually.ts"
import { renderValue } from "../support/renderings.ts"
import { variables } from "../support/variables.ts"

const listen = (server: Http.Server) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () => Effect.sync(() => server.closeAllConnections())
  )

/** Runs a program in a process of its own. */
const run = (script: string) =>
  Effect.async<{ readonly status: unknown; readonly output: string }>((resume) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", script],
      { cwd: new URL("../..", import.meta.url) },
      (error, output) => resume(Effect.succeed({ status: error?.code ?? 0, output }))
    )
    return Effect.sync(() => child.kill())
  })

/** A proxy that refuses every request, and records them. */
const refusingProxy = Effect.gen(function*() {
  const asked: Array<string> = []
  const server = Http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(502).end()
  })
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")
  })
  return { asked, port: yield* listen(server) }
})

const fetchThrough = (url: string, entries: Record<string, string>) =>
  Effect.flatMap(HttpClient.HttpClient, (client) => Effect.option(client.get(url))).pipe(
    Effect.provide(NodeCredentials.layerHttpClient.pipe(Layer.provide(variables(entries))))
  )

describe("layerHttpClient", () => {
  it.scopedLive("uses the proxy of the variables, in upper or lower case", () =>
    Effect.gen(function*() {
      const { asked, port } = yield* refusingProxy
      const proxy = `http://127.0.0.1:${port}`
      yield* fetchThrough("http://one.invalid/", { HTTP_PROXY: proxy })
      yield* fetchThrough("https://two.invalid/", { https_proxy: proxy })
      // Many proxies refuse a tunnel to port 80.
      assert.deepStrictEqual(asked, ["GET http://one.invalid/", "CONNECT two.invalid:443"])
    }))

  it.scopedLive("connects directly to this machine and to hosts in NO_PROXY", () =>
    Effect.gen(function*() {
      const { asked, port } = yield* refusingProxy
      const local = yield* listen(Http.createServer((_, response) => response.end("here")))
      const proxies = { HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: `http://127.0.0.1:${port}` }
      const answer = yield* fetchThrough(`http://127.0.0.1:${local}/`, proxies)
      assert.isTrue(Option.isSome(answer))
      yield* fetchThrough("http://three.invalid/", { ...proxies, NO_PROXY: "three.invalid" })
      assert.deepStrictEqual(asked, [])
    }))

  it.scopedLive("asks nothing through a proxy with NO_PROXY=*, nor what is in a network that NO_PROXY lists", () =>
    Effect.gen(function*() {
      const { asked, port } = yield* refusingProxy
      const local = yield* listen(Http.createServer((_, response) => response.end("here")))
      const proxies = { HTTP_PROXY: `127.0.0.1:${port}` }
      yield* fetchThrough("http://four.invalid/", { ...proxies, NO_PROXY: "*" })
      yield* fetchThrough(`http://127.0.0.1:${local}/`, { ...proxies, NO_PROXY: "192.0.2.0/24" })
      assert.deepStrictEqual(asked, [])
      yield* fetchThrough("http://five.invalid/", { ...proxies, NO_PROXY: "192.0.2.0/24" })
      assert.lengthOf(asked, 1)
    }))

  it.live("refuses a proxy that is not an address where a request needs it, without showing it", () =>
    Effect.gen(function*() {
      const entries = { HTTPS_PROXY: "canary-password@:no", HTTP_PROXY: "canary-password@:no" }
      const node = NodeCredentials.layerHttpClient.pipe(Layer.provideMerge(variables(entries)))
      const role = RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/admin" }).pipe(
        Layer.provide(StaticCredentials.layerAccessKey({ accessKeyId: "a", accessKeySecret: Redacted.make("b") }))
      )
      const error = yield* Effect.flip(Effect.provide(CredentialProvider.get, Layer.provide(role, node)))
      assert(error._tag === "CredentialsMisconfigured")
      assert.strictEqual(error.at, "HTTPS_PROXY")
      assert.match(
        error.message,
        /misconfigured \(HTTPS_PROXY: is not the address of a proxy\)\n  fix: write it as http:\/\/host:port$/
      )
      assert.notInclude(renderValue(error), "canary")
      const other = yield* Effect.flip(
        Effect.flatMap(HttpClient.HttpClient, (client) => client.get("http://a.invalid/")).pipe(Effect.provide(node))
      )
      assert.notInclude(renderValue(other), "canary")
    }))

  it.live("does not keep credentials that need no request from being found", () =>
    Effect.gen(function*() {
      const environment = variables({
        HTTPS_PROXY: "canary-password@:no",
        ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI.test",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret"
      })
      const layer = Layer.provide(NodeCredentials.layer, environment)
      assert.strictEqual((yield* Effect.provide(CredentialProvider.get, layer))._tag, "AccessKey")
    }))
})

describe("layerPlatform", () => {
  it.effect("finds the home folder of the user if no variable names it", () =>
    Effect.gen(function*() {
      const inHomeOf = (variables: Readonly<Record<string, string>>) =>
        inHome("test", "file").pipe(
          Effect.provide(NodeCredentials.layerPlatform),
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
        )
      assert.strictEqual(yield* inHomeOf({}), join(userInfo().homedir, "file"))
      assert.strictEqual(yield* inHomeOf({ HOME: "/elsewhere" }), join("/elsewhere", "file"))
    }))
})

describe("keepWarm", () => {
  it.live("calls get at once and on its schedule, until its scope closes", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const counting = Layer.succeed(CredentialProvider.CredentialProvider, {
        name: "test",
        get: Effect.as(Ref.update(count, (n) => n + 1), accessKey("key")),
        invalidate: () => Effect.void
      })
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(Layer.provide(NodeCredentials.keepWarm("5 millis"), counting), scope)
      yield* eventually(Effect.map(Ref.get(count), (n) => assert.isAtLeast(n, 3)))
      yield* Scope.close(scope, Exit.void)
      const after = yield* Ref.get(count)
      // Timers of the same length fire in turn, so a timer that was left would fire between these.
      yield* Effect.repeatN(Effect.sleep("5 millis"), 5)
      assert.strictEqual(yield* Ref.get(count), after)
    }))

  const statusWith = (layer: string) =>
    Effect.map(
      run(`
        import { CredentialProvider, StaticCredentials } from "effect-alicloud-credentials"
        import * as NodeCredentials from "effect-alicloud-credentials/node"
        import { Layer, ManagedRuntime, Redacted } from "effect"
        const source = StaticCredentials.layerBearerToken(Redacted.make("token"))
        const runtime = ManagedRuntime.make(${layer}.pipe(Layer.provideMerge(source)))
        const isKeptAlive = () => process.getActiveResourcesInfo().includes("Timeout")
        const after = (turns) => turns === 0 ? process.exit(isKeptAlive() ? 3 : 0) : setImmediate(after, turns - 1)
        runtime.runPromise(CredentialProvider.get).then(() => after(1000))
      `),
      ({ status }) => status
    )

  it.live(
    "of the Node.js entry point does not keep the process alive, unlike that of the library",
    () =>
      Effect.gen(function*() {
        const [node, library] = yield* Effect.all(
          [statusWith("NodeCredentials.keepWarm()"), statusWith("CredentialProvider.keepWarm()")],
          { concurrency: 2 }
        )
        assert.strictEqual(node, 0)
        assert.strictEqual(library, 3)
      })
  )
})

describe("the fetch of the program", () => {
  it.live("sends a request with its own content-length after the Node.js entry point was loaded", () =>
    Effect.gen(function*() {
      const server = Http.createServer((request, response) => void request.pipe(response))
      const port = yield* listen(server)
      const script = `
        import "effect-alicloud-credentials/node"
        const options = { method: "POST", body: "text", headers: { "content-length": "4" } }
        const response = await fetch("http://127.0.0.1:${port}/", options)
        process.stdout.write(await response.text())
      `
      assert.strictEqual((yield* run(script)).output, "text")
    }).pipe(Effect.scoped))
})
