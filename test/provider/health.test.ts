/**
 * The health of providers: what probes see, and that a probe causes nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Deferred, Effect, Layer, Option, Redacted, Ref, TestClock } from "effect"
import {
  CliProfile,
  CredentialChain,
  CredentialError,
  CredentialProvider,
  Credentials,
  Profiles,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { mapService } from "../../src/internal/provider/service.ts"
import { ak } from "../support/cliProfile.ts"
import { settle } from "../support/clock.ts"
import { configOf } from "../support/configFiles.ts"
import { accessKey, session } from "../support/credentials.ts"
import { logs, quiet } from "../support/logs.ts"
import { machine } from "../support/machine.ts"
import { memoryFiles } from "../support/memoryFiles.ts"
import { failingFetch, lasting, scriptedProvider, unavailable } from "../support/scriptedProvider.ts"

const { health } = CredentialProvider

const serviceOf = <E, R>(layer: Layer.Layer<CredentialProvider.CredentialProvider, E, R>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, CredentialProvider.CredentialProvider))

/** As probes show it: times in seconds of the test clock, and the tag of the failure. */
const seen = (service: CredentialProvider.Service) =>
  Effect.map(health(service), ({ lastFailure, nextRenewal, usableUntil, ...rest }) => ({
    ...rest,
    usableUntil: seconds(usableUntil),
    nextRenewal: seconds(nextRenewal),
    lastFailure: lastFailure === undefined ? undefined : [lastFailure.error._tag, seconds(lastFailure.at)]
  }))

const seconds = (time: DateTime.Utc | undefined) => time === undefined ? undefined : DateTime.toEpochMillis(time) / 1000

const idle = {
  provider: "test",
  isUsable: false,
  usableUntil: undefined,
  isRefused: false,
  isRenewing: false,
  nextRenewal: undefined,
  lastFailure: undefined
}

const cached = { ...idle, isUsable: true, usableUntil: 3600, nextRenewal: 2700 }

describe("the health of a cache", () => {
  it.scoped("is not usable before the first get, and usable after it", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      assert.deepStrictEqual(yield* seen(provider), idle)
      yield* provider.get
      assert.deepStrictEqual(yield* seen(provider), cached)
    }))

  it.scoped("is read without a fetch, in every state of the cache", () =>
    Effect.gen(function*() {
      const { count, provider } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      const probe = Effect.zipRight(health(provider), settle)
      yield* probe
      assert.strictEqual(yield* count, 0)
      yield* provider.get
      for (const minutes of [1, 50, 8, 0.9, 1, 60]) {
        yield* TestClock.adjust(`${minutes} minutes`)
        yield* probe
        assert.strictEqual(yield* count, 1, `after ${minutes} more minutes`)
      }
      yield* Effect.exit(provider.get)
      yield* probe
      assert.strictEqual(yield* count, 2)
      assert.deepStrictEqual(yield* seen(provider), {
        ...idle,
        lastFailure: ["CredentialsUnavailable", seconds(yield* DateTime.now)]
      })
    }))

  it.scoped("shows a fetch that is running", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)], { delay: "1 second" })
      yield* Effect.fork(provider.get)
      yield* settle
      assert.deepStrictEqual(yield* seen(provider), { ...idle, isRenewing: true })
      yield* TestClock.adjust("1 second")
      assert.isFalse((yield* health(provider)).isRenewing)
    }))

  it.scoped("shows a failed renewal while the session is still usable, until a renewal succeeds", () =>
    Effect.gen(function*() {
      const { provider, touch } = yield* scriptedProvider([lasting(3600), failingFetch("down"), lasting(3600)])
      yield* provider.get
      yield* TestClock.adjust("45 minutes")
      yield* touch
      const failing = yield* seen(provider)
      assert.deepStrictEqual(failing, {
        ...cached,
        nextRenewal: 2820,
        lastFailure: ["CredentialsUnavailable", 2700]
      })
      yield* TestClock.adjust("2 minutes")
      yield* touch
      assert.deepStrictEqual(yield* seen(provider), { ...cached, usableUntil: 6420, nextRenewal: 5520 })
    }))

  it.scoped("shows refused credentials until they are renewed", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      yield* Effect.flatMap(provider.get, provider.invalidate)
      assert.deepStrictEqual(yield* seen(provider), { ...cached, isRefused: true, nextRenewal: 0 })
      yield* provider.get
      assert.deepStrictEqual(yield* seen(provider), cached)
    }))

  it.scoped("is not usable once the session has expired", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)])
      yield* provider.get
      yield* TestClock.adjust("3599 seconds")
      assert.isTrue((yield* health(provider)).isUsable)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* seen(provider), idle)
    }))

  it.scoped("has no end and no renewal for a key that does not expire", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([() => Effect.succeed(accessKey("key"))])
      yield* provider.get
      assert.deepStrictEqual(yield* seen(provider), { ...idle, isUsable: true })
    }))

  it.scoped("shows a defect as unavailable, without what it carries", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([() => Effect.die(new Error("secret"))])
      yield* Effect.exit(provider.get)
      const { lastFailure } = yield* health(provider)
      assert.strictEqual(lastFailure?.error.message, "test: unavailable (defect)")
    }))

  it.scoped("is a record of JSON", () =>
    Effect.gen(function*() {
      const { provider, touch } = yield* scriptedProvider([lasting(3600), failingFetch("down")])
      yield* provider.get
      yield* TestClock.adjust("45 minutes")
      yield* Effect.provide(touch, quiet)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(yield* health(provider))), {
        provider: "test",
        isUsable: true,
        usableUntil: "1970-01-01T01:00:00.000Z",
        isRefused: false,
        isRenewing: false,
        nextRenewal: "1970-01-01T00:47:00.000Z",
        lastFailure: {
          at: "1970-01-01T00:45:00.000Z",
          error: {
            _tag: "CredentialsUnavailable",
            isTransient: true,
            message: "test: unavailable (down)",
            provider: "test",
            reason: "down"
          }
        }
      })
    }))
})

