import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { AlicloudSdk, CredentialProvider } from "effect-alicloud-credentials"
import { Readable } from "node:stream"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as signedServices from "../fixtures/signedServices.ts"
import { fakeDate, hour } from "../support/clock.ts"
import { assertRefusal, forgetful, refusal, rejection } from "../support/sdk.ts"
import { load } from "./client.ts"

const { PutObjectCommand, S3Client } = load<{
  readonly S3Client: new(options: object) => { readonly send: (command: object) => Promise<unknown> }
  readonly PutObjectCommand: new(input: object) => object
}>("@aws-sdk/client-s3")

const object = new PutObjectCommand({ Bucket: "local-bucket", Key: "a", Body: "text" })

const clientOf = (credential: AlicloudSdk.SdkCredential, endpoint: string, more: object = {}) =>
  new S3Client({
    credentials: AlicloudSdk.awsSdk(credential),
    endpoint,
    region: "oss-cn-hangzhou",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    ...more
  })

/** A client, and a provider that can be set to refuse. */
const start = Effect.gen(function*() {
  const setDate = yield* fakeDate
  const ring = new KeyRing()
  const services = yield* signedServices.make(ring)
  const state = { refuses: false }
  const issue = Effect.sync(() => toCredentials(ring.issue(hour)))
  const service = yield* CredentialProvider.make({
    name: "key_ring",
    fetch: Effect.suspend(() => state.refuses ? Effect.fail(refusal) : issue),
    refresh: { jitter: 0 }
  })
  const client = clientOf(yield* AlicloudSdk.fromService(service), services.url)
  const send = () => client.send(object)
  const put = Effect.promise(send)
  const leave = (seconds: number) => setDate((ring.issued.at(-1)?.expiresAt ?? Infinity) - seconds * 1000)
  return { ring, service, services, state, send, put, leave, setDate }
})

const keysOf = (services: signedServices.SignedServices) => services.arrivals.map(({ accessKeyId }) => accessKeyId)

const refusalsOf = (services: signedServices.SignedServices) => services.arrivals.map(({ refusal }) => refusal)

describe("awsSdk", () => {
  it.live("has none of 50 parallel puts refused when a session expires", () =>
    Effect.gen(function*() {
      const { leave, put, ring, services } = yield* start
      yield* put
      for (const seconds of [3600, 901, 900, 60, 1, 0, -1]) {
        leave(seconds)
        yield* Effect.all(Array.from({ length: 50 }, () => put), { concurrency: "unbounded" })
      }
      assert.deepStrictEqual(refusalsOf(services), Array.from({ length: 351 }, () => ""))
      assert.deepStrictEqual([...new Set(keysOf(services))], ring.issued.map(({ accessKeyId }) => accessKeyId))
    }).pipe(Effect.scoped))

  it.live("signs with the session that is still valid when a renewal fails, and rejects when it has expired", () =>
    Effect.gen(function*() {
      const { leave, put, ring, send, services, setDate, state } = yield* start
      yield* put
      state.refuses = true
      leave(300)
      yield* put
      leave(0)
      assertRefusal(yield* rejection(send))
      state.refuses = false
      setDate((yield* Clock.currentTimeMillis) + hour)
      yield* put
      const [first, second] = ring.issued.map(({ accessKeyId }) => accessKeyId)
      assert.deepStrictEqual(keysOf(services), [first, first, second])
      assert.deepStrictEqual(refusalsOf(services), ["", "", ""])
    }).pipe(Effect.scoped))

  it.live("has the next session at the next call, when a service refused the last one", () =>
    Effect.gen(function*() {
      const { put, ring, send, service, services } = yield* start
      yield* put
      ring.revokeLast()
      // The client does not repeat a request that was refused, so the program has to.
      yield* rejection(send)
      yield* Effect.flatMap(service.get, service.invalidate)
      yield* Effect.all(Array.from({ length: 50 }, () => put), { concurrency: "unbounded" })
      assert.deepStrictEqual(refusalsOf(services).slice(0, 2), ["", "InvalidAccessKeyId"])
      assert.isTrue(refusalsOf(services).slice(2).every((refusal) => refusal === ""))
      assert.strictEqual(ring.issued.length, 2)
    }).pipe(Effect.scoped))

  it.live("signs each retry of a request with the credentials of the moment", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const services = yield* signedServices.make(ring)
      const credential = yield* AlicloudSdk.fromService(forgetful(ring).service)
      const put = Effect.promise(() => clientOf(credential, services.url).send(object))
      services.failures.push(503, 0)
      yield* put
      assert.strictEqual(new Set(keysOf(services)).size, 3)
      assert.deepStrictEqual(refusalsOf(services), ["Status503", "Status0", ""])
    }).pipe(Effect.scoped))

  it.live("signs a stream in chunks, which OSS refuses, unless checksums are only sent when required", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const services = yield* signedServices.make(ring)
      const credential = yield* AlicloudSdk.fromService(forgetful(ring).service)
      for (const requestChecksumCalculation of ["WHEN_SUPPORTED", "WHEN_REQUIRED"]) {
        const client = clientOf(credential, services.url, { requestChecksumCalculation })
        const put = new PutObjectCommand({
          Bucket: "local-bucket",
          Key: "a",
          Body: Readable.from(["text"]),
          ContentLength: 4
        })
        yield* Effect.promise(() => client.send(put).catch(() => {}))
      }
      assert.deepStrictEqual(refusalsOf(services), ["SignatureDoesNotMatch", ""])
    }).pipe(Effect.scoped))
})
