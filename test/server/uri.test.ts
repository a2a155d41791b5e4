/** The credentials of a program at a secret path, for other programs. */
import { FetchHttpClient } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  Scope,
  TestClock
} from "effect"
import {
  CredentialError,
  CredentialProvider,
  Credentials,
  CredentialsServer,
  CredentialsUri
} from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Credential, CredentialConfig } from "../fixtures/sdks.ts"
import { accessKey, session } from "../support/credentials.ts"
import { ask, current, end, giving, start } from "../support/credentialsServer.ts"
import { logs } from "../support/logs.ts"
import { bodyOf, exchange, held, requestOf, statusOf } from "../support/rawHttp.ts"
import { assertShowsNone, renderings } from "../support/renderings.ts"

const failing = (error: CredentialError.CredentialError): CredentialProvider.Service => ({
  name: "test",
  get: Effect.fail(error),
  invalidate: () => Effect.void
})

const fields = {
  Code: "Success",
  AccessKeyId: "STS.Example",
  AccessKeySecret: "secret of STS.Example",
  SecurityToken: "token of STS.Example",
  Expiration: "2099-01-02T03:04:05Z"
}

describe("clients", () => {
  it.scopedLive("the official client for Node.js signs with the session", () =>
    Effect.gen(function*() {
      const { uri } = yield* start()
      const client = new Credential(new CredentialConfig({ type: "credentials_uri", credentialsURI: uri }))
      const { accessKeyId, accessKeySecret, securityToken } = yield* Effect.promise(() => client.getCredential())
      assert.deepStrictEqual([accessKeyId, accessKeySecret, securityToken], [
        fields.AccessKeyId,
        fields.AccessKeySecret,
        fields.SecurityToken
      ])
    }))

  it.scopedLive("the official client asks again at its next call while a session is about to expire", () =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const sessions = [session("STS.Old", now + 30_000), session("STS.Old", now + 30_000), current]
      const get = Effect.sync(() => sessions.shift() ?? current)
      const { uri } = yield* start({}, { name: "test", get, invalidate: () => Effect.void })
      const client = new Credential(new CredentialConfig({ type: "credentials_uri", credentialsURI: uri }))
      const ids = yield* Effect.promise(async () => {
        const seen: Array<string | undefined> = []
        while (seen.length < 3) seen.push((await client.getCredential()).accessKeyId)
        return seen
      })
      assert.deepStrictEqual(ids, ["STS.Old", "STS.Old", "STS.Example"])
    }))

  it.scopedLive("the source of this library gets the session and when it expires", () =>
    Effect.gen(function*() {
      const { uri } = yield* start()
      const provider = yield* CredentialsUri.make({ uri })
      const credentials = yield* provider.get
      assert.deepStrictEqual(Option.map(Credentials.expiration(credentials), DateTime.toEpochMillis), Option.some(end))
    }).pipe(Effect.provide(FetchHttpClient.layer)))
})