describe("the health of a fixed answer", () => {
  it.effect("is usable until the session expires", () =>
    Effect.gen(function*() {
      const provider = CredentialProvider.succeed(session("key", 1000))
      assert.deepStrictEqual(yield* seen(provider), { ...idle, isUsable: true, usableUntil: 1 })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* seen(provider), idle)
    }))

  it.scoped("is the error of wrong options", () =>
    Effect.gen(function*() {
      const role = RamRoleArn.layer({ roleArn: "wrong" }).pipe(
        Layer.provide(StaticCredentials.layer(accessKey("base"))),
        Layer.provide(machine(memoryFiles(), {}))
      )
      const { isUsable, lastFailure } = yield* health(yield* serviceOf(role))
      assert.isFalse(isUsable)
      assert.strictEqual(lastFailure?.error._tag, "CredentialsMisconfigured")
    }))
})

describe("the health of a chain", () => {
  const link = (name: string, service: CredentialProvider.Service) =>
    CredentialChain.link(name, Layer.succeed(CredentialProvider.CredentialProvider, service))

  it.scoped("is that of the link in use", () =>
    Effect.gen(function*() {
      const { count, provider } = yield* scriptedProvider([lasting(3600)])
      const unset = new CredentialError.CredentialsNotConfigured({ provider: "first", reason: "unset" })
      const chain = yield* CredentialChain.make([
        link("first", yield* CredentialProvider.make({ name: "first", fetch: Effect.fail(unset) })),
        link("second", provider)
      ])
      assert.deepStrictEqual(yield* seen(chain), { ...idle, provider: "default" })
      assert.strictEqual(yield* count, 0)
      yield* chain.get
      assert.deepStrictEqual(yield* seen(chain), cached)
      yield* Effect.flatMap(chain.get, chain.invalidate)
      assert.isTrue((yield* health(chain)).isRefused)
    }))

  it.scoped("is the failure of the search, and shows a search that is running", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([failingFetch("down")], { delay: "1 second" })
      const chain = yield* CredentialChain.make([link("only", provider)])
      yield* Effect.fork(Effect.exit(chain.get))
      yield* settle
      assert.deepStrictEqual(yield* seen(chain), { ...idle, provider: "default", isRenewing: true })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* seen(chain), {
        ...idle,
        provider: "default",
        lastFailure: ["CredentialChainError", 1]
      })
    }))

  it.scoped("shows a renewal in the background of the link in use", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(3600)], { delay: "1 second" })
      const chain = yield* CredentialChain.make([link("only", provider)])
      const first = yield* Effect.fork(chain.get)
      yield* TestClock.adjust("1 second")
      yield* first
      yield* TestClock.adjust("50 minutes")
      yield* Effect.zipRight(chain.get, settle)
      assert.isTrue((yield* health(chain)).isRenewing)
      yield* TestClock.adjust("1 second")
      assert.isFalse((yield* health(chain)).isRenewing)
    }))

  it.scoped("forgets a failed search once the link in use works again", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([
        lasting(60),
        failingFetch("down"),
        failingFetch("down"),
        lasting(60)
      ])
      const chain = yield* CredentialChain.make([link("only", provider)])
      yield* chain.get
      yield* TestClock.adjust("1 minute")
      yield* Effect.exit(chain.get)
      assert.deepStrictEqual((yield* seen(chain)).lastFailure, ["CredentialChainError", 60])
      yield* Effect.exit(provider.get)
      yield* provider.get
      assert.deepStrictEqual(yield* seen(chain), { ...idle, isUsable: true, usableUntil: 120, nextRenewal: 105 })
    }))

  it.scoped("forgets a failed search after one that found credentials", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([failingFetch("down"), lasting(60)])
      const chain = yield* CredentialChain.make([link("only", provider)])
      yield* Effect.exit(chain.get)
      yield* chain.get
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* seen(chain), { ...idle, provider: "default" })
    }))

  it.scoped("is the failure of the link in use if no search has failed", () =>
    Effect.gen(function*() {
      const { provider } = yield* scriptedProvider([lasting(60), failingFetch("down")])
      const chain = yield* CredentialChain.make([link("only", provider)])
      yield* chain.get
      yield* TestClock.adjust("1 minute")
      yield* Effect.exit(provider.get)
      assert.deepStrictEqual((yield* seen(chain)).lastFailure, ["CredentialsUnavailable", 60])
    }))

  it.scoped("is still the failure of a search after one that was interrupted, which says nothing", () =>
    Effect.gen(function*() {
      const answers = [Effect.fail(unavailable("down")), Effect.interrupt]
      const chain = yield* CredentialChain.make([link("mine", {
        name: "mine",
        get: Effect.suspend((): Effect.Effect<never, CredentialError.CredentialError> => answers.shift()!),
        invalidate: () => Effect.void
      })])
      yield* Effect.exit(chain.get)
      yield* TestClock.adjust("1 second")
      yield* Effect.exit(chain.get)
      assert.deepStrictEqual((yield* seen(chain)).lastFailure, ["CredentialChainError", 0])
    }))

  it.scoped("is what the get of a service made by hand returned last", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make(0)
      const answer = yield* Ref.make<Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>>(
        Effect.succeed(session("key", 60_000, "mine"))
      )
      const chain = yield* CredentialChain.make([link("mine", {
        name: "mine",
        get: Effect.zipRight(Ref.update(asked, (n) => n + 1), Effect.flatten(Ref.get(answer))),
        invalidate: () => Effect.void
      })])
      yield* chain.get
      assert.deepStrictEqual(yield* seen(chain), { ...idle, provider: "mine", isUsable: true, usableUntil: 60 })
      yield* Effect.flatMap(chain.get, chain.invalidate)
      assert.isTrue((yield* health(chain)).isRefused)
      yield* Ref.set(answer, Effect.fail(unavailable("down")))
      yield* Effect.exit(chain.get)
      assert.deepStrictEqual((yield* seen(chain)).lastFailure, ["CredentialsUnavailable", 0])
      const before = yield* Ref.get(asked)
      yield* TestClock.adjust("1 minute")
      assert.isFalse((yield* health(chain)).isUsable)
      assert.strictEqual(yield* Ref.get(asked), before)
    }))
})

