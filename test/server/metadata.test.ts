/** The session of a program as the metadata service of an instance. */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { CredentialError, CredentialProvider, CredentialsServer } from "effect-alicloud-credentials"
import { execFile, spawnSync } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { accessKey } from "../support/credentials.ts"
import { current, giving } from "../support/credentialsServer.ts"
import { bodyOf, exchange, requestOf, statusOf } from "../support/rawHttp.ts"

const tokenPath = "/latest/api/token"
const rolesPath = "/latest/meta-data/ram/security-credentials/"
const ttl = (seconds: number | string) => `X-aliyun-ecs-metadata-token-ttl-seconds: ${seconds}`

const start = (provider = CredentialProvider.succeed(current), options: CredentialsServer.Limits = {}) =>
  Effect.gen(function*() {
    const server = createServer()
    yield* Layer.build(
      CredentialsServer.layerMetadata({ roleName: "app", ...options }).pipe(
        Layer.provide(giving(provider)),
        Layer.provide(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 }))
      )
    )
    const { port } = server.address() as AddressInfo
    const send = (line: string, ...headers: ReadonlyArray<string>) =>
      Effect.map(
        exchange({ host: "127.0.0.1", port }, requestOf(`${line} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers)),
        (text) => ({ status: statusOf(text), body: bodyOf(text), text })
      )
    const token = (seconds = 21_600) => Effect.map(send(`PUT ${tokenPath}`, ttl(seconds)), ({ body }) => body)
    const get = (path: string, token: string) => send(`GET ${path}`, `X-aliyun-ecs-metadata-token: ${token}`)
    return { port, send, token, get }
  })

describe("the metadata service", () => {
  it.scoped("gives a token, the name of the role and its session", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2030, 0, 1))
      const { get, send, token } = yield* start()
      const made = yield* send(`PUT ${tokenPath}`, ttl(60))
      assert.strictEqual(made.status, 200)
      assert.match(made.text, /\r\ncontent-type: text\/plain\r\n/i)
      assert.match(made.text, /\r\nx-aliyun-ecs-metadata-token-ttl-seconds: 60\r\n/i)
      const role = yield* get(rolesPath, made.body)
      assert.deepStrictEqual([role.status, role.body], [200, "app"])
      assert.strictEqual((yield* get(rolesPath.slice(0, -1), made.body)).body, "app")
      const session = yield* get(`${rolesPath}app`, yield* token())
      assert.deepStrictEqual([session.status, JSON.parse(session.body)], [200, {
        Code: "Success",
        AccessKeyId: "STS.Example",
        AccessKeySecret: "secret of STS.Example",
        SecurityToken: "token of STS.Example",
        Expiration: "2099-01-02T03:04:05Z",
        LastUpdated: "2030-01-01T00:00:00Z"
      }])
    }))

  it.scoped("gives nothing without a token that it has made and that has not expired", () =>
    Effect.gen(function*() {
      const { get, send, token } = yield* start()
      const own = yield* token(10)
      const foreign = yield* Effect.flatMap(start(), (other) => other.token())
      const longer = own.replace(/^\w+/, "zzzzzzzz")
      for (const path of [rolesPath, `${rolesPath}app`]) {
        const missing = yield* send(`GET ${path}`)
        assert.deepStrictEqual([missing.status, missing.body], [401, "401 - Unauthorized"])
        for (const wrong of ["", "a", `${own}a`, foreign, longer]) {
          assert.strictEqual((yield* get(path, wrong)).status, 401, wrong)
        }
        yield* TestClock.adjust("3 seconds")
      }
      assert.strictEqual((yield* get(rolesPath, own)).status, 200)
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual((yield* get(rolesPath, own)).status, 401)
    }))

  it.scoped("refuses what no client sends", () =>
    Effect.gen(function*() {
      const { get, port, send, token } = yield* start()
      for (
        const [seconds, status] of [[1, 200], [21_600, 200], [0, 400], [21_601, 400], ["", 400], ["1.5", 400]] as const
      ) {
        assert.strictEqual((yield* send(`PUT ${tokenPath}`, ttl(seconds))).status, status, String(seconds))
      }
      assert.strictEqual((yield* send(`PUT ${tokenPath}`)).status, 400)
      assert.strictEqual((yield* send(`GET ${tokenPath}`, ttl(60))).status, 405)
      assert.strictEqual((yield* send(`POST ${rolesPath}`)).status, 405)
      const own = yield* token()
      assert.strictEqual((yield* get(`${rolesPath}other`, own)).status, 404)
      assert.strictEqual((yield* get("/latest/meta-data/", own)).status, 404)
      yield* TestClock.adjust("1 minute")
      for (const header of ["X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1", "Origin: http://evil.example"]) {
        const refused = yield* send(`PUT ${tokenPath}`, ttl(60), header)
        assert.deepStrictEqual([refused.status, refused.body], [403, "403 - Forbidden"], header)
        assert.strictEqual(
          (yield* send(`GET ${rolesPath}app`, `X-aliyun-ecs-metadata-token: ${own}`, header)).status,
          403
        )
      }
      const rebound = requestOf(`PUT ${tokenPath} HTTP/1.1`, "Host: evil.example", ttl(60))
      assert.strictEqual(statusOf(yield* exchange({ host: "127.0.0.1", port }, rebound)), 403)
    }))

  it.scoped("never gives an AccessKey, and says nothing of what failed", () =>
    Effect.gen(function*() {
      const key = yield* start(CredentialProvider.succeed(accessKey("LTAI")))
      assert.strictEqual((yield* key.get(`${rolesPath}app`, yield* key.token())).status, 403)
      const error = new CredentialError.CredentialsMisconfigured({
        provider: "test",
        at: "/home/me/.aliyun",
        reason: "no"
      })
      const broken = yield* start({ name: "test", get: Effect.fail(error), invalidate: () => Effect.void })
      const { body, status } = yield* broken.get(`${rolesPath}app`, yield* broken.token())
      assert.deepStrictEqual([status, JSON.parse(body)], [403, {
        Code: "CredentialsMisconfigured",
        Message: "there are no credentials"
      }])
    }))

  it.scoped("limits requests for tokens", () =>
    Effect.gen(function*() {
      const { send } = yield* start(CredentialProvider.succeed(current), { requestsPerSecond: 1 })
      const statuses = yield* Effect.forEach([1, 2, 3], () =>
        Effect.map(send(`PUT ${tokenPath}`, ttl(60)), ({ status }) => status))
      assert.deepStrictEqual(statuses, [200, 200, 429])
    }))

  it.scopedLive("listens where only this machine can ask", () =>
    Effect.gen(function*() {
      const failure = (host: string, roleName: string) =>
        Effect.flip(Layer.build(
          CredentialsServer.layerMetadata({ roleName }).pipe(
            Layer.provide(giving(CredentialProvider.succeed(current))),
            Layer.provide(NodeHttpServer.layer(() => createServer(), { host, port: 0 }))
          )
        ))
      assert.match((yield* failure("0.0.0.0", "app")).message, /HttpServer.*which other machines may reach/s)
      for (const name of ["", ".", "..", "a/b", "a b", "a\r\n", "a".repeat(65)]) {
        assert.match((yield* failure("127.0.0.1", name)).message, /roleName/)
      }
    }))

  it.scopedLive("is asked by any HTTP client", () =>
    Effect.gen(function*() {
      const { port } = yield* start()
      const request = HttpClientRequest.put(`http://localhost:${port}${tokenPath}`).pipe(
        HttpClientRequest.setHeader("x-aliyun-ecs-metadata-token-ttl-seconds", "60")
      )
      assert.strictEqual((yield* HttpClient.execute(request)).status, 200)
    }).pipe(Effect.provide(FetchHttpClient.layer)))
})

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A network of its own: loopback with the address of the metadata service, and nothing else. */
const inNamespace = (...command: ReadonlyArray<string>) => [
  "-rn",
  "sh",
  "-c",
  "ip link set lo up && ip addr add 100.100.100.200/32 dev lo && exec \"$@\"",
  "sh",
  ...command
]

const hasNamespaces = spawnSync("unshare", inNamespace("true")).status === 0

describe("the metadata service at 100.100.100.200", () => {
  it.live.skipIf(!hasNamespaces)(
    "serves the official client for Node.js in a namespace of unshare",
    () =>
      Effect.gen(function*() {
        const program = fileURLToPath(new URL("../fixtures/metadataServer.ts", import.meta.url))
        const command = inNamespace(process.execPath, "--import", "tsx", program)
        const output = yield* Effect.async<string>((resume) => {
          execFile(
            "unshare",
            command,
            {
              cwd: root,
              env: { PATH: process.env["PATH"] ?? "", TSX_TSCONFIG_PATH: `${root}/tsconfig.json` },
              timeout: 60_000
            },
            (error, output, complaint) =>
              resume(error === null ? Effect.succeed(output) : Effect.die(complaint + output))
          )
        })
        const session = {
          accessKeyId: "STS.Example",
          accessKeySecret: "secret of STS.Example",
          securityToken: "token of STS.Example"
        }
        assert.deepStrictEqual(JSON.parse(output), {
          "a role by its name": session,
          "the role that is attached": session,
          "after the server has closed": "refused"
        })
      })
  )
})
