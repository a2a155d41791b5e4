import Fc from "@alicloud/fc2"
import Log from "@alicloud/log"
import Mns from "@alicloud/mns"
import Core from "@alicloud/pop-core"
import { assert, describe, it } from "@effect/vitest"
import ALY from "aliyun-sdk"
import { Effect, Fiber, TestClock } from "effect"
import { AlicloudSdk, CredentialError, CredentialProvider } from "effect-alicloud-credentials"
import { inspect } from "node:util"
import { Producer } from "rocketmq-client-nodejs"
import { QueryRouteRequest } from "rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js"
import TableStore from "tablestore"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as rocketmq from "../fixtures/rocketmq.ts"
import * as signedServices from "../fixtures/signedServices.ts"
import { session } from "../support/credentials.ts"
import { assertRefusal, forgetful, rejection } from "../support/sdk.ts"

const startWith = (answers: "at once" | "later") =>
  Effect.gen(function*() {
    const ring = new KeyRing()
    const services = yield* signedServices.make(ring)
    const { service, state } = forgetful(ring, answers)
    return { ring, services, state, credential: yield* AlicloudSdk.fromService(service) }
  })

const startClients = startWith("later")

type Start = Effect.Effect.Success<typeof startClients>

const callback = (ask: (done: (error: Error | null, data: unknown) => void) => unknown) => () =>
  new Promise<unknown>((resolve, reject) => {
    ask((error, data) => error === null || error === undefined ? resolve(data) : reject(error))
  })

const tableStore = ({ credential, services }: Start) =>
  AlicloudSdk.tablestore(
    new TableStore.Client({ endpoint: services.url, instancename: "db", maxRetries: 2, stsToken: "old" }),
    credential
  )

const sls = ({ credential, services }: Start) =>
  AlicloudSdk.aliyunSdk(new ALY.SLS({ endpoint: services.url, apiVersion: "2015-06-01" }), credential)

const unused = { accessKeyID: "unused", accessKeySecret: "unused", region: "cn-hangzhou" }

/** Each client, with a call. */
const clients: Readonly<
  Record<string, (start: Start) => Promise<readonly [client: object, call: () => Promise<unknown>]>>
> = {
  "@alicloud/log": async ({ credential, services }) => {
    const client = new Log({ endpoint: services.url, credentialsProvider: AlicloudSdk.aliyunLog(credential) })
    return [client, () => client.listLogStore("", { offset: 0, size: 10 })]
  },
  "@alicloud/mns": async ({ credential, services }) => {
    const client = new Mns("123456", { ...await AlicloudSdk.mns(credential), endpoint: services.url })
    return [client, () => client.getQueueAttributes("q")]
  },
  "@alicloud/fc2": async ({ credential, services }) => {
    const client = AlicloudSdk.fc2(new Fc("123456", { ...unused, endpoint: services.url }), credential)
    return [client, () => client.listServices()]
  },
  "tablestore": async (start) => {
    const client = tableStore(start)
    return [client, () => client.listTable({})]
  },
  "tablestore, with a callback": async (start) => {
    const client = tableStore(start)
    return [client, callback((done) => client.listTable({}, done))]
  },
  "tablestore, with JSON": async (start) => {
    const client = tableStore(start)
    return [client, () => client.listKnowledgeBase({})]
  },
  "aliyun-sdk": async (start) => {
    const client = sls(start)
    return [client, callback((done) => client.listLogStores({ projectName: "" }, done))]
  }
}

// This client keeps its options as plain strings, and shows them.
const printsItself: ReadonlyArray<string> = ["@alicloud/mns"]