describe("the health of a file", () => {
  const path = "/home/me/.aliyun/config.json"

  it.scoped("is that of what it describes, and is read without reading the file", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ [path]: configOf([ak("p")]) })
      const provider = yield* Effect.provide(CliProfile.make(), machine(files))
      assert.deepStrictEqual(yield* seen(provider), { ...idle, provider: "cli_profile" })
      assert.strictEqual(files.reads(), 0)
      yield* provider.get
      assert.deepStrictEqual(yield* seen(provider), { ...idle, provider: "cli_profile/static_ak", isUsable: true })
      const reads = files.reads()
      yield* TestClock.adjust("1 hour")
      yield* Effect.zipRight(health(provider), settle)
      assert.strictEqual(files.reads(), reads)
      yield* Effect.flatMap(provider.get, provider.invalidate)
      assert.isTrue((yield* health(provider)).isRefused)
    }))

  it.scoped("shows that the file does not work any more while its credentials are in use", () =>
    Effect.gen(function*() {
      const files = memoryFiles({ [path]: configOf([ak("p")]) })
      const provider = yield* Effect.provide(CliProfile.make(), machine(files))
      yield* provider.get
      files.write(path, configOf([{ name: "p", mode: "AK" }]))
      yield* TestClock.adjust("1 minute")
      yield* Effect.zipRight(provider.get, settle)
      const broken = yield* seen(provider)
      assert.isTrue(broken.isUsable)
      assert.deepStrictEqual(broken.lastFailure, ["CredentialsMisconfigured", 60])
      files.write(path, configOf([ak("p", "other")]))
      yield* TestClock.adjust("1 minute")
      yield* Effect.zipRight(provider.get, settle)
      assert.isUndefined((yield* health(provider)).lastFailure)
    }).pipe(Effect.provide(logs().layer)))

  it.scoped("is the failure to read it", () =>
    Effect.gen(function*() {
      const provider = yield* Effect.provide(CliProfile.make({ profile: "p" }), machine(memoryFiles()))
      yield* Effect.exit(provider.get)
      assert.deepStrictEqual(yield* seen(provider), {
        ...idle,
        provider: "cli_profile",
        lastFailure: ["CredentialsNotConfigured", 0]
      })
    }))

  it.scoped("of Profiles has the one error of its get", () =>
    Effect.gen(function*() {
      const provider = yield* serviceOf(Profiles.get("nobody"))
      const error = yield* Effect.flip(provider.get)
      const { lastFailure } = yield* health(provider)
      assert.strictEqual(lastFailure?.error._tag, "CredentialsMisconfigured")
      assert.strictEqual(lastFailure?.error.message, error.message)
    }).pipe(Effect.provide(Layer.provideMerge(Profiles.layer(), machine(memoryFiles())))))
})

