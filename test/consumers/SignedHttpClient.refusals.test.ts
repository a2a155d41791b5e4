import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, TestClock } from "effect"
import { SignedHttpClient } from "effect-alicloud-credentials"
import { LocalCloud, TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { always, cloud, defaults, fault, lastRequest, revokeSession, role, user } from "../support/cloud.ts"
import { refusing, scripted } from "../support/network.ts"
import { api, execute, identity, newKeys, signed, signedOverCloud } from "../support/signedHttp.ts"

describe("refused credentials", () => {
  it.effect("are renewed once for all requests that they are refused for", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      assert.strictEqual((yield* execute(identity)).status, 200)
      yield* revokeSession
      // All of them are sent before the first is refused.
      yield* local.fault({ kind: "delay", delay: "1 second", operation: "GetCallerIdentity", times: 51 })
      const fiber = yield* Effect.fork(Effect.all(Array.from({ length: 51 }, () => execute(identity)), {
        concurrency: "unbounded"
      }))
      yield* TestClock.adjust("1 second")
      const responses = yield* Fiber.join(fiber)
      assert.deepStrictEqual([...new Set(responses.map((response) => response.status))], [200])
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
      assert.strictEqual(yield* local.count({ operation: "GetCallerIdentity", status: 400 }), 51)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("are not renewed again for a late response", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* revokeSession
      yield* local.fault({ kind: "delay", delay: "10 seconds", operation: "GetCallerIdentity" })
      const late = yield* Effect.fork(execute(identity))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* execute(identity)).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(late)).status, 200)
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("are renewed only once: a second refusal is returned to the caller", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 403, code: "InvalidSecurityToken.Expired", service: "openapi", times: 2 })
      const response = yield* execute(api())
      assert.strictEqual(response.status, 403)
      const local = yield* cloud
      assert.strictEqual(yield* local.count({ service: "openapi" }), 2)
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("are renewed only once, also by a provider that has new ones each time", () =>
    Effect.gen(function*() {
      const refuse = refusing("InvalidAccessKeyId.NotFound", 404)
      const { layer, requests } = scripted(refuse, refuse, () => Response.json({}))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(newKeys()), layer))
      assert.strictEqual(response.status, 404)
      assert.lengthOf(requests, 2)
    }))

  it.effect("of a static key cause one request, whose response is returned to the caller", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.revoke(defaults.accessKeyId)
      const response = yield* execute(identity)
      assert.strictEqual(response.status, 404)
      assert.propertyVal(yield* response.json, "Code", "InvalidAccessKeyId.NotFound")
      assert.strictEqual(yield* local.count(), 1)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("that cannot be renewed cause the error of the provider", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* revokeSession
      yield* local.revoke(defaults.accessKeyId)
      const error = yield* Effect.flip(execute(identity))
      assert.strictEqual(error._tag, "CredentialsRejected")
    }).pipe(Effect.provide(signedOverCloud(role))))

  const refused = [
    "InvalidAccessKeyId.NotFound",
    "InvalidAccessKeyId.Inactive",
    "InvalidSecurityToken.Expired",
    "InvalidSecurityToken.Malformed",
    "InvalidSecurityToken.MismatchWithAccessKey",
    "SecurityTokenExpired"
  ]
  const others = [
    "NoPermission",
    "Forbidden.RAM",
    "Forbidden",
    "SignatureDoesNotMatch",
    "Throttling.User",
    "MissingSecurityToken",
    "InvalidParameter"
  ]
  for (const code of [...refused, ...others]) {
    const renewed = refused.includes(code)
    it.effect(`are ${renewed ? "" : "not "}recognized by the code ${code}`, () =>
      Effect.gen(function*() {
        const { layer, requests } = scripted(refusing(code, 403), () => Response.json({}))
        const control = TestCredentialProvider.layer()
        yield* Effect.gen(function*() {
          const { invalidated } = yield* TestCredentialProvider.TestCredentialProvider
          yield* execute(api())
          assert.lengthOf(yield* invalidated, renewed ? 1 : 0)
        }).pipe(Effect.provide(Layer.provide(signed(control), layer)))
        assert.lengthOf(requests, 1)
      }))
  }

  it.effect("are recognized in XML and in other fields for the code", () =>
    Effect.gen(function*() {
      const answers = [
        new Response("<Error><Code>InvalidSecurityToken.Expired</Code><Message>a</Message></Error>", { status: 403 }),
        Response.json({ code: "InvalidSecurityToken.Expired" }, { status: 401 }),
        Response.json({ errorCode: "SecurityTokenExpired" }, { status: 401 })
      ]
      for (const answer of answers) {
        const { layer } = scripted(() => answer)
        const control = TestCredentialProvider.layer()
        yield* Effect.gen(function*() {
          yield* execute(api())
          assert.lengthOf(yield* (yield* TestCredentialProvider.TestCredentialProvider).invalidated, 1)
        }).pipe(Effect.provide(Layer.provide(signed(control), layer)))
      }
    }))

  it.effect("can be recognized by a custom rule, which gets every response with status 400 or higher", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const local = yield* cloud
      yield* local.fault({ kind: "status", status: 418, code: "Teapot", service: "openapi" })
      const client = yield* SignedHttpClient.make(yield* HttpClient.HttpClient, {
        isCredentialFailure: (answer) => {
          seen.push(answer)
          return answer.status === 418
        }
      })
      assert.strictEqual((yield* client.execute(api())).status, 200)
      assert.strictEqual((yield* client.execute(api())).status, 200)
      assert.deepStrictEqual(seen, [{ status: 418, code: "Teapot" }])
      assert.strictEqual(yield* local.count({ operation: "AssumeRole" }), 2)
    }).pipe(Effect.provide(Layer.provideMerge(role, LocalCloud.layer()))))
})