describe("the answer", () => {
  it.scopedLive("has the fields of the protocol, is not stored and not for web pages", () =>
    Effect.gen(function*() {
      const { body, text } = yield* ask(yield* start())
      const [, head = ""] = /^HTTP\/1.1 200 OK\r\n(.*?)\r\n\r\n/s.exec(text) ?? []
      const lines = head.toLowerCase().split("\r\n").filter((line) => !line.startsWith("date:")).sort()
      assert.deepStrictEqual(body, fields)
      assert.deepStrictEqual(lines, [
        "cache-control: no-store",
        "connection: close",
        "content-length: 163",
        "content-type: application/json",
        "x-content-type-options: nosniff"
      ])
    }))

  const refusals: ReadonlyArray<readonly [Credentials.Credentials, number, string]> = [
    [accessKey("LTAI"), 403, "AccessKeyNotAllowed"],
    [Credentials.BearerToken({ provider: "test", bearerToken: Redacted.make("bearer") }), 403, "BearerTokenNotAllowed"],
    [
      Credentials.StsToken({
        provider: "test",
        accessKeyId: "STS.A",
        accessKeySecret: Redacted.make("secret"),
        securityToken: Redacted.make("token"),
        expiration: Option.none()
      }),
      403,
      "ExpirationUnknown"
    ],
    [session("STS.A", 1000), 503, "CredentialsExpired"]
  ]
  for (const [credentials, status, code] of refusals) {
    it.scopedLive(`refuses with ${status} ${code}`, () =>
      Effect.gen(function*() {
        const answer = yield* ask(yield* start({}, CredentialProvider.succeed(credentials)))
        assert.deepStrictEqual([answer.status, answer.body.Code], [status, code])
        assert.notMatch(answer.text, /LTAI|STS\.A|secret|bearer"/)
      }))
  }

  it.scoped("has no expiration in the past, also in the last second of a session", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2030, 0, 1))
      const server = yield* start({}, CredentialProvider.succeed(session("STS.A", Date.UTC(2030, 0, 1, 0, 0, 2, 900))))
      yield* TestClock.adjust("1999 millis")
      const last = yield* ask(server)
      assert.deepStrictEqual([last.status, last.body.Expiration], [200, "2030-01-01T00:00:02Z"])
      yield* TestClock.adjust("1 millis")
      const none = yield* ask(server)
      assert.deepStrictEqual([none.status, none.body.Code], [503, "CredentialsExpired"])
      assert.match(none.text, /\r\nretry-after: 1\r\n/i)
    }))

  it.scopedLive("has an expiration that clients can read, also if the session lasts longer", () =>
    Effect.gen(function*() {
      const { body } = yield* ask(yield* start({}, CredentialProvider.succeed(session("STS.A", 8.64e15))))
      assert.strictEqual(body.Expiration, "9999-12-31T23:59:59Z")
    }))

  it.scoped("gives an AccessKey if that is allowed, for an hour", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2030, 0, 1))
      const { body } = yield* ask(
        yield* start({ allowAccessKeys: true }, CredentialProvider.succeed(accessKey("LTAI")))
      )
      assert.deepStrictEqual(body, {
        Code: "Success",
        AccessKeyId: "LTAI",
        AccessKeySecret: "secret of LTAI",
        SecurityToken: "",
        Expiration: "2030-01-01T01:00:00Z"
      })
    }))

  it.scopedLive("says by its status whether a retry may help", () =>
    Effect.gen(function*() {
      const provider = "test"
      const down = new CredentialError.CredentialsUnavailable({
        provider,
        reason: "no route",
        retryAfter: Duration.millis(2500)
      })
      const first = yield* ask(yield* start({}, failing(down)))
      assert.deepStrictEqual([first.status, first.body], [503, {
        Code: "CredentialsUnavailable",
        Message: "test: unavailable (no route)"
      }])
      assert.match(first.text, /\r\nretry-after: 3\r\n/i)
      const refused = new CredentialError.CredentialsRejected({ provider, reason: "no" })
      const second = yield* ask(yield* start({}, failing(refused)))
      assert.deepStrictEqual([second.status, second.body.Code], [403, "CredentialsRejected"])
      assert.notMatch(second.text, /retry-after/i)
    }))

  // The last two are of a program without types.
  const unknown = { _tag: "Unknown", text: "this text" } as never
  const defects = {
    "a defect": Effect.die(new Error("this text")),
    "an error of another kind": Effect.fail(new Error("this text") as never),
    "credentials of another kind": Effect.succeed(unknown)
  }
  for (const [name, get] of Object.entries(defects)) {
    it.scoped(`is 503 for ${name}, which the log has without what it says`, () =>
      Effect.gen(function*() {
        const { layer, lines } = logs()
        const shown = yield* renderings(
          Effect.scoped(Effect.gen(function*() {
            const server = yield* start({}, {
              name: "broken",
              get,
              invalidate: () => Effect.void
            })
            for (const wait of ["0 seconds", "59 seconds", "1 second"] as const) {
              yield* TestClock.adjust(wait)
              const { body, status, text } = yield* ask(server)
              assert.deepStrictEqual([status, body.Code], [503, "CredentialsUnavailable"])
              assert.match(text, /\r\nretry-after: 1\r\n/i)
              assert.notInclude(text, "this text")
            }
          })).pipe(Effect.provide(layer))
        )
        const line = "ERROR the provider has a defect, and clients get no credentials"
        assert.deepStrictEqual(lines, [line, line], "one for each minute")
        assert.notInclude(shown, "this text")
      }))
  }

  for (
    const [name, never] of [["", Effect.never], [" and interruption", Effect.uninterruptible(Effect.never)]] as const
  ) {
    it.scoped(`comes after 8 seconds, also without credentials${name}`, () =>
      Effect.gen(function*() {
        const asked = yield* Deferred.make<void>()
        const get = Effect.zipRight(Deferred.succeed(asked, undefined), never)
        const server = yield* start({}, { name: "test", get, invalidate: () => Effect.void })
        const waiting = yield* Effect.fork(ask(server))
        yield* Deferred.await(asked)
        yield* TestClock.adjust("8 seconds")
        assert.strictEqual((yield* Fiber.join(waiting)).status, 503)
      }))
  }

  it.scopedLive("is not made for a client that has gone, since nothing would end that", () =>
    Effect.gen(function*() {
      const [asked, interrupted] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const get = Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
      )
      let unsent = 0
      const counted = createServer((_, response) => {
        const end = response.end.bind(response)
        const counting = (...given: ReadonlyArray<unknown>) => {
          const then = given.at(-1)
          const sent = typeof then !== "function" ? [] : [() => {
            unsent--
            Reflect.apply(then, response, [])
          }]
          unsent += sent.length
          Reflect.apply(end, response, [...given.slice(0, given.length - sent.length), ...sent])
          return response
        }
        Object.assign(response, { end: counting })
      })
      const context = yield* Layer.build(
        CredentialsServer.layer().pipe(
          Layer.provide(giving({ name: "test", get, invalidate: () => Effect.void })),
          Layer.provide(
            NodeHttpServer.layer(() => counted, { host: "127.0.0.1", port: 0 })
          )
        )
      )
      const { uri } = yield* Effect.provide(CredentialsServer.CredentialsServer, context)
      const { host, pathname, port } = new URL(Redacted.value(uri))
      const client = yield* held(
        { host: "127.0.0.1", port: Number(port) },
        requestOf(`GET ${pathname} HTTP/1.1`, `Host: ${host}`)
      )
      yield* Deferred.await(asked)
      client.destroy()
      yield* Deferred.await(interrupted)
      yield* Effect.sleep("50 millis")
      assert.strictEqual(unsent, 0)
    }))
})

