import { Error as PlatformError, FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, DateTime, Effect, Layer, Option, TestClock } from "effect"
import { type CredentialProvider, type Credentials, EcsRamRole } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { always, clearRequests, count, defaults, fault, overCloud, requests, type Setup } from "../support/cloud.ts"
import { logs } from "../support/logs.ts"
import { fakeHttp } from "../support/network.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { assertShowsNone, renderValue } from "../support/renderings.ts"
import { type Texts, variables } from "../support/variables.ts"

const { instanceRole } = defaults

const imds = (changes: Partial<LocalCloud.Imds>): Setup => ({ world: { imds: { ...defaults.world.imds, ...changes } } })

const make = (options: EcsRamRole.EcsOptions = {}, setup?: Setup) =>
  overCloud(EcsRamRole.layer({ refresh: { jitter: 0 }, ...options }), setup)

/** `credential+` for each request so far, with a plus sign where it has a token. */
const steps = Effect.map(
  requests,
  (all) =>
    all.map((request) => `${request.operation}${"x-aliyun-ecs-metadata-token" in request.headers ? "+" : ""}`).join(" ")
)

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
    }).pipe(Effect.provide(make({}, imds({ v1: false })))))

  it.effect("is not asked for a role that is named", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(make({ roleName: instanceRole }))))

  it.effect("is asked without a proxy's knowledge of anything but the address", () =>
    Effect.gen(function*() {
      yield* get
      assert.deepStrictEqual(new Set((yield* requests).map(({ host }) => host)), new Set(["100.100.100.200"]))
    }).pipe(Effect.provide(make())))
})

