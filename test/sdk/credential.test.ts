import { assert, describe, it, vi } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Redacted, Scope, TestClock } from "effect"
import {
  AlicloudSdk,
  CredentialChain,
  CredentialError,
  CredentialProvider,
  Credentials
} from "effect-alicloud-credentials"
import { inspect } from "node:util"
import { hour } from "../support/clock.ts"
import { accessKey, session } from "../support/credentials.ts"
import { fiberStarts } from "../support/fiberStarts.ts"
import { offsetClock } from "../support/offsetClock.ts"
import { failingProvider, promisesOf, refusal, rejection, settable } from "../support/sdk.ts"

const bearerToken = (token: string) =>
  Credentials.BearerToken({ provider: "bearer", bearerToken: Redacted.make(token) })

const cached = (lifetimeMillis = hour) => {
  let count = 0
  return CredentialProvider.make({
    name: "cached",
    refresh: { jitter: 0 },
    fetch: Effect.map(
      Effect.clock,
      (clock) => session(`id ${++count}`, clock.unsafeCurrentTimeMillis() + lifetimeMillis)
    )
  })
}

describe("the credential model", () => {
  it.effect("has the fields of each kind", () =>
    Effect.gen(function*() {
      const fields = ({ accessKeyId, accessKeySecret, bearerToken, securityToken, type }: AlicloudSdk.SdkModel) =>
        [type, accessKeyId, accessKeySecret, securityToken, bearerToken] as const
      const model = (credentials: Credentials.Credentials) =>
        Effect.flatMap(AlicloudSdk.fromService(CredentialProvider.succeed(credentials)), (credential) =>
          Effect.promise(credential.getCredential))
      assert.deepStrictEqual(fields(yield* model(accessKey("a"))), ["access_key", "a", "secret of a", "", ""])
      assert.deepStrictEqual(fields(yield* model(session("a", hour))), ["sts", "a", "secret of a", "token of a", ""])
      assert.deepStrictEqual(fields(yield* model(bearerToken("b"))), ["bearer", "", "", "", "b"])
    }))

  it.effect("shows no secret when inspected or converted to JSON", () =>
    Effect.gen(function*() {
      for (const credentials of [accessKey("a"), session("a", hour), bearerToken("token of b")]) {
        const credential = yield* AlicloudSdk.fromService(CredentialProvider.succeed(credentials))
        const model = yield* Effect.promise(credential.getCredential)
        assert.match([model.accessKeySecret, model.bearerToken].join(), /secret of|token of/)
        for (const value of [credential, model, { ...model }, [model]]) {
          const shown = inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value)
          assert.notMatch(shown, /secret of|token of/)
        }
        assert.deepStrictEqual(Object.keys(model), ["accessKeyId", "type", "providerName", "expiration"])
      }
    }))

  it.effect("says when the credentials expire", () =>
    Effect.gen(function*() {
      const model = (credentials: Credentials.Credentials) =>
        Effect.flatMap(AlicloudSdk.fromService(CredentialProvider.succeed(credentials)), (credential) =>
          Effect.promise(credential.getCredential))
      const expiring = yield* model(session("a", hour))
      assert.strictEqual(expiring.expiration?.getTime(), hour)
      expiring.expiration?.setTime(0)
      assert.strictEqual(expiring.expiration?.getTime(), hour)
      assert.isUndefined((yield* model(accessKey("a"))).expiration)
    }))

  it.effect("has the official fields as a map", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.fromService(CredentialProvider.succeed(session("a", hour)))
      assert.deepStrictEqual((yield* Effect.promise(credential.getCredential)).toMap(), {
        accessKeyId: "a",
        accessKeySecret: "secret of a",
        securityToken: "token of a",
        bearerToken: "",
        type: "sts",
        providerName: "test"
      })
    }))

  it.effect("has a provider name that is allowed in a header, with the name of the chain before it", () =>
    Effect.gen(function*() {
      const odd = CredentialProvider.succeed(accessKey("a", "凭证\r\nx-evil: 1"))
      const plain = yield* Effect.flatMap(
        AlicloudSdk.fromService(odd),
        (credential) => Effect.promise(credential.getCredential)
      )
      assert.strictEqual(plain.providerName, "____x-evil:_1")
      const chain = yield* CredentialChain.make([
        Layer.succeed(CredentialProvider.CredentialProvider, CredentialProvider.succeed(accessKey("a", "env")))
      ])
      const credential = yield* AlicloudSdk.fromService(chain)
      assert.strictEqual((yield* Effect.promise(credential.getCredential)).providerName, "default/env")
      assert.strictEqual(credential.getProviderName(), "default")
    }).pipe(Effect.scoped))
})