describe("refused requests", () => {
  it.scoped("get the same answer, whatever the reason", () =>
    Effect.gen(function*() {
      const server = yield* start()
      const { address, host, path } = server
      const port = address.port
      const good = [`Host: ${host}`]
      const line = `GET ${path} HTTP/1.1`
      const requests: Readonly<Record<string, string>> = {
        "the host of a rebound name": requestOf(line, `Host: evil.example:${port}`),
        "another port": requestOf(line, `Host: 127.0.0.1:${port + 1}`),
        "a host without its port": requestOf(line, "Host: 127.0.0.1"),
        "a host with a dot at its end": requestOf(line, `Host: localhost.:${port}`),
        "a host and a user": requestOf(line, `Host: a@127.0.0.1:${port}`),
        "two hosts": requestOf(line, ...good, "Host: evil.example"),
        "the same host twice": requestOf(line, ...good, ...good),
        "two hosts in one line": requestOf(line, `Host: ${host}, ${host}`),
        "HTTP/1.0 without a host": requestOf(`GET ${path} HTTP/1.0`),
        "an origin": requestOf(line, ...good, "Origin: https://evil.example"),
        "the origin of a file": requestOf(line, ...good, "Origin: null"),
        "its own origin": requestOf(line, ...good, `Origin: http://${host}`),
        "a web page of another site": requestOf(line, ...good, "Sec-Fetch-Site: cross-site"),
        "a web page of the same site": requestOf(line, ...good, "Sec-Fetch-Site: same-origin"),
        "a proxy": requestOf(line, ...good, "X-Forwarded-For: 127.0.0.1"),
        "a newer proxy": requestOf(line, ...good, "Forwarded: for=127.0.0.1"),
        "the root": requestOf("GET / HTTP/1.1", ...good),
        "the beginning of the path": requestOf(`GET ${path.slice(0, -1)} HTTP/1.1`, ...good),
        "a longer path": requestOf(`GET ${path}A HTTP/1.1`, ...good),
        "another case": requestOf(`GET ${path.toUpperCase()}a HTTP/1.1`, ...good),
        "a slash at the end": requestOf(`GET ${path}/ HTTP/1.1`, ...good),
        "two slashes": requestOf(`GET /${path} HTTP/1.1`, ...good),
        "a dot segment": requestOf(`GET /.${path} HTTP/1.1`, ...good),
        "an encoded dot segment": requestOf(`GET /%2e${path} HTTP/1.1`, ...good)
      }
      for (const [name, request] of Object.entries(requests)) {
        const answer = yield* exchange(address, request)
        assert.strictEqual(statusOf(answer), 404, name)
        assert.strictEqual(bodyOf(answer), `{"Code":"NotFound","Message":"there is nothing here"}`, name)
        yield* TestClock.adjust("1 second")
      }
    }))

  it.scopedLive("get the same answer for other forms of the target and for other methods of a wrong path", () =>
    Effect.gen(function*() {
      const { address, host, path } = yield* start()
      const targets = [
        `http://${host}${path}`,
        `${path}?`,
        `${path}?a=1`,
        `${path}#a`,
        `${path}%00`,
        `*`,
        path.slice(1)
      ]
      for (const target of targets) {
        const answer = yield* exchange(address, requestOf(`GET ${target} HTTP/1.1`, `Host: ${host}`))
        assert.oneOf(statusOf(answer), [400, 404], target)
      }
      for (const method of ["POST", "OPTIONS", "TRACE", "PUT"]) {
        const answer = yield* exchange(address, requestOf(`${method} / HTTP/1.1`, `Host: ${host}`))
        assert.strictEqual(statusOf(answer), 404, method)
      }
    }))

  it.scopedLive("get no credentials by another method, an upgrade or a tunnel", () =>
    Effect.gen(function*() {
      const server = yield* start()
      const { address, host, path } = server
      const methods = ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "PATCH", "PROPFIND"]
      for (const method of methods) {
        const answer = yield* exchange(address, requestOf(`${method} ${path} HTTP/1.1`, `Host: ${host}`))
        assert.strictEqual(statusOf(answer), 405, method)
        assert.match(answer, /\r\nallow: GET\r\n/i)
        assert.notInclude(answer.toLowerCase(), "access-control")
        assert.notInclude(answer, "secret of")
      }
      assert.strictEqual(yield* exchange(address, requestOf(`CONNECT ${host} HTTP/1.1`, `Host: ${host}`)), "")
      const upgrade = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AA=="
      ]
      const page = yield* exchange(address, requestOf(`GET / HTTP/1.1`, `Host: ${host}`, ...upgrade))
      assert.strictEqual(statusOf(page), 404)
      const client = yield* ask(server, "Connection: Upgrade", "Upgrade: h2c")
      assert.strictEqual(client.status, 200, "clients that offer HTTP/2 are served without it")
    }))

  it.scopedLive("are refused by Node.js if they are too big or not HTTP", () =>
    Effect.gen(function*() {
      const server = yield* start()
      assert.strictEqual(statusOf(yield* exchange(server.address, "\x16\x03\x01\r\n\r\n")), 400)
      const big = requestOf(`GET ${server.path} HTTP/1.1`, `Host: ${server.host}`, `X-Big: ${"a".repeat(20_000)}`)
      assert.oneOf(statusOf(yield* exchange(server.address, big)), [431, NaN])
      const many = Array.from({ length: 1500 }, () => "a:")
      assert.strictEqual((yield* ask(server, ...many, "Origin: null")).status, 404, "no header is left out")
    }))

  it.scopedLive("one connection gets one answer, and its other requests are not looked at", () =>
    Effect.gen(function*() {
      let calls = 0
      const get = Effect.sync(() => {
        calls++
        return current
      })
      const { address, host, path } = yield* start({}, { name: "test", get, invalidate: () => Effect.void })
      const request = requestOf(`GET ${path} HTTP/1.1`, `Host: ${host}`)
      const answer = yield* exchange(address, request.repeat(50))
      assert.lengthOf(answer.match(/HTTP\/1\.1 200/g) ?? [], 1)
      assert.strictEqual(calls, 1)
    }))
})