// The whole matrix: how the token is answered, how the session, whether version 1 may be used.
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
    ["time-out", "403", "v1", v1, refused],
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

  it("has every combination once", () => {
    assert.strictEqual(new Set(table.map(([token, get, version]) => `${token}/${get}/${version}`)).size, 4 * 5 * 2)
  })

  for (const [token, answer, version, expectedSteps, expected] of table) {
    it.effect(`${token} × ${answer} × ${version}: ${expectedSteps} → ${expected}`, () =>
      Effect.gen(function*() {
        for (const entry of [...ofToken(token), ...ofGet(answer)]) yield* fault(entry)
        const { millis, value } = yield* elapsed(Effect.merge(Effect.either(get).pipe(Effect.flatten)), "10 seconds")
        assert.strictEqual(value._tag, expected)
        assert.strictEqual(yield* steps, expectedSteps)
        const waited = token === "time-out" ? 2000 : 0
        assert.isAtLeast(millis, waited)
        assert.isAtMost(millis, waited + 200)
        if (version === "no v1" && token !== "200" && value._tag === "CredentialsRejected") {
          assert.match(value.hint ?? "", /ALIBABA_CLOUD_IMDSV1_DISABLED/)
        }
      }).pipe(Effect.provide(make({ roleName: instanceRole, disableImdsV1: version === "no v1" }))))
  }

  // The same rules where the role has to be asked for first.
  const discovery: ReadonlyArray<readonly [string, ReadonlyArray<LocalCloud.Fault>, boolean, string, string]> = [
    [
      "the role list refuses the token once",
      [{ operation: "role", kind: "status", status: 401 }],
      false,
      "token role+ token role+ credential+",
      "StsToken"
    ],
    [
      "the role list refuses the token twice",
      [{ operation: "role", kind: "status", status: 403, times: 2 }],
      false,
      "token role+ token role+",
      refused
    ],
    [
      "the role list is down",
      [{ operation: "role", kind: "status", status: 500, times: 2 }],
      false,
      "token role+ role+",
      down
    ],
    [
      "the role list is down for a moment",
      [{ operation: "role", kind: "status", status: 500 }],
      false,
      "token role+ role+ credential+",
      "StsToken"
    ],
    [
      "no token and no role",
      [{ operation: "token", kind: "status", status: 404 }, { operation: "role", kind: "status", status: 404 }],
      false,
      "token role",
      "CredentialsNotConfigured"
    ],
    [
      "the token is down for a moment",
      [{ operation: "token", kind: "status", status: 503 }],
      true,
      "token token role+ credential+",
      "StsToken"
    ],
    [
      "the token is down, version 1 allowed",
      [{ operation: "token", kind: "status", status: 503, ...always }],
      false,
      "token token role token token credential",
      "StsToken"
    ],
    [
      "the fresh token is refused",
      [{ operation: "credential", kind: "status", status: 401, ...always }],
      false,
      "token role+ credential+ token credential+",
      refused
    ],
    [
      "no fresh token is to be had",
      [{ operation: "credential", kind: "status", status: 401 }, {
        operation: "token",
        kind: "status",
        status: 403,
        skip: 1
      }],
      false,
      "token role+ credential+ token",
      refused
    ],
    [
      "the role list redirects",
      [{ operation: "role", kind: "redirect", location: "http://100.100.100.200/latest/x" }],
      false,
      "token role+",
      refused
    ],
    [
      "the session redirects",
      [{ operation: "credential", kind: "redirect", location: "http://100.100.100.200/latest/x" }],
      false,
      "token role+ credential+",
      refused
    ],
    ["a token that is a page", [{ operation: "token", kind: "malformed" }], true, "token", broken],
    ["a token that is empty", [{ operation: "token", kind: "malformed", body: " \n" }], true, "token", broken],
    [
      "a token that is a page, version 1 allowed",
      [{ operation: "token", kind: "malformed" }, { operation: "token", kind: "malformed" }],
      false,
      "token role token credential",
      "StsToken"
    ],
    ["a role list that is a page", [{ operation: "role", kind: "malformed" }], false, "token role+", broken],
    [
      "a role list that is empty",
      [{ operation: "role", kind: "malformed", body: "\n" }],
      false,
      "token role+",
      "CredentialsNotConfigured"
    ]
  ]
  for (const [name, faults, disableImdsV1, expectedSteps, expected] of discovery) {
    it.effect(`${name}: ${expectedSteps} → ${expected}`, () =>
      Effect.gen(function*() {
        for (const entry of faults) yield* fault(entry)
        const { value } = yield* elapsed(Effect.merge(get), "10 seconds")
        assert.strictEqual(value._tag, expected)
        assert.strictEqual(yield* steps, expectedSteps)
      }).pipe(Effect.provide(make({ disableImdsV1 }))))
  }

  it.effect("a session request without an answer takes two seconds and is not repeated", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "credential", kind: "silent", ...always })
      const { millis, value } = yield* elapsed(failure, "1 minute")
      assert.strictEqual(value._tag, down)
      assert.strictEqual(millis, 2000)
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(make({ roleName: instanceRole }))))

  it.effect("the times are options", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "silent", ...always })
      const { millis } = yield* elapsed(failure, "1 minute")
      assert.strictEqual(millis, 300)
    }).pipe(Effect.provide(make({ disableImdsV1: true, timeout: "100 millis", connectTimeout: "200 millis" }))))

  it.effect("each field that is missing is named", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      for (const field of ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"]) {
        yield* fault({ operation: "credential", kind: "missing", fields: [field] })
        const error = yield* failure
        assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, [`${field}: Missing`])
        assertShowsNone(error, yield* cloud.secrets)
      }
    }).pipe(Effect.provide(make())))

  it.effect("no error shows the token, though the service echoes it", () =>
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
    }).pipe(Effect.provide(make())))
})

