import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Option, TestClock } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, clearRequests, fault, requests } from "../support/cloud.ts"
import { imds, instanceRole, instanceSource, steps } from "../support/ecsRamRole.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { assertShowsNone } from "../support/renderings.ts"

describe("the metadata service", () => {
  it.effect("is asked for a token, the role and a session, with the headers of the protocol", () =>
    Effect.gen(function*() {
      const session = yield* getSession
      assert.strictEqual(session.provider, "ecs_ram_role")
      assert.strictEqual(Option.getOrThrow(Option.map(session.expiration, DateTime.toEpochMillis)), 21_600_000)
      const all = yield* requests
      const path = "/latest/meta-data/ram/security-credentials/"
      assert.deepStrictEqual(all.map((request) => `${request.method} http://${request.host}${request.path}`), [
        "PUT http://100.100.100.200/latest/api/token",
        `GET http://100.100.100.200${path}`,
        `GET http://100.100.100.200${path}${instanceRole}`
      ])
      assert.strictEqual(yield* steps, "token role+ credential+")
      assert.strictEqual(all[0]?.headers["x-aliyun-ecs-metadata-token-ttl-seconds"], "21600")
      assert.strictEqual(all[0]?.body, "")
      for (const request of all) {
        assert.match(request.headers["user-agent"] ?? "", /^effect-alicloud-credentials\//)
        assert.deepStrictEqual(request.query, {})
      }
    }).pipe(Effect.provide(instanceSource({}, imds({ v1: false })))))

  it.effect("is not asked for the role if an option names it", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(instanceSource({ roleName: instanceRole }))))

  it.effect("is requested by its IP address", () =>
    Effect.gen(function*() {
      yield* get
      assert.deepStrictEqual(new Set((yield* requests).map(({ host }) => host)), new Set(["100.100.100.200"]))
    }).pipe(Effect.provide(instanceSource())))
})