describe("calls of a credential", () => {
  it.effect("start no fiber while there are cached credentials", () =>
    Effect.gen(function*() {
      const starts = fiberStarts()
      const service = yield* cached()
      const credential = yield* Effect.provide(AlicloudSdk.fromService(service), starts.layer)
      yield* Effect.promise(credential.getCredential)
      const cold = starts.count()
      assert.isAbove(cold, 0)
      for (let i = 0; i < 3; i++) {
        yield* Effect.promise(async () => {
          await credential.getCredential()
          await credential.getCredentials()
          await credential.getAccessKeyId()
          await credential.getAccessKeySecret()
          await credential.getSecurityToken()
          credential.getType()
          credential.getBearerToken()
        })
      }
      assert.strictEqual(starts.count(), cold)
    }).pipe(Effect.scoped))

  it.effect("return renewed credentials", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.fromService(yield* cached())
      const id = Effect.map(Effect.promise(credential.getCredential), (model) => model.accessKeyId)
      assert.strictEqual(yield* id, "id 1")
      yield* TestClock.adjust("46 minutes")
      assert.strictEqual(yield* id, "id 1")
      yield* Effect.yieldNow()
      assert.strictEqual(yield* id, "id 2")
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(yield* id, "id 3")
    }).pipe(Effect.scoped))

  it.effect("reject with the error of the provider itself", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.fromService(failingProvider)
      for (const call of promisesOf(credential)) assert.strictEqual(yield* rejection(call), refusal)
      assert.throws(() => credential.getType(), /no permission/)
      assert.throws(() => credential.getBearerToken(), /no permission/)
    }))

  it.effect("reject with an Error even if the provider fails in another way", () =>
    Effect.gen(function*() {
      const dying = (defect: unknown) =>
        AlicloudSdk.fromService({ name: "dying", get: Effect.die(defect), invalidate: () => Effect.void })
      const bug = new Error("bug")
      assert.strictEqual(yield* rejection((yield* dying(bug)).getCredential), bug)
      const other = yield* rejection((yield* dying("hunter2")).getCredential)
      assert.instanceOf(other, CredentialError.CredentialsMisconfigured)
      assert.notInclude(other.message, "hunter2")
      assert.instanceOf(yield* rejection((yield* dying(undefined)).getCredential), Error)
    }))

  it.effect("reject when the provider is closed, including pending ones", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const service = yield* Scope.extend(CredentialProvider.make({ name: "slow", fetch: Effect.never }), scope)
      const credential = yield* AlicloudSdk.fromService(service)
      const waiting = yield* Effect.fork(rejection(credential.getCredential))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      for (const error of [yield* Fiber.join(waiting), yield* rejection(credential.getAccessKeyId)]) {
        assert.instanceOf(error, CredentialError.CredentialsUnavailable)
        assert.include(error.message, "closed")
      }
    }))

  it.effect("are not traced below the span in which the credential was made", () =>
    Effect.gen(function*() {
      const seen: Array<boolean> = []
      const service: CredentialProvider.Service = {
        name: "traced",
        get: Effect.flatMap(Effect.option(Effect.currentSpan), (span) => {
          seen.push(Option.isSome(span))
          return Effect.succeed(accessKey("a"))
        }),
        invalidate: () => Effect.void
      }
      const credential = yield* Effect.withSpan(AlicloudSdk.fromService(service), "start of the application")
      yield* Effect.promise(credential.getCredential)
      assert.deepStrictEqual(seen, [false])
    }))
})