describe("a custom rule for refused credentials", () => {
  it.effect("gets only codes that are text", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      for (const body of [{ Code: 403 }, { Code: "403" }, {}]) {
        const { layer } = scripted(() => Response.json(body, { status: 403 }))
        const options = {
          isCredentialFailure: ({ code }: { readonly code: string | undefined }) => (seen.push(code), false)
        }
        yield* Effect.provide(execute(api()), Layer.provide(signed(user, options), layer))
      }
      assert.deepStrictEqual(seen, [undefined, "403", undefined])
    }))
})

describe("each attempt", () => {
  it.effect("of an outer retry is signed with the current credentials", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.fault({ kind: "status", status: 503, service: "openapi", times: 2 })
      const client = HttpClient.retryTransient(yield* SignedHttpClient.SignedHttpClient, { times: 3 })
      assert.strictEqual((yield* client.execute(api())).status, 200)
      const requests = (yield* local.requests).filter((request) => request.service === "openapi")
      assert.lengthOf(new Set(requests.map((request) => request.headers["x-acs-signature-nonce"])), 3)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("uses the clock of the server once it is known", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* local.fault({ kind: "skew", millis: 3_600_000, ...always })
      assert.strictEqual((yield* execute(identity)).status, 200)
      assert.strictEqual((yield* execute(identity)).status, 200)
      assert.deepStrictEqual((yield* local.requests).map((request) => request.code), [
        "InvalidTimeStamp.Expired",
        undefined,
        undefined
      ])
      assert.strictEqual((yield* lastRequest).headers["x-acs-date"], "1970-01-01T01:00:00Z")
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("takes the Age of a cached response into account for that clock", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(
        () => Response.json({}, { headers: { date: "Thu, 01 Jan 1970 00:00:00 GMT", age: "3600" } })
      )
      yield* TestClock.setTime(3_600_000)
      yield* Effect.provide(Effect.repeatN(execute(api()), 1), Layer.provide(signed(user), layer))
      assert.deepStrictEqual(requests.map((request) => request.headers["x-acs-date"]), [
        "1970-01-01T01:00:00Z",
        "1970-01-01T01:00:00Z"
      ])
    }))

  it.effect("still uses that clock after a response without a date", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(
        () => Response.json({}, { headers: { date: "Thu, 01 Jan 1970 01:00:00 GMT" } }),
        () => Response.json({})
      )
      yield* Effect.provide(Effect.repeatN(execute(api()), 2), Layer.provide(signed(user), layer))
      assert.deepStrictEqual(requests.map((request) => request.headers["x-acs-date"]), [
        "1970-01-01T00:00:00Z",
        "1970-01-01T01:00:00Z",
        "1970-01-01T01:00:00Z"
      ])
    }))

  it.effect("is not repeated if a timestamp is refused although the clocks agree", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidTimeStamp.Expired", times: 5 })
      assert.strictEqual((yield* execute(identity)).status, 400)
      assert.strictEqual(yield* (yield* cloud).count(), 1)
    }).pipe(Effect.provide(signedOverCloud(user))))

  it.effect("is repeated only once for a clock of the server that moves on with each request", () =>
    Effect.gen(function*() {
      const refusedAt = (hour: number) => () =>
        Response.json({ Code: "InvalidTimeStamp.Expired" }, {
          status: 400,
          headers: { date: `Thu, 01 Jan 1970 0${hour}:00:00 GMT` }
        })
      const { layer, requests } = scripted(refusedAt(1), refusedAt(3), refusedAt(5), () => Response.json({}))
      const response = yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))
      assert.strictEqual(response.status, 400)
      assert.lengthOf(requests, 2)
    }))

  it.effect("is repeated for both a wrong clock and a revoked session", () =>
    Effect.gen(function*() {
      const local = yield* cloud
      yield* revokeSession
      yield* local.fault({ kind: "skew", millis: -3_600_000, ...always })
      assert.strictEqual((yield* execute(identity)).status, 200)
    }).pipe(Effect.provide(signedOverCloud(role))))

  it.effect("is repeated once each for a refused session, and then for a wrong clock", () =>
    Effect.gen(function*() {
      const refusedSession = refusing("SecurityTokenExpired", 403)
      const refusedClock = () =>
        Response.json({ Code: "InvalidTimeStamp.Expired" }, {
          status: 400,
          headers: { date: "Thu, 01 Jan 1970 01:00:00 GMT" }
        })
      for (const [last, status] of [[() => Response.json({}), 200], [refusedSession, 403]] as const) {
        const { layer, requests } = scripted(refusedSession, refusedClock, last, () => Response.json({}))
        const response = yield* Effect.provide(execute(api()), Layer.provide(signed(newKeys()), layer))
        assert.strictEqual(response.status, status)
        assert.deepStrictEqual(requests.map((request) => request.headers["x-acs-date"]), [
          "1970-01-01T00:00:00Z",
          "1970-01-01T00:00:00Z",
          "1970-01-01T01:00:00Z"
        ])
      }
    }))

  it.effect("is not repeated for another error, although the clock of the server differs", () =>
    Effect.gen(function*() {
      const { layer, requests } = scripted(
        () =>
          Response.json({ Code: "InvalidParameter" }, {
            status: 400,
            headers: { date: "Thu, 01 Jan 1970 01:00:00 GMT" }
          }),
        () => Response.json({})
      )
      assert.strictEqual((yield* Effect.provide(execute(api()), Layer.provide(signed(user), layer))).status, 400)
      assert.lengthOf(requests, 1)
    }))

  it.effect("is interrupted with the caller", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "silent" })
      const fiber = yield* Effect.fork(execute(identity))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
    }).pipe(Effect.provide(signedOverCloud(user))))
})
