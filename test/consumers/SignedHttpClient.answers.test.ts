import { HttpClient, type HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber, Layer, Option, Redacted, Stream } from "effect"
import { CredentialProvider, Credentials, SignedHttpClient } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { fault, user } from "../support/cloud.ts"
import { isSoonCollected } from "../support/garbage.ts"
import { scripted } from "../support/network.ts"
import { api, execute, signed, signedOverCloud } from "../support/signedHttp.ts"

describe("a response", () => {
  const big = JSON.stringify({ Code: "InvalidParameter", Message: "x".repeat(200 * 1024) })
  const small = JSON.stringify({ Code: "InvalidParameter", Message: "桶-📦" })
  const ways: Readonly<Record<string, (response: Effect.Effect.Success<ReturnType<typeof execute>>) => unknown>> = {
    text: (response) => response.text,
    "text, twice": (response) => Effect.zipRight(response.text, response.text),
    json: (response) => Effect.map(response.json, JSON.stringify),
    arrayBuffer: (response) => Effect.map(response.arrayBuffer, (buffer) => new TextDecoder().decode(buffer)),
    stream: (response) => Stream.mkString(Stream.decodeText(response.stream))
  }
  for (const [size, body] of Object.entries({ small, big })) {
    for (const status of [200, 400, 503]) {
      for (const [way, read] of Object.entries(ways)) {
        it.live(`of status ${status}, ${size}, can be read as ${way}`, () =>
          Effect.gen(function*() {
            const { layer } = scripted(() =>
              new Response(body, { status, headers: { "x-a": "1", "set-cookie": "a=b" } })
            )
            const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
            assert.strictEqual(response.status, status)
            assert.strictEqual(response.headers["x-a"], "1")
            assert.isTrue("a" in response.cookies.cookies)
            assert.strictEqual(yield* read(response) as Effect.Effect<string>, body)
          }))
      }
    }
  }

  const inPieces = (text: string) =>
    Stream.toReadableStream(
      Stream.rechunk(Stream.fromIterable(text.match(/[^]{1,10000}/gu) ?? []).pipe(Stream.encodeText), 1)
    )

  it.live("that was streamed cannot be read a second time", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() => new Response(inPieces(big), { status: 500 }))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
      assert.isTrue((yield* Stream.mkString(Stream.decodeText(response.stream))) === big)
      for (const again of [response.text, Stream.runDrain(response.stream), response.arrayBuffer]) {
        const error = yield* Effect.flip(again as Effect.Effect<unknown, HttpClientError.ResponseError>)
        assert.strictEqual(error.reason, "Decode")
        assert.include(error.message, "already streamed")
      }
    }))

  it.live("that was gathered, or is short, can be read repeatedly", () =>
    Effect.gen(function*() {
      // Compared as a boolean, because printing the difference of two long texts takes minutes.
      for (const body of [small, big]) {
        const { layer } = scripted(() => new Response(inPieces(body), { status: 500 }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
        const streamed = Stream.mkString(Stream.decodeText(response.stream))
        if (body === small) assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* response.text) === body)
        assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* streamed) === body)
        assert.isTrue((yield* response.text) === body)
      }
    }))

  it.live("can be read as form data and as URL parameters", () =>
    Effect.gen(function*() {
      const form = new FormData()
      form.set("a", "1")
      for (const status of [200, 400]) {
        const multipart = scripted(() => new Response(form, { status }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), multipart.layer))
        assert.strictEqual((yield* response.formData).get("a"), "1")
        const urlencoded = scripted(() => new Response("a=1&b=2", { status }))
        const other = yield* Effect.provide(execute(api()), Layer.provide(signed(user), urlencoded.layer))
        assert.deepStrictEqual([...yield* other.urlParamsBody], [["a", "1"], ["b", "2"]])
      }
    }))

  it.live("has bytes of its own for each who reads them", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() => new Response(small, { status: 400 }))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
      new Uint8Array(yield* response.arrayBuffer).fill(0)
      assert.strictEqual(yield* response.text, small)
    }))

  it.live("has the address that the client says", () =>
    Effect.gen(function*() {
      const address = Option.some("127.0.0.1")
      const client = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.sync(() =>
            Object.defineProperty(HttpClientResponse.fromWeb(request, new Response("{}")), "remoteAddress", {
              value: address
            })
          )
        )
      )
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), client))
      assert.deepStrictEqual(response.remoteAddress, address)
    }))

  it.live("that is no form cannot be read as one, and the error does not quote it", () =>
    Effect.gen(function*() {
      for (const status of [200, 400]) {
        const { layer } = scripted(() => new Response(small, { status }))
        const request = api()
        const response = yield* Effect.provide(execute(request), Layer.provide(signed(user), layer))
        const error = yield* Effect.flip(response.formData)
        assert.strictEqual(error._tag, "ResponseError")
        assert.strictEqual(error.reason, "Decode")
        assert.include(error.message, "the body cannot be read")
        assert.isUndefined(error.cause)
        assert.strictEqual(error.request, request)
      }
    }))

  it.live("without a body cannot be streamed if the client says so", () =>
    Effect.gen(function*() {
      const request = api()
      const { layer } = scripted(() => new Response(null))
      const response = yield* Effect.provide(execute(request), Layer.provide(signed(user), layer))
      const error = yield* Effect.flip(Stream.runDrain(response.stream))
      assert.strictEqual(error.reason, "EmptyBody")
      assert.strictEqual(error.request, request)
      assert.strictEqual(error.response, response)
    }))

  it.live("without a body is empty", () =>
    Effect.gen(function*() {
      const { layer } = scripted(() => new Response(null, { status: 404 }))
      const response = yield* Effect.provide(execute(api("/", "HEAD")), Layer.provide(signed(user), layer))
      assert.strictEqual(yield* response.text, "")
      assert.isNull(yield* response.json)
      assert.strictEqual((yield* Stream.runCollect(response.stream)).length, 0)
    }))

  it.effect("that breaks off can be read up to that point, and then fails", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 500 })
      yield* fault({ kind: "disconnect", at: "body" })
      assert.strictEqual((yield* execute(api())).status, 500)
      const broken = yield* execute(HttpClientRequest.setHeader(api(), "x-acs-version", "0"))
      assert.strictEqual(broken.status, 404)
      const error = yield* Effect.flip(broken.text)
      assert.strictEqual(error._tag, "ResponseError")
      assert.strictEqual(error.response, broken)
    }).pipe(Effect.provide(signedOverCloud(user))))

  /** A body without end, that counts its pieces. */
  const endless = Effect.map(Deferred.make<void>(), (canceled) => {
    const pulled = { count: 0 }
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled.count += 1
          controller.enqueue(blanks)
        },
        cancel: () => Deferred.unsafeDone(canceled, Effect.void)
      }, { highWaterMark: 0 })
    return { body, canceled, pulled }
  })
  const blanks = new Uint8Array(16 * 1024).fill(32)

  it.live("is read ahead for at most 64 KiB, and only if it is an error", () =>
    Effect.gen(function*() {
      for (const [status, most] of [[400, 4], [200, 0]] as const) {
        const { body, canceled, pulled } = yield* endless
        const { layer } = scripted(() => new Response(body(), { status }))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
        assert.strictEqual(pulled.count, most)
        yield* Stream.runDrain(Stream.take(response.stream, 8))
        yield* Deferred.await(canceled)
      }
    }))

  it.live("is released if its reader is interrupted while it is read ahead", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const canceled = yield* Deferred.make<void>()
      const stalled = () =>
        new ReadableStream<Uint8Array>({
          pull: () => Deferred.unsafeDone(begun, Effect.void),
          cancel: () => Deferred.unsafeDone(canceled, Effect.void)
        }, { highWaterMark: 0 })
      const { layer } = scripted(() => new Response(stalled(), { status: 400 }))
      const fiber = yield* Effect.fork(Effect.provide(execute(api()), Layer.provide(signed(user), layer)))
      yield* Deferred.await(begun)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* Deferred.await(canceled)
    }))

  it.live("is released if a custom rule throws", () =>
    Effect.gen(function*() {
      const { body, canceled } = yield* endless
      const { layer } = scripted(() => new Response(body(), { status: 400 }))
      const thrown = new Error("rule")
      const options = {
        isCredentialFailure: () => {
          throw thrown
        }
      }
      const defect = yield* Effect.provide(execute(api()), Layer.provide(signed(user, options), layer)).pipe(
        Effect.as(undefined),
        Effect.catchAllDefect(Effect.succeed)
      )
      assert.strictEqual(defect, thrown)
      yield* Deferred.await(canceled)
    }))

  it.live("that nobody reads is released by the garbage collector", () =>
    Effect.gen(function*() {
      const { body, canceled } = yield* endless
      const { layer } = scripted(() => new Response(body(), { status: 400 }))
      yield* Effect.asVoid(Effect.provide(execute(api()), Layer.provide(signed(user), layer)))
      assert.isTrue(yield* isSoonCollected(Deferred.isDone(canceled)))
    }))

  for (const code of ["SecurityTokenExpired", "InvalidTimeStamp.Expired"]) {
    it.live(`is released if its request is sent again after ${code}`, () =>
      Effect.gen(function*() {
        const canceled = yield* Deferred.make<void>()
        const long = () =>
          new ReadableStream<Uint8Array>({
            pull: (controller) =>
              controller.enqueue(new TextEncoder().encode(`<Code>${code}</Code>${" ".repeat(16 * 1024)}`)),
            cancel: () => Deferred.unsafeDone(canceled, Effect.void)
          }, { highWaterMark: 0 })
        let count = 0
        const provider = CredentialProvider.layer({
          name: "counting",
          fetch: Effect.sync(() =>
            Credentials.AccessKey({
              provider: "counting",
              accessKeyId: `key${count++}`,
              accessKeySecret: Redacted.make("s")
            })
          )
        })
        // No timestamp of the test is near this one.
        const headers = { date: "Thu, 01 Jan 1970 00:00:00 GMT" }
        const { layer } = scripted(() => new Response(long(), { status: 403, headers }), () => Response.json({}))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(provider), layer))
        assert.strictEqual(response.status, 200)
        yield* Deferred.await(canceled)
      }))
  }

  it.effect("that a client filter rejects keeps the kind of its error", () =>
    Effect.gen(function*() {
      const client = yield* SignedHttpClient.make(HttpClient.filterStatusOk(yield* HttpClient.HttpClient))
      yield* fault({ kind: "status", status: 409 })
      const error = yield* Effect.flip(client.execute(api()))
      assert(error._tag === "ResponseError")
      assert.strictEqual(error.reason, "StatusCode")
      assert.strictEqual(error.response.status, 409)
      assert.isTrue(Either.isRight(yield* Effect.either(error.response.text)))
    }).pipe(Effect.provide(Layer.provideMerge(user, LocalCloud.layer()))))
})