describe("the IMDSv2 token", () => {
  it.effect("is kept for its life of six hours less a minute", () =>
    Effect.gen(function*() {
      yield* get
      yield* clearRequests
      yield* TestClock.adjust("20 minutes")
      yield* renew
      assert.strictEqual(yield* steps, "role+ credential+")
      yield* clearRequests
      yield* TestClock.adjust("5 hours")
      yield* TestClock.adjust("38 minutes")
      yield* TestClock.adjust("59999 millis")
      yield* renew
      assert.notInclude(yield* steps, "token", "at 5 h 58 min 59.999 s")
      yield* clearRequests
      yield* TestClock.adjust("1 millis")
      yield* renew
      assert.include(yield* steps, "token role+ credential+", "at 5 h 59 min")
    }).pipe(Effect.provide(make())))

  it.effect("that was had once is never gone without, although IMDSv1 would answer", () =>
    Effect.gen(function*() {
      yield* get
      yield* TestClock.adjust("6 hours")
      yield* fault({ operation: "token", kind: "status", status: 403 })
      yield* clearRequests
      assert.strictEqual((yield* Effect.flip(renew))._tag, "CredentialsRejected")
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(make())))

  it.effect("is replaced once where the service has forgotten it", () =>
    Effect.gen(function*() {
      yield* get
      yield* clearRequests
      yield* fault({ operation: "role", kind: "status", status: 401 })
      yield* renew
      assert.strictEqual(yield* steps, "role+ token role+ credential+")
      yield* clearRequests
      yield* renew
      assert.strictEqual(yield* steps, "role+ credential+", "and the fresh one is kept")
    }).pipe(Effect.provide(make())))

  it.effect("is asked for again at the next fetch where there was none", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 403 })
      yield* get
      yield* clearRequests
      yield* renew
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(make({ roleName: instanceRole }))))
})

describe("the name of the role", () => {
  const answering = (list: string) => ({ operation: "role", kind: "malformed", body: list }) as const

  for (
    const [name, list] of [
      ["with white space around it", ` \n${instanceRole} \r\n`],
      ["first of several", `${instanceRole}\nother-role\n`],
      ["first of several, with carriage returns", `${instanceRole}\r\nother-role\r\n`]
    ] as const
  ) {
    it.effect(`${name} is found`, () =>
      Effect.gen(function*() {
        yield* fault(answering(list))
        yield* get
        assert.isTrue((yield* requests)[2]?.path.endsWith(`/${instanceRole}`))
      }).pipe(Effect.provide(make())))
  }

  for (const list of ["../../x", "a/b", "a?b=c", "{\"Code\": 1}", "x".repeat(65), "a b", "角色"]) {
    it.effect(`${JSON.stringify(list.slice(0, 20))} in the list is none, and not asked for`, () =>
      Effect.gen(function*() {
        yield* fault(answering(list))
        const error = yield* failure
        assert.strictEqual(error._tag, "CredentialsMalformed")
        assertShowsNone(error, [list])
        assert.strictEqual(yield* steps, "token role+")
      }).pipe(Effect.provide(make())))
  }

  for (
    const [roleName, path] of [
      ["a role", "a%20role"],
      ["a/b", "a%2Fb"],
      ["a?b=c#d", "a%3Fb%3Dc%23d"],
      ["角色", "%E8%A7%92%E8%89%B2"],
      ["\uD800", "%EF%BF%BD"]
    ] as const
  ) {
    it.effect(`${JSON.stringify(roleName)} as an option is encoded`, () =>
      Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 404)
        assert.match(error.hint ?? "", /not the one that is attached/)
        const request = (yield* requests)[1]
        assert.strictEqual(request?.path, `/latest/meta-data/ram/security-credentials/${path}`)
      }).pipe(Effect.provide(make({ roleName }))))
  }

  it.effect("that is not attached is Rejected, by its name", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 404)
      assert.include(error.hint, "other-role")
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(make({ roleName: "other-role" }))))

  it.effect("no role at all is NotConfigured, and looked for again at the next get", () =>
    Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
      assert.match(error.hint ?? "", /Attach/)
      yield* cloud.update((world) => ({ ...world, imds: defaults.world.imds }))
      yield* get
      assert.strictEqual(yield* steps, "token role+ role+ credential+")
    }).pipe(Effect.provide(make({}, imds({ roles: [] })))))

  it.effect("an empty option is none, and no other role than the one found is made of it", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(make({ roleName: "" }).pipe(Layer.provide(layer))))
  })

  it.effect("that changes is told in the log, once", () => {
    const { layer, lines } = logs()
    return Effect.gen(function*() {
      const cloud = yield* LocalCloud.LocalCloud
      yield* get
      assert.deepStrictEqual(lines, [])
      yield* cloud.update((world) => ({ ...world, imds: { ...world.imds, roles: ["other-role"] } }))
      yield* renew
      yield* renew
      assert.lengthOf(lines, 1)
      assert.match(lines[0] ?? "", new RegExp(`^WARN .*other-role in place of ${instanceRole}`))
    }).pipe(Effect.provide(make().pipe(Layer.provide(layer))))
  })
})