describe("limits", () => {
  it.scoped("so many requests at once, and so many in a second", () =>
    Effect.gen(function*() {
      const server = yield* start({ requestsPerSecond: 2 })
      const statuses = Effect.forEach(Array.from({ length: 5 }), () => Effect.map(ask(server), ({ status }) => status))
      assert.deepStrictEqual(yield* statuses, [200, 200, 200, 200, 429])
      const { body, text } = yield* ask(server)
      assert.deepStrictEqual(body, { Code: "Throttling", Message: "too many requests" })
      assert.match(text, /\r\nretry-after: 1\r\n/i)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* statuses, [200, 200, 429, 429, 429])
    }))

  it.scoped("whoever comes while 256 wait for a session is asked to come again", () =>
    Effect.gen(function*() {
      const [ready, all] = [yield* Deferred.make<Credentials.Credentials>(), yield* Deferred.make<void>()]
      let waiting = 0
      const get = Effect.suspend(() => {
        waiting += 1
        const counted = waiting === 256 ? Deferred.succeed(all, undefined) : Effect.void
        return Effect.zipRight(counted, Deferred.await(ready))
      })
      const server = yield* start({ requestsPerSecond: 200 }, { name: "test", get, invalidate: () => Effect.void })
      const clients = yield* Effect.forEach(Array.from({ length: 256 }), () => Effect.fork(ask(server)))
      yield* Deferred.await(all)
      const { body, status, text } = yield* ask(server)
      assert.deepStrictEqual([status, body.Code], [503, "CredentialsUnavailable"])
      assert.match(text, /\r\nretry-after: 1\r\n/i)
      yield* Deferred.succeed(ready, current)
      const statuses = yield* Effect.forEach(
        clients,
        (client) => Effect.map(Fiber.join(client), ({ status }) => status)
      )
      assert.deepStrictEqual([...new Set(statuses)], [200])
      assert.strictEqual((yield* ask(server)).status, 200)
    }))

  it.scoped("who guesses paths takes no request from the clients", () =>
    Effect.gen(function*() {
      const server = yield* start()
      const guess = exchange(server.address, requestOf("GET /guess HTTP/1.1", `Host: ${server.host}`))
      const statuses = yield* Effect.forEach(Array.from({ length: 25 }), () => Effect.map(guess, statusOf))
      assert.deepStrictEqual([statuses.slice(0, 20).every((status) => status === 404), statuses[20], statuses[24]], [
        true,
        429,
        429
      ])
      assert.strictEqual((yield* ask(server)).status, 200)
    }))

  it.scopedLive("a thousand idle connections do not keep a client out", () =>
    Effect.gen(function*() {
      const server = yield* start()
      yield* Effect.forEach(Array.from({ length: 1000 }), () => held(server.address), { concurrency: 50 })
      assert.strictEqual((yield* ask(server)).status, 200)
    }))

  it.scopedLive("refused upgrades that are never closed do not keep a client out", () =>
    Effect.gen(function*() {
      const server = yield* start()
      const upgrade = requestOf("GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket")
      const refused = Effect.flatMap(held(server.address, upgrade), (socket) =>
        Effect.async<void>((resume) => {
          const end = () => resume(Effect.void)
          if (socket.readableEnded || socket.destroyed) end()
          else socket.once("end", end).once("close", end)
        }))
      yield* Effect.forEach(Array.from({ length: 300 }), () => refused, { concurrency: 50 })
      assert.strictEqual((yield* ask(server)).status, 200)
    }))

  it.scopedLive("a request that does not end is refused", () =>
    Effect.gen(function*() {
      const server = yield* start()
      const slow = yield* exchange(server.address, `GET ${server.path} HTTP/1.1\r\nHost: ${server.host}\r\nX-Slow: `)
      assert.strictEqual(statusOf(slow), 408)
    }))
})