for (const [name, make] of Object.entries(clients)) {
  describe(name, () => {
    it.live("signs each request with the current credentials", () =>
      Effect.gen(function*() {
        const given = yield* startClients
        const { ring, services } = given
        const [, call] = yield* Effect.promise(() => make(given))
        yield* Effect.promise(call)
        yield* Effect.promise(call)
        yield* Effect.all(Array.from({ length: 20 }, () => Effect.promise(call)), { concurrency: 10 })
        assert.deepStrictEqual(
          services.arrivals.map((arrival) => arrival.refusal),
          Array.from({ length: 22 }, () => "")
        )
        const [first, second] = services.arrivals
        assert.notStrictEqual(first?.accessKeyId, second?.accessKeyId)
        assert.isAbove(ring.issued.length, 2)
      }).pipe(Effect.scoped))

    it.live("is refused with another secret, which shows that the server checks signatures", () =>
      Effect.gen(function*() {
        const { ring, services, state } = yield* startClients
        const credential = yield* AlicloudSdk.fromService(
          CredentialProvider.succeed(toCredentials({ ...ring.issue(3_600_000), accessKeySecret: "another" }))
        )
        const [, call] = yield* Effect.promise(() => make({ credential, ring, services, state }))
        yield* rejection(call)
        assert.strictEqual(services.arrivals[0]?.refusal, "SignatureDoesNotMatch")
      }).pipe(Effect.scoped))

    it.live("passes the error of a provider on, and recovers from it", () =>
      Effect.gen(function*() {
        const given = yield* startClients
        const [, call] = yield* Effect.promise(() => make(given))
        given.state.refuses = true
        assertRefusal(yield* rejection(call))
        assert.strictEqual(given.services.arrivals.length, 0)
        given.state.refuses = false
        yield* Effect.promise(call)
        assert.deepStrictEqual(given.services.arrivals.map((arrival) => arrival.refusal), [""])
      }).pipe(Effect.scoped))

    it.live.skipIf(printsItself.includes(name))("shows no secret when it is inspected", () =>
      Effect.gen(function*() {
        const given = yield* startClients
        const [client, call] = yield* Effect.promise(() => make(given))
        yield* Effect.promise(call)
        const shown = inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)
        for (const secret of given.ring.secrets) assert.notInclude(shown, secret)
      }).pipe(Effect.scoped))
  })
}

describe("tablestore", () => {
  it.live("signs each retry again", () =>
    Effect.gen(function*() {
      const given = yield* startClients
      const client = tableStore(given)
      given.services.failures.push(503)
      yield* Effect.promise(() => client.listTable({}))
      assert.deepStrictEqual(given.services.arrivals.map((arrival) => arrival.refusal), ["Status503", ""])
      assert.strictEqual(new Set(given.services.arrivals.map((arrival) => arrival.accessKeyId)).size, 2)
    }).pipe(Effect.scoped))

  it.live("passes the error of the service to the caller", () =>
    Effect.gen(function*() {
      const given = yield* startClients
      let asked = 0
      const getCredentials = () => {
        asked++
        return given.credential.getCredentials()
      }
      const client = tableStore({ ...given, credential: { ...given.credential, getCredentials } })
      given.services.failures.push(400)
      const error = yield* rejection(() => client.listTable({}))
      assert.strictEqual((error as { readonly code?: unknown }).code, 400)
      assert.strictEqual(asked, 1)
    }).pipe(Effect.scoped))
})