// All combinations of: response to the token request, response to the session request, IMDSv1 allowed or not.
describe("token × session × version 1", () => {
  type TokenAnswer = "200" | "403" | "404" | "time-out"
  type GetAnswer = "200" | "403" | "500" | "bad JSON" | "Code≠Success"

  const ofToken = (answer: TokenAnswer): ReadonlyArray<LocalCloud.Fault> => {
    switch (answer) {
      case "200":
        return []
      case "time-out":
        return [{ service: "imds", operation: "token", kind: "silent", ...always }]
      default:
        return [{ service: "imds", operation: "token", kind: "status", status: Number(answer), ...always }]
    }
  }

  const ofGet = (answer: GetAnswer): ReadonlyArray<LocalCloud.Fault> => {
    const target = { service: "imds", operation: "credential", ...always } as const
    switch (answer) {
      case "200":
        return []
      case "bad JSON":
        return [{ ...target, kind: "malformed", body: "{\"Code\": \"Success\"," }]
      case "Code≠Success":
        return [{ ...target, kind: "malformed", body: "{\"Code\": \"Failed\", \"Message\": \"not now\"}" }]
      default:
        return [{ ...target, kind: "status", status: Number(answer) }]
    }
  }

  const refused = "CredentialsRejected"
  const down = "CredentialsUnavailable"
  const broken = "CredentialsMalformed"
  const v2 = "token credential+"
  const v1 = "token credential"

  const table: ReadonlyArray<readonly [TokenAnswer, GetAnswer, "v1" | "no v1", string, string]> = [
    ["200", "200", "v1", v2, "StsToken"],
    ["200", "403", "v1", `${v2} ${v2}`, refused],
    ["200", "500", "v1", `${v2} credential+`, down],
    ["200", "bad JSON", "v1", v2, broken],
    ["200", "Code≠Success", "v1", v2, refused],
    ["403", "200", "v1", v1, "StsToken"],
    ["403", "403", "v1", v1, refused],
    ["403", "500", "v1", `${v1} credential`, down],
    ["403", "bad JSON", "v1", v1, broken],
    ["403", "Code≠Success", "v1", v1, refused],
    ["404", "200", "v1", v1, "StsToken"],
    ["404", "403", "v1", v1, refused],
    ["404", "500", "v1", `${v1} credential`, down],
    ["404", "bad JSON", "v1", v1, broken],
    ["404", "Code≠Success", "v1", v1, refused],
    ["time-out", "200", "v1", v1, "StsToken"],
    // The service wants a token, and was too slow to give one: that may pass.
    ["time-out", "403", "v1", v1, down],
    ["time-out", "500", "v1", `${v1} credential`, down],
    ["time-out", "bad JSON", "v1", v1, broken],
    ["time-out", "Code≠Success", "v1", v1, refused],
    ["200", "200", "no v1", v2, "StsToken"],
    ["200", "403", "no v1", `${v2} ${v2}`, refused],
    ["200", "500", "no v1", `${v2} credential+`, down],
    ["200", "bad JSON", "no v1", v2, broken],
    ["200", "Code≠Success", "no v1", v2, refused],
    ["403", "200", "no v1", "token", refused],
    ["403", "403", "no v1", "token", refused],
    ["403", "500", "no v1", "token", refused],
    ["403", "bad JSON", "no v1", "token", refused],
    ["403", "Code≠Success", "no v1", "token", refused],
    ["404", "200", "no v1", "token", refused],
    ["404", "403", "no v1", "token", refused],
    ["404", "500", "no v1", "token", refused],
    ["404", "bad JSON", "no v1", "token", refused],
    ["404", "Code≠Success", "no v1", "token", refused],
    ["time-out", "200", "no v1", "token", down],
    ["time-out", "403", "no v1", "token", down],
    ["time-out", "500", "no v1", "token", down],
    ["time-out", "bad JSON", "no v1", "token", down],
    ["time-out", "Code≠Success", "no v1", "token", down]
  ]

  it("covers every combination once", () => {
    assert.strictEqual(new Set(table.map(([token, get, version]) => `${token}/${get}/${version}`)).size, 4 * 5 * 2)
  })

  for (const [token, answer, version, expectedSteps, expected] of table) {
    it.effect(`${token} × ${answer} × ${version}: ${expectedSteps} → ${expected}`, () =>
      Effect.gen(function*() {
        for (const entry of [...ofToken(token), ...ofGet(answer)]) yield* fault(entry)
        const { millis, value } = yield* elapsed(Effect.merge(get), "10 seconds")
        assert.strictEqual(value._tag, expected)
        assert.strictEqual(yield* steps, expectedSteps)
        const waited = token === "time-out" ? 2000 : 0
        assert.isAtLeast(millis, waited)
        assert.isAtMost(millis, waited + 200)
        if (version === "no v1" && token !== "200" && value._tag === "CredentialsRejected") {
          assert.strictEqual(value.hint, "Enable IMDSv2 for the instance, or unset disableImdsV1")
        }
      }).pipe(Effect.provide(instanceSource({ roleName: instanceRole, disableImdsV1: version === "no v1" }))))
  }

  for (const status of [401, 403]) {
    it.effect(`says that the token gets no answer if IMDSv1 is refused with ${status}, as behind a hop limit`, () =>
      Effect.gen(function*() {
        yield* fault({ operation: "token", kind: "silent", ...always })
        yield* fault({ operation: "role", kind: "status", status, ...always })
        const { value } = yield* elapsed(failure, "10 seconds")
        assert.strictEqual(
          value.message,
          "ecs_ram_role: unavailable (the metadata service answers only requests with an IMDSv2 token, and the request " +
            "for a token got no answer, as happens in containers)\n" +
            "  fix: set HttpPutResponseHopLimit of the instance to 2 (aliyun ecs ModifyInstanceMetadataOptions), " +
            "or use RRSA in Kubernetes"
        )
        assert.isTrue(value.isTransient)
      }).pipe(Effect.provide(instanceSource())))
  }

  it.effect("is not asked without a token at once if it throttles the request for one", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 429 })
      const caller = yield* Effect.fork(get)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* steps, "token")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(caller))._tag, "StsToken")
      assert.strictEqual(yield* steps, "token token role+ credential+")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("reports a token endpoint that is down as it answered, if IMDSv1 is refused", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 503, ...always })
      yield* fault({ operation: "role", kind: "status", status: 401, ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value.message, "ecs_ram_role: unavailable\n  server: 100.100.100.200: status 503")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("a session request without an answer takes two seconds and is not repeated", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "credential", kind: "silent", ...always })
      const { millis, value } = yield* elapsed(failure, "1 minute")
      assert.strictEqual(value._tag, down)
      assert.strictEqual(millis, 2000)
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(instanceSource({ roleName: instanceRole }))))

  it.effect("the time limits are options", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "silent", ...always })
      const { millis, value } = yield* elapsed(failure, "1 minute")
      assert.strictEqual(millis, 300)
      assert.strictEqual(
        value.message,
        "ecs_ram_role: unavailable\n  server: 100.100.100.200: no answer within 300 ms\n" +
          "  fix: use another source if this machine is not an ECS instance"
      )
    }).pipe(
      Effect.provide(instanceSource({ disableImdsV1: true, timeout: "100 millis", connectTimeout: "200 millis" }))
    ))

  it.effect("each missing field is named", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      for (const field of ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"]) {
        yield* fault({ operation: "credential", kind: "missing", fields: [field] })
        const error = yield* failure
        assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [`${field} is missing`])
        assertShowsNone(error, yield* cloud.secrets)
      }
    }).pipe(Effect.provide(instanceSource())))

  it.effect("no error shows the token, even if the service echoes it", () =>
    Effect.gen(function*() {
      yield* get
      const token = (yield* requests)[1]?.headers["x-aliyun-ecs-metadata-token"] ?? ""
      assert.isAbove(token.length, 20)
      for (const shown of [token, encodeURIComponent(token), token.slice(0, 20)]) {
        const body = JSON.stringify({ Code: "Failed", Message: `token ${shown}` })
        yield* fault({ operation: "credential", kind: "malformed", body })
        const error = yield* Effect.flip(renew)
        assert.strictEqual(error._tag, refused)
        assertShowsNone(error, [shown, "token …"])
      }
    }).pipe(Effect.provide(instanceSource())))
})