describe("closing", () => {
  it.scopedLive("does not wait for clients that hold connections", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const server = yield* Scope.extend(start(), scope)
      yield* held(server.address)
      yield* held(server.address, "GET /")
      assert.strictEqual((yield* ask(server)).status, 200)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* exchange(server.address, "GET / HTTP/1.1\r\n\r\n"), "")
    }))

  it.live("lets a request in flight end", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const ready = yield* Deferred.make<Credentials.Credentials>()
      const get = Effect.zipRight(Deferred.succeed(asked, undefined), Deferred.await(ready))
      const waiting = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* start({}, { name: "test", get, invalidate: () => Effect.void })
        const waiting = yield* Effect.forkDaemon(ask(server))
        yield* Deferred.await(asked)
        yield* Effect.forkDaemon(Effect.delay(Deferred.succeed(ready, current), "100 millis"))
        return waiting
      }))
      assert.strictEqual((yield* Fiber.join(waiting)).status, 200)
    }))

  it.live("ends a request whose credentials do not come", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const get = Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never)
      const waiting = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* start({}, { name: "test", get, invalidate: () => Effect.void })
        const waiting = yield* Effect.forkDaemon(ask(server))
        yield* Deferred.await(asked)
        return waiting
      }))
      assert.strictEqual((yield* Fiber.join(waiting)).text, "")
    }))
})