describe("rocketmq-client-nodejs", () => {
  const route = async (producer: Producer) => {
    const { endpoints, rpcClientManager } = producer as unknown as {
      readonly endpoints: object
      readonly rpcClientManager: {
        readonly queryRoute: (endpoints: object, request: QueryRouteRequest, timeout: number) => Promise<unknown>
      }
    }
    return rpcClientManager.queryRoute(endpoints, new QueryRouteRequest(), 3000)
  }
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }

  it.live("signs each call with the current credentials, and throws the error of a provider without any", () =>
    Effect.gen(function*() {
      const { credential, ring, state } = yield* startWith("at once")
      const proxy = yield* rocketmq.make(ring)
      const sessionCredentials = yield* Effect.promise(() => AlicloudSdk.rocketmq(credential))
      const producer = new Producer({ namespace: "", endpoints: proxy.endpoints, sessionCredentials, logger: quiet })
      yield* Effect.promise(() => route(producer))
      yield* Effect.promise(() => route(producer))
      assert.deepStrictEqual(proxy.calls, ring.issued.slice(1, 3).map((session) => session.accessKeyId))
      state.refuses = true
      assertRefusal(yield* rejection(() => route(producer)))
      const shown = inspect([sessionCredentials, producer], { depth: 9, showHidden: true }) +
        JSON.stringify(sessionCredentials)
      for (const secret of ring.secrets) assert.notInclude(shown, secret)
      assertRefusal(yield* rejection(() => AlicloudSdk.rocketmq(credential)))
    }).pipe(Effect.scoped))
})