describe("the IMDSv2 token", () => {
  it.effect("is sent without the line break after it", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "malformed", body: "fake-token\r\n" })
      yield* get
      assert.strictEqual((yield* requests)[1]?.headers["x-aliyun-ecs-metadata-token"], "fake-token")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("is nothing with blanks in it, such as a page", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "malformed" })
      assert.strictEqual(
        (yield* failure).message,
        "ecs_ram_role: malformed answer (100.100.100.200: status 200, an HTML page, which is not an IMDSv2 token)\n" +
          "  fix: 1. in Kubernetes, enable RRSA\n       2. allow this machine to reach 100.100.100.200"
      )
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(instanceSource({ disableImdsV1: true }))))

  it.effect("is always used after it was obtained once, even if IMDSv1 would work", () =>
    Effect.gen(function*() {
      yield* get
      yield* TestClock.adjust("6 hours")
      yield* fault({ operation: "token", kind: "status", status: 403 })
      yield* clearRequests
      const error = yield* Effect.flip(renew)
      assert.strictEqual(error.message, "ecs_ram_role: rejected\n  server: 100.100.100.200: status 403")
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("is replaced once if the service no longer accepts it", () =>
    Effect.gen(function*() {
      yield* get
      yield* clearRequests
      yield* fault({ operation: "role", kind: "status", status: 401 })
      yield* renew
      assert.strictEqual(yield* steps, "role+ token role+ credential+")
      yield* clearRequests
      yield* TestClock.adjust("1 second")
      yield* renew
      assert.strictEqual(yield* steps, "role+ credential+", "the new token is cached")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("that was refused is not used again where there was no other", () =>
    Effect.gen(function*() {
      yield* get
      yield* fault({ operation: "role", kind: "status", status: 401 })
      yield* fault({ operation: "token", kind: "status", status: 404 })
      assert.strictEqual((yield* Effect.flip(renew))._tag, "CredentialsRejected")
      yield* clearRequests
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
    }).pipe(Effect.provide(instanceSource())))

  it.effect("is asked for again at the next fetch where there was none", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 403 })
      yield* get
      yield* clearRequests
      yield* renew
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(instanceSource({ roleName: instanceRole }))))
})