describe("the switches", () => {
  const disabled = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
  const v1Disabled = "ALIBABA_CLOUD_IMDSV1_DISABLED"
  const noToken = imds({ v2: "absent" })

  for (const value of ["true", "True", " TRUE "]) {
    it.effect(`${disabled}=${JSON.stringify(value)} switches everything off, without a request`, () =>
      Effect.gen(function*() {
        const setup = { variables: { [disabled]: value, ALIBABA_CLOUD_ECS_METADATA: instanceRole } }
        const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(EcsRamRole.layerEnv, setup))))
        assert.strictEqual(error._tag, "CredentialsNotConfigured")
        assert.include(error.message, disabled)
        yield* Effect.gen(function*() {
          const error = yield* failure
          assert.strictEqual(error._tag, "CredentialsNotConfigured")
          assert.include(error.message, disabled)
          assert.strictEqual(yield* count, 0)
        }).pipe(Effect.provide(make({ roleName: instanceRole }, setup)))
      }))
  }

  for (const value of ["", "false", "1", "yes", "no"]) {
    it.effect(`${disabled}=${JSON.stringify(value)} switches nothing off`, () =>
      Effect.gen(function*() {
        yield* get
      }).pipe(Effect.provide(overCloud(EcsRamRole.layerEnv, { variables: { [disabled]: value } }))))
  }

  const table: ReadonlyArray<readonly [string | undefined, boolean | undefined, string]> = [
    [undefined, undefined, "token credential"],
    ["false", undefined, "token credential"],
    ["True", undefined, "token"],
    ["true", true, "token"],
    ["true", false, "token credential"],
    [undefined, true, "token"],
    [undefined, false, "token credential"]
  ]
  for (const [value, disableImdsV1, expected] of table) {
    it.effect(`${v1Disabled} ${value} with the option ${disableImdsV1}: ${expected}`, () =>
      Effect.gen(function*() {
        yield* fault({ operation: "token", kind: "status", status: 404, ...always })
        yield* Effect.exit(get)
        assert.strictEqual(yield* steps, expected)
      }).pipe(Effect.provide(make(
        { roleName: instanceRole, disableImdsV1 },
        { variables: value === undefined ? {} : { [v1Disabled]: value } }
      ))))
  }

  it.effect(`${v1Disabled} holds for layerEnv too`, () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure)._tag, "CredentialsRejected")
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(overCloud(EcsRamRole.layerEnv, { ...noToken, variables: { [v1Disabled]: "true" } }))))
})