describe("clients that cannot wait", () => {
  /** Each session takes a second to fetch, and is valid for an hour. */
  const slowProvider = Effect.suspend(() => {
    let count = 0
    const fetch = Effect.map(
      Effect.zipRight(Effect.sleep("1 second"), Effect.clock),
      (clock) => session(`id ${++count}`, clock.unsafeCurrentTimeMillis() + 3_600_000)
    )
    return Effect.flatMap(
      CredentialProvider.make({ name: "slow", fetch, refresh: { jitter: 0 } }),
      AlicloudSdk.fromService
    )
  })

  it.effect("get the last credentials until they expire, and then an error", () =>
    Effect.gen(function*() {
      const credential = yield* slowProvider
      const waiting = yield* Effect.fork(Effect.promise(() => AlicloudSdk.rocketmq(credential)))
      yield* TestClock.adjust("1 second")
      const credentials = yield* Fiber.join(waiting)
      assert.strictEqual(credentials.accessKey, "id 1")
      yield* TestClock.adjust("3595 seconds")
      // Calls that can wait would not get it this close to its expiration.
      assert.strictEqual(credentials.accessKey, "id 1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(credentials.accessKey, "id 2")
      yield* TestClock.adjust("2 hours")
      assert.throws(() => credentials.accessKey, CredentialError.CredentialsUnavailable, "no cached credentials yet")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(credentials.accessKey, "id 3")
    }).pipe(Effect.scoped))

  it.effect("get an error before the first credentials", () =>
    Effect.gen(function*() {
      const client = AlicloudSdk.fc2(
        new Fc("123456", { ...unused, endpoint: "http://127.0.0.1:1" }),
        yield* slowProvider
      )
      assert.throws(() => client.accessKeyID, CredentialError.CredentialsUnavailable, "no cached credentials yet")
    }).pipe(Effect.scoped))

  it.live("read one set of credentials, in any order", () =>
    Effect.gen(function*() {
      const { credential, ring } = yield* startWith("at once")
      const credentials = yield* Effect.promise(() => AlicloudSdk.rocketmq(credential))
      for (let turn = 0; turn < 2; turn++) {
        const { accessKey, accessSecret, securityToken } = credentials
        assert.deepInclude(ring.find(accessKey), { accessKeySecret: accessSecret, securityToken })
        assert.strictEqual(credentials.accessKey, accessKey)
        yield* Effect.promise(() => Promise.resolve())
        assert.notStrictEqual(credentials.accessKey, accessKey)
        yield* Effect.promise(() => Promise.resolve())
      }
    }).pipe(Effect.scoped))

  it.live("work with a foreign credential object, whose last result they use", () =>
    Effect.gen(function*() {
      const ring = new KeyRing()
      const issued = ring.issue(3_600_000)
      const model = { ...issued, bearerToken: "", type: "sts", providerName: "theirs", toMap: () => ({}) }
      const theirs: AlicloudSdk.SdkCredential = {
        getCredential: async () => model,
        getCredentials: async () => model,
        getAccessKeyId: async () => model.accessKeyId,
        getAccessKeySecret: async () => model.accessKeySecret,
        getSecurityToken: async () => model.securityToken,
        getBearerToken: () => "",
        getType: () => "sts",
        getProviderName: () => "theirs"
      }
      const credentials = yield* Effect.promise(() => AlicloudSdk.rocketmq(theirs))
      assert.strictEqual(credentials.accessSecret, issued.accessKeySecret)
      const client = AlicloudSdk.fc2(new Fc("123456", { ...unused, endpoint: "http://127.0.0.1:1" }), theirs)
      assert.throws(() => client.accessKeyID, CredentialError.CredentialsUnavailable)
    }))
})

describe("an object that is not a client", () => {
  it.effect("is rejected by name of the missing member", () =>
    Effect.gen(function*() {
      const { credential } = yield* startClients
      const keys = { accessKeyId: "", accessKeySecret: "", stsToken: "" }
      const misfits: ReadonlyArray<readonly [string, () => unknown]> = [
        ["no config", () => AlicloudSdk.tablestore({}, credential)],
        ["no field accessKeyId", () => AlicloudSdk.tablestore({ config: {} }, credential)],
        ["no method setupRequestListeners", () => AlicloudSdk.tablestore({ config: keys }, credential)],
        ["no config", () => AlicloudSdk.aliyunSdk({}, credential)],
        ["no method request", () => AlicloudSdk.fc2({ accessKeyID: "", accessKeySecret: "" }, credential)],
        ["no properties", () => AlicloudSdk.fc2("client", credential)],
        ["no properties", () => AlicloudSdk.follow(undefined, "send", {}, credential)],
        ["no method send", () => AlicloudSdk.follow({ key: "" }, "send", { key: "accessKeyId" }, credential)],
        ["no field key", () => AlicloudSdk.follow({ send: () => {} }, "send", { key: "accessKeyId" }, credential)],
        [
          "no field key that can be replaced",
          () =>
            AlicloudSdk.follow(Object.freeze({ key: "", send: () => {} }), "send", { key: "accessKeyId" }, credential)
        ],
        [
          "no method setupRequestListeners that can be replaced",
          () => AlicloudSdk.tablestore(Object.freeze({ config: keys, setupRequestListeners: () => {} }), credential)
        ],
        [
          "no field securityToken that can be replaced",
          () => AlicloudSdk.tablestore({ config: Object.defineProperty({ ...keys }, "securityToken", {}) }, credential)
        ]
      ]
      for (const [missing, attempt] of misfits) {
        assert.throws(attempt, CredentialError.CredentialsMisconfigured, `has ${missing}`)
      }
    }).pipe(Effect.scoped))

  it.effect("is rejected if it is the client of another library, and stays as it was", () =>
    Effect.gen(function*() {
      const { credential, services } = yield* startClients
      const stores = new TableStore.Client({ endpoint: services.url, instancename: "db", stsToken: "old" })
      const logs = new ALY.SLS({ endpoint: services.url, apiVersion: "2015-06-01" })
      const pop = new Core({ endpoint: services.url, apiVersion: "2014-05-26", accessKeyId: "a", accessKeySecret: "s" })
      const misfits: ReadonlyArray<readonly [string, object, (client: object) => unknown]> = [
        ["a field stsToken", stores, (client) => AlicloudSdk.aliyunSdk(client, credential)],
        ["no field accessKeySecret", logs, (client) => AlicloudSdk.tablestore(client, credential)],
        ["no field accessKeyID", pop, (client) => AlicloudSdk.fc2(client, credential)]
      ]
      for (const [difference, client, attempt] of misfits) {
        const before = inspect(client, { depth: 9, showHidden: true, getters: true })
        assert.throws(() => attempt(client), CredentialError.CredentialsMisconfigured, `has ${difference}`)
        assert.strictEqual(inspect(client, { depth: 9, showHidden: true, getters: true }), before)
      }
    }).pipe(Effect.scoped))
})