describe("id, secret and token of a credential", () => {
  it.effect("belong together: secret and token match the id that was read before", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("first", hour))
      const credential = yield* AlicloudSdk.fromService(service)
      const read = (getter: () => Promise<string>) => Effect.promise(getter)
      assert.strictEqual(yield* read(credential.getAccessKeyId), "first")
      state.credentials = session("second", hour)
      assert.strictEqual(yield* read(credential.getAccessKeySecret), "secret of first")
      assert.strictEqual(yield* read(credential.getSecurityToken), "token of first")
      assert.strictEqual(yield* read(credential.getAccessKeyId), "second")
      assert.strictEqual(yield* read(credential.getAccessKeySecret), "secret of second")
      assert.strictEqual(yield* read(credential.getSecurityToken), "token of second")
    }))

  it.effect("are read again if the credentials have expired in between", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("first", 1000))
      const credential = yield* AlicloudSdk.fromService(service)
      yield* Effect.promise(credential.getAccessKeyId)
      state.credentials = session("second", hour)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Effect.promise(credential.getAccessKeySecret), "secret of second")
      assert.strictEqual(yield* Effect.promise(credential.getSecurityToken), "token of second")
    }))

  const gets = (credential: AlicloudSdk.SdkCredential) => ({
    id: Effect.promise(credential.getAccessKeyId),
    secret: Effect.promise(credential.getAccessKeySecret),
    token: Effect.promise(credential.getSecurityToken)
  })

  it.effect("belong together for each of several concurrent callers", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("first", hour))
      const { id, secret, token } = gets(yield* AlicloudSdk.fromService(service))
      assert.strictEqual(yield* id, "first")
      state.credentials = session("second", hour)
      assert.strictEqual(yield* id, "second")
      assert.strictEqual(yield* secret, "secret of first")
      assert.strictEqual(yield* secret, "secret of second")
      assert.strictEqual(yield* token, "token of first")
      assert.strictEqual(yield* token, "token of second")
    }))

  it.effect("are the current ones after all three were read", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("first", hour))
      const { id, secret, token } = gets(yield* AlicloudSdk.fromService(service))
      yield* Effect.all([id, secret, token])
      state.credentials = session("second", hour)
      assert.strictEqual(yield* secret, "secret of second")
      assert.strictEqual(yield* token, "token of second")
      assert.strictEqual(yield* id, "second")
      assert.deepStrictEqual(yield* Effect.all([secret, id, token], { concurrency: "unbounded" }), [
        "secret of second",
        "second",
        "token of second"
      ])
    }))

  it.effect("are the current ones if a secret is never read after its id", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("first", hour))
      const { id, secret, token } = gets(yield* AlicloudSdk.fromService(service))
      yield* id
      state.credentials = session("second", hour)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* secret, "secret of second")
      yield* id
      state.credentials = session("third", hour)
      yield* id
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(yield* secret, "secret of third")
      assert.strictEqual(yield* token, "token of third")
    }))

  it.effect("are the current ones if no id was read", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.fromService(settable(session("first", hour)).service)
      assert.strictEqual(yield* Effect.promise(credential.getSecurityToken), "token of first")
    }))
})

describe("id, secret and token of cached credentials", () => {
  /** A credential object, its calls as effects, and what renews its credentials at once. */
  const setup = (lifetimeMillis?: number) =>
    Effect.gen(function*() {
      const service = yield* cached(lifetimeMillis)
      yield* service.get
      const credential = yield* AlicloudSdk.fromService(service)
      const renew = Effect.gen(function*() {
        yield* service.invalidate(yield* service.get)
        yield* service.get
      })
      return {
        renew,
        all: Effect.promise(credential.getCredential),
        id: Effect.promise(credential.getAccessKeyId),
        secret: Effect.promise(credential.getAccessKeySecret),
        token: Effect.promise(credential.getSecurityToken)
      }
    })

  it.scoped("belong together, although they are renewed in between", () =>
    Effect.gen(function*() {
      const { id, renew, secret, token } = yield* setup()
      assert.deepStrictEqual(yield* Effect.all([id, secret, token]), ["id 1", "secret of id 1", "token of id 1"])
      assert.strictEqual(yield* id, "id 1")
      yield* renew
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 1", "token of id 1"])
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 2", "token of id 2"])
      assert.deepStrictEqual(yield* Effect.all([id, secret, token]), ["id 2", "secret of id 2", "token of id 2"])
    }))

  it.scoped("belong together, although another caller already reads the renewed ones", () =>
    Effect.gen(function*() {
      const { all, id, renew, secret, token } = yield* setup()
      yield* id
      yield* renew
      assert.strictEqual((yield* all).accessKeyId, "id 2")
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 1", "token of id 1"])
    }))

  it.scoped("belong together for a caller whose turn comes after another one's", () =>
    Effect.gen(function*() {
      const { id, renew, secret, token } = yield* setup()
      yield* Effect.all([id, id, secret, token])
      yield* renew
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 1", "token of id 1"])
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 2", "token of id 2"])
    }))

  it.scoped("are not those of an id whose secret was never read", () =>
    Effect.gen(function*() {
      const { id, renew, secret, token } = yield* setup()
      yield* id
      yield* TestClock.adjust("1 second")
      yield* renew
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 2", "token of id 2"])
      yield* id
      yield* TestClock.adjust("50 seconds")
      yield* renew
      assert.strictEqual(yield* id, "id 3")
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 3", "token of id 3"])
    }))

  it.scoped("are never expired ones", () =>
    Effect.gen(function*() {
      const { id, secret, token } = yield* setup(500)
      assert.strictEqual(yield* id, "id 1")
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(yield* Effect.all([secret, token]), ["secret of id 2", "token of id 2"])
    }))

  it.scoped("are read with one look at the clock each", () =>
    Effect.gen(function*() {
      let looks = 0
      const clock = offsetClock(yield* Effect.clock, () => {
        looks++
        return 0
      })
      const { id, secret, token } = yield* Effect.withClock(setup(), clock)
      yield* Effect.all([id, secret, token])
      for (const call of [id, secret, token]) {
        looks = 0
        yield* call
        assert.strictEqual(looks, 1)
      }
    }))
})