describe("the health of a service made by hand", () => {
  it.effect("is what its get returns", () =>
    Effect.gen(function*() {
      const provider = yield* CredentialProvider.CredentialProvider
      const control = yield* TestCredentialProvider.TestCredentialProvider
      assert.deepStrictEqual(yield* seen(provider), { ...idle, isUsable: true })
      assert.strictEqual(yield* control.gets, 1)
      yield* control.fail(unavailable("down"))
      assert.deepStrictEqual(yield* seen(provider), { ...idle, lastFailure: ["CredentialsUnavailable", 0] })
    }).pipe(Effect.provide(TestCredentialProvider.layer())))

  it.effect("is interrupted with the probe", () =>
    Effect.gen(function*() {
      const never = yield* Deferred.make<never>()
      const service = { name: "mine", get: Deferred.await(never), invalidate: () => Effect.void }
      const probe = yield* Effect.fork(Effect.timeoutOption(health(service), "1 second"))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* probe))
    }))

  it.effect("is kept by a service with other credentials or errors, as far as its get was called", () =>
    Effect.gen(function*() {
      const answers = [Effect.succeed(session("key", 60_000)), Effect.fail(unavailable("down"))]
      const inner = {
        name: "inner",
        get: Effect.suspend((): Effect.Effect<Credentials.Credentials, CredentialError.CredentialError> =>
          answers.shift()!
        ),
        invalidate: () => Effect.void
      }
      const service = mapService(inner, {
        credentials: () => Credentials.BearerToken({ provider: "outer", bearerToken: Redacted.make("t") }),
        error: () => unavailable("other")
      })
      assert.isFalse((yield* health(service)).isUsable)
      yield* service.get
      assert.deepStrictEqual(yield* seen(service), { ...idle, provider: "outer", isUsable: true, usableUntil: 60 })
      yield* Effect.exit(service.get)
      assert.strictEqual((yield* health(service)).lastFailure?.error.message, "test: unavailable (other)")
    }))
})