describe("the guess that this is an instance", () => {
  const silent = fault({ service: "imds", kind: "silent", ...always })

  /** What the firmware says, by the last part of its path. */
  const firmware = (files: Texts): Layer.Layer<FileSystem.FileSystem> =>
    FileSystem.layerNoop({
      readFileString: (path) => {
        const text = files[path.replace("/sys/class/dmi/id/", "")]
        return text === undefined
          ? Effect.fail(
            new PlatformError.SystemError({
              module: "FileSystem",
              method: "readFileString",
              reason: "NotFound",
              pathOrDescriptor: path
            })
          )
          : Effect.succeed(text)
      }
    })

  const guess = (files?: Texts, setup?: Setup) =>
    overCloud(
      files === undefined ? EcsRamRole.layerEnv : EcsRamRole.layerEnv.pipe(Layer.provide(firmware(files))),
      setup
    )

  for (
    const [name, files, most] of [
      ["no file system", undefined, 2000],
      ["a file system without any firmware", {}, 300],
      ["firmware of another vendor", { sys_vendor: "Acme\n", product_name: "Server\n" }, 300],
      ["firmware of Alibaba Cloud", { sys_vendor: "Alibaba Cloud\n" }, 4000],
      ["a product of Alibaba Cloud", { sys_vendor: "QEMU\n", product_name: "Alibaba Cloud ECS\n" }, 4000]
    ] as ReadonlyArray<readonly [string, Texts | undefined, number]>
  ) {
    it.effect(`with ${name} ends within ${most} ms, and is remembered for a minute`, () =>
      Effect.gen(function*() {
        yield* silent
        const { millis, value } = yield* elapsed(failure, "10 seconds")
        assert.strictEqual(value._tag, "CredentialsNotConfigured")
        assert.include(value.message, "100.100.100.200")
        assert.strictEqual(millis, most)
        assert.strictEqual(yield* steps, "token role")
        // The minute counts from when the guess had failed.
        yield* TestClock.adjust(most + 60_000 - 10_000 - 1)
        assert.strictEqual((yield* elapsed(failure, 0)).millis, 0)
        assert.strictEqual(yield* count, 2)
        yield* TestClock.adjust("1 millis")
        yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
        yield* get
      }).pipe(Effect.provide(guess(files))))

    it.effect(`with ${name} finds the service where there is one`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* elapsed(get, "10 seconds")).millis, 0)
        assert.strictEqual(yield* steps, "token role+ credential+")
      }).pipe(Effect.provide(guess(files))))
  }

  it.effect("ends at once where there is no route, with what the system calls it", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { millis, value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsNotConfigured")
      assert.strictEqual(millis, 0)
      assert.strictEqual(yield* steps, "token role", "no retries")
      yield* failure
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(guess())))

  it.effect("without version 1 has one request to wait for", () =>
    Effect.gen(function*() {
      yield* silent
      const { millis } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(millis, 150)
      assert.strictEqual(yield* steps, "token")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" } }))))

  it.effect("holds also where only the token is silent, past a network hop too many", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "silent", ...always })
      yield* elapsed(get, "10 seconds")
      assert.strictEqual((yield* steps).split(" ")[1], "role")
    }).pipe(Effect.provide(guess({}))))

  it.effect("is over once the service was reached: then it is down, not absent, and nothing is remembered", () =>
    Effect.gen(function*() {
      yield* get
      yield* silent
      yield* clearRequests
      const { millis, value } = yield* elapsed(Effect.flip(renew), "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(millis, 2000)
      yield* elapsed(failure, "10 seconds")
      assert.strictEqual(yield* steps, "role+ role+")
    }).pipe(Effect.provide(guess({}))))

  it.effect("is over too where the service answers with an error", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "status", status: 500, ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
    }).pipe(Effect.provide(guess({}))))

  const asked: ReadonlyArray<
    readonly [string, Layer.Layer<CredentialProvider.CredentialProvider | LocalCloud.LocalCloud, unknown>, string]
  > = [
    ["layer()", overCloud(EcsRamRole.layer().pipe(Layer.provide(firmware({})))), "token role token role"],
    [
      "a role in ALIBABA_CLOUD_ECS_METADATA",
      overCloud(EcsRamRole.layerEnv.pipe(Layer.provide(firmware({}))), {
        variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole }
      }),
      "token credential token credential"
    ]
  ]
  for (const [name, layer, expected] of asked) {
    it.effect(`is no part of ${name}: Unavailable, after the full times, never remembered`, () =>
      Effect.gen(function*() {
        yield* silent
        for (let round = 0; round < 2; round++) {
          const { millis, value } = yield* elapsed(failure, "10 seconds")
          assert.strictEqual(value._tag, "CredentialsUnavailable")
          assert.strictEqual(millis, 4000)
        }
        assert.strictEqual(yield* steps, expected)
      }).pipe(Effect.provide(layer)))
  }

  it.effect("is no part of layer(): a connection that fails is tried once more", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "disconnect", ...always })
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
      assert.strictEqual(yield* steps, "token token role role")
    }).pipe(Effect.provide(make())))

  it.effect("an empty ALIBABA_CLOUD_ECS_METADATA names no role", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token role+ credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: "" } }))))

  it.effect("ALIBABA_CLOUD_ECS_METADATA names the role", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual(yield* steps, "token credential+")
    }).pipe(Effect.provide(guess({}, { variables: { ALIBABA_CLOUD_ECS_METADATA: instanceRole } }))))
})