describe("synchronous calls of a credential", () => {
  it.effect("return type and bearer token of cached credentials", () =>
    Effect.gen(function*() {
      const kinds = [
        [accessKey("a"), "access_key", ""],
        [session("a", hour), "sts", ""],
        [bearerToken("b"), "bearer", "b"]
      ] as const
      for (const [credentials, type, token] of kinds) {
        const credential = yield* AlicloudSdk.fromService(settable(credentials).service)
        assert.strictEqual(credential.getType(), type)
        assert.strictEqual(credential.getBearerToken(), token)
      }
    }))

  it.effect("return the type sts while the provider has to be waited for, and start a fetch", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const service = yield* CredentialProvider.make({
        name: "slow",
        fetch: Effect.as(Deferred.await(gate), bearerToken("b"))
      })
      const credential = yield* AlicloudSdk.fromService(service)
      assert.strictEqual(credential.getType(), "sts")
      assert.strictEqual(credential.getBearerToken(), "")
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.promise(credential.getCredential)
      assert.strictEqual(credential.getType(), "bearer")
      assert.strictEqual(credential.getBearerToken(), "b")
    }).pipe(Effect.scoped))

  it.effect("return no provider name that the official clients treat specially", () =>
    Effect.gen(function*() {
      for (const name of ["bearer", "id_token"]) {
        const credential = yield* AlicloudSdk.fromService({ ...settable(bearerToken("b")).service, name })
        assert.strictEqual(credential.getProviderName(), `${name}_provider`)
      }
    }))
})

describe("clients that sign with an AccessKey only", () => {
  it.effect("get an error if there is a bearer token", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudSdk.fromService(CredentialProvider.succeed(bearerToken("hunter2")))
      for (
        const call of [
          credential.getCredentials,
          AlicloudSdk.popCore(credential).getCredentials,
          AlicloudSdk.aliyunLog(credential).getCredentials,
          () => AlicloudSdk.aliOss(credential),
          () => AlicloudSdk.mns(credential),
          () => AlicloudSdk.rocketmq(credential)
        ]
      ) {
        const error = yield* rejection(call)
        assert.instanceOf(error, CredentialError.CredentialsMisconfigured)
        assert.notInclude(error.message, "hunter2")
      }
    }))
})

describe("a credential object of another copy of this package", () => {
  it.effect("is read by the adapters without waiting", () =>
    Effect.gen(function*() {
      const { service, state } = settable(session("a", hour))
      const credential = yield* AlicloudSdk.fromService(service)
      vi.resetModules()
      const other = yield* Effect.promise(() => import("effect-alicloud-credentials"))
      assert.notStrictEqual(other.AlicloudSdk.rocketmq, AlicloudSdk.rocketmq)
      const read = yield* Effect.promise(() => other.AlicloudSdk.rocketmq(credential))
      state.credentials = session("b", hour)
      assert.strictEqual(read.accessKey, "b")
    }))
})