describe("options", () => {
  const misconfigured = <A>(layer: Layer.Layer<A, CredentialError.CredentialsMisconfigured>, what: RegExp) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.match(error.message, what)
    })

  const layer = (options: CredentialsServer.Options & NodeCredentials.ListenOptions) =>
    NodeCredentials.layerCredentialsServer(options).pipe(
      Layer.provide(giving(CredentialProvider.succeed(current)))
    )

  it.live("the server listens on loopback, unless remote clients are allowed", () =>
    Effect.gen(function*() {
      yield* misconfigured(
        layer({ host: "0.0.0.0" }),
        /HttpServer.*which other machines may reach.*allowRemoteClients: true/s
      )
      yield* misconfigured(layer({ host: "0.0.0.0", allowRemoteClients: true }), /publicUrl/)
      yield* misconfigured(layer({ publicUrl: "https://keys.example" }), /publicUrl.*is for clients on other machines/s)
      for (const publicUrl of ["keys", "ftp://keys", "https://keys/path", "https://user@keys", "https://keys/?a"]) {
        yield* misconfigured(layer({ allowRemoteClients: true, publicUrl }), /publicUrl/)
      }
    }))

  it.live("numbers and places that are not valid", () =>
    Effect.gen(function*() {
      for (const requestsPerSecond of [0, -1, NaN, Infinity]) {
        yield* misconfigured(
          layer({ requestsPerSecond }),
          /requestsPerSecond: takes a number above 0|requestsPerSecond.*takes a number above 0/s
        )
      }
      for (const port of [-1, 65_536, NaN, 1.5]) {
        yield* misconfigured(layer({ port }), /port.*takes a whole number from 0 to 65535/s)
      }
      const { address } = yield* start()
      yield* misconfigured(layer({ port: address.port }), /cannot listen at 127\.0\.0\.1.*EADDRINUSE/)
    }).pipe(Effect.scoped))

  it.scopedLive("remote clients ask by the public address only", () =>
    Effect.gen(function*() {
      const server = createServer()
      const options = { allowRemoteClients: true, publicUrl: "https://keys.example:8443" }
      const context = yield* Layer.build(
        CredentialsServer.layer(options).pipe(
          Layer.provide(giving(CredentialProvider.succeed(current))),
          Layer.provide(NodeHttpServer.layer(() => server, { host: "0.0.0.0", port: 0 }))
        )
      )
      const { uri } = yield* Effect.provide(CredentialsServer.CredentialsServer, context)
      assert.match(Redacted.value(uri), /^https:\/\/keys\.example:8443\/[\w-]{43}$/)
      const { port } = server.address() as AddressInfo
      const line = `GET ${new URL(Redacted.value(uri)).pathname} HTTP/1.1`
      const statusFor = (...headers: ReadonlyArray<string>) =>
        Effect.map(exchange({ host: "127.0.0.1", port }, requestOf(line, ...headers)), statusOf)
      assert.strictEqual(yield* statusFor("Host: keys.example:8443"), 200)
      assert.strictEqual(yield* statusFor("Host: keys.example:8443", "X-Forwarded-For: 10.0.0.9"), 200)
      assert.strictEqual(yield* statusFor("Host: keys.example"), 404)
      assert.strictEqual(yield* statusFor(`Host: 127.0.0.1:${port}`), 404)
    }))
})

describe("secrets", () => {
  it.live("are in no log, span or error, and in nothing that is printed", () =>
    Effect.gen(function*() {
      const secrets: Array<string> = [fields.AccessKeySecret, fields.SecurityToken]
      const shown = yield* renderings(Effect.scoped(Effect.gen(function*() {
        const server = yield* start()
        secrets.push(server.path)
        yield* ask(server)
        yield* ask(server, "Origin: null")
        yield* exchange(server.address, requestOf(`POST ${server.path} HTTP/1.1`, `Host: ${server.host}`))
      })))
      assert.include(shown, "a request was refused: it has an Origin")
      assertShowsNone(shown, secrets)
    }))

  it.scopedLive("each start has a path of its own, which is not printed", () =>
    Effect.gen(function*() {
      const build = Layer.build(
        NodeCredentials.layerCredentialsServer().pipe(
          Layer.provide(giving(CredentialProvider.succeed(current)))
        )
      )
      const services = yield* Effect.forEach([1, 2], () =>
        Effect.flatMap(build, (context) => Effect.provide(CredentialsServer.CredentialsServer, context)))
      const paths = services.map(({ uri }) =>
        new URL(Redacted.value(uri)).pathname
      )
      assert.notStrictEqual(paths[0], paths[1])
      for (const path of paths) assert.match(path, /^\/[\w-]{43}$/)
      assertShowsNone(services, paths)
    }))
})