describe("the session of an instance", () => {
  it.effect("of six hours is cached at 5 h 44 min and renewed at 5 h 46 min", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* TestClock.adjust("344 minutes")
      assert.strictEqual(yield* get, first)
      assert.strictEqual(yield* count, 3)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* get, first, "in the background")
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* steps, "token role+ credential+ role+ credential+")
      const second = yield* getSession
      assert.notStrictEqual<Credentials.Credentials>(second, first)
      assert.strictEqual(Option.getOrThrow(second.expiration).epochMillis, (346 + 360) * 60_000)
    }).pipe(Effect.provide(make())))

  it.effect("that is not rotated yet is asked for once a minute, and replaced when it is", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* clearRequests
      yield* TestClock.adjust("346 minutes")
      for (let second = 0; second < 180; second += 30) {
        assert.strictEqual(yield* get, first)
        yield* TestClock.adjust("30 seconds")
      }
      assert.strictEqual(yield* steps, "role+ credential+ role+ credential+ role+ credential+")
      yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.rotateInstanceCredential)
      yield* get
      yield* TestClock.adjust(0)
      assert.notStrictEqual(yield* get, first)
    }).pipe(Effect.provide(make({}, imds({ rotateBefore: 0 })))))

  it.effect("stays in use while the service is down, and is an error when it has ended", () =>
    Effect.gen(function*() {
      const first = yield* get
      yield* fault({ service: "imds", kind: "status", status: 500, ...always })
      yield* TestClock.adjust("359 minutes")
      assert.strictEqual(yield* get, first)
      yield* TestClock.adjust("1 minute")
      const { value } = yield* elapsed(failure, "10 seconds")
      assert.strictEqual(value._tag, "CredentialsUnavailable")
    }).pipe(Effect.provide(make())))

  it.effect("that had ended when it came is CredentialsExpired", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(86_400_000)
      yield* fault({ operation: "credential", kind: "expired" })
      assert.strictEqual((yield* failure)._tag, "CredentialsExpired")
    }).pipe(Effect.provide(make())))

  it.effect("ends by the local clock where the instance's differs", () =>
    Effect.gen(function*() {
      yield* fault({ service: "imds", kind: "skew", millis: 600_000, ...always })
      const session = yield* getSession
      assert.strictEqual(Option.getOrThrow(session.expiration).epochMillis, 21_600_000)
    }).pipe(Effect.provide(make())))

  it.effect("is fetched once for many callers", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "delay", delay: "100 millis" })
      const { value } = yield* elapsed(
        Effect.all(Array.from({ length: 100 }, () => get), { concurrency: "unbounded" }),
        "1 second"
      )
      assert.strictEqual(new Set(value).size, 1)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(make())))
})

describe("EcsRamRole by configuration", () => {
  it.effect("layerConfig takes options from configuration of one's own", () =>
    Effect.gen(function*() {
      yield* fault({ operation: "token", kind: "status", status: 404 })
      assert.strictEqual((yield* failure)._tag, "CredentialsRejected")
      yield* get
      assert.strictEqual(yield* steps, "token token credential+")
    }).pipe(Effect.provide(overCloud(
      EcsRamRole.layerConfig({ roleName: Config.string("MY_ROLE"), disableImdsV1: Config.boolean("MY_V2_ONLY") }),
      { variables: { MY_ROLE: instanceRole, MY_V2_ONLY: "yes" } }
    ))))

  it.effect("layerConfig fails to build with the name of what is missing", () =>
    Effect.gen(function*() {
      const layer = EcsRamRole.layerConfig({ roleName: Config.string("MY_ROLE") })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(overCloud(layer))))
      assert.include(renderValue(error), "MY_ROLE")
    }))

  it.effect("building asks nothing of the network", () => {
    const source = EcsRamRole.layerEnv.pipe(
      Layer.provide(fakeHttp(() => Effect.dieMessage("asked"))),
      Layer.provide(variables())
    )
    return Effect.asVoid(Effect.scoped(Layer.build(source)))
  })
})
