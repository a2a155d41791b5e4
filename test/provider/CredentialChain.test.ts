import { assert, describe, it } from "@effect/vitest"
import {
  Array as Arr,
  Cause,
  Config,
  ConfigProvider,
  Effect,
  Exit,
  Fiber,
  Layer,
  ManagedRuntime,
  pipe,
  Ref,
  Scope,
  TestClock
} from "effect"
import {
  CredentialChain,
  CredentialError,
  CredentialProvider,
  type Credentials,
  DefaultChain,
  Environment,
  StaticCredentials
} from "effect-alicloud-credentials"
import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
import { settle } from "../support/clock.ts"
import { accessKey, idOf } from "../support/credentials.ts"
import { logs } from "../support/logs.ts"
import { changing } from "../support/providers.ts"
import { countedSessions } from "../support/scriptedProvider.ts"
import type { Texts } from "../support/variables.ts"
import { noVariables, variables } from "../support/variables.ts"

const notConfigured = (provider: string) =>
  new CredentialError.CredentialsNotConfigured({ provider, reason: "nothing set" })
const downAt = (provider: string) => new CredentialError.CredentialsUnavailable({ provider, reason: "down" })
const rejected = (provider: string) => new CredentialError.CredentialsRejected({ provider, reason: "no" })

type ProviderAnswer = Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>

/** A link without a cache, whose `get` runs the current effect of the ref. */
const switchable = (name: string, initial: ProviderAnswer) =>
  Effect.gen(function*() {
    const answer = yield* Ref.make(initial)
    const asked = yield* Ref.make(0)
    const builds = yield* Ref.make(0)
    const refused = yield* Ref.make<ReadonlyArray<string>>([])
    const layer = Layer.effect(
      CredentialProvider.CredentialProvider,
      Effect.as(Ref.update(builds, (n) => n + 1), {
        name,
        get: Effect.zipRight(Ref.update(asked, (n) => n + 1), Effect.flatten(Ref.get(answer))),
        invalidate: (credentials) => Ref.update(refused, Arr.append(idOf(credentials)))
      })
    )
    return {
      layer,
      link: CredentialChain.link(name, layer),
      become: (answer_: ProviderAnswer) => Ref.set(answer, answer_),
      asked: Ref.get(asked),
      builds: Ref.get(builds),
      refused: Ref.get(refused)
    }
  })

const succeeding = (id: string): ProviderAnswer => Effect.succeed(accessKey(id))

/** The lines that the effect logged, as `LEVEL message`. */
const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const { layer, lines } = logs()
    yield* Effect.provide(effect, layer)
    return lines
  })

describe("the search", () => {
  it.scoped("uses the first link with credentials, and calls no later link", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(notConfigured("first")))
      const second = yield* switchable("second", succeeding("two"))
      const third = yield* switchable("third", succeeding("three"))
      const chain = yield* CredentialChain.make([first.link, second.link, third.link])
      assert.strictEqual(idOf(yield* chain.get), "two")
      assert.strictEqual(yield* third.builds, 0)
      assert.strictEqual(chain.name, "default")
    }))

  it.scoped("builds a provider of its own, also if the program has built the same layer", () => {
    let fetches = 0
    const layer = CredentialProvider.layer({ name: "own", fetch: Effect.sync(() => accessKey(String(++fetches))) })
    const both = Effect.gen(function*() {
      const chain = yield* CredentialChain.make([layer])
      return [idOf(yield* CredentialProvider.get), idOf(yield* chain.get)]
    })
    return Effect.map(Effect.provide(both, layer), (ids) => assert.deepStrictEqual(ids, ["1", "2"]))
  })

  it.scoped("starts at the first get", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", succeeding("one"))
      const chain = yield* CredentialChain.make([first.layer])
      assert.strictEqual(yield* first.builds, 0)
      yield* chain.get
      assert.strictEqual(yield* first.builds, 1)
    }))

  it.scoped("is over once a link has credentials: earlier links are not called again", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(notConfigured("first")))
      const second = yield* switchable("second", succeeding("two"))
      const chain = yield* CredentialChain.make([first.link, second.link])
      yield* chain.get
      yield* chain.get
      yield* TestClock.adjust("1 hour")
      yield* chain.get
      assert.strictEqual(yield* first.asked, 1)
    }))

  it.scoped("is shared by concurrent callers, and not canceled by the first of them", () =>
    Effect.gen(function*() {
      const slow = yield* switchable("slow", Effect.delay(Effect.fail(notConfigured("slow")), "1 seconds"))
      const last = yield* switchable("last", succeeding("last"))
      const chain = yield* CredentialChain.make([slow.link, last.link])
      const first = yield* Effect.fork(chain.get)
      const others = yield* Effect.forEach(Arr.range(1, 1000), () => Effect.fork(chain.get))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("500 millis")
      const ids = (yield* Effect.forEach(others, Fiber.join)).map(idOf)
      assert.deepStrictEqual(Arr.dedupe(ids), ["last"])
      assert.strictEqual(yield* slow.asked, 1)
      assert.strictEqual(yield* last.asked, 1)
    }))

  it.scoped("is not cached if it fails: the next get finds a new source", () =>
    Effect.gen(function*() {
      let entries: Texts = {}
      const { provider } = changing(() => entries)
      const chain = yield* CredentialChain.make([Environment.layer]).pipe(Effect.withConfigProvider(provider))
      assert.strictEqual((yield* Effect.flip(chain.get))._tag, "CredentialChainError")
      entries = { ALIBABA_CLOUD_ACCESS_KEY_ID: "id", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret" }
      assert.strictEqual(idOf(yield* chain.get), "id")
    }))

  it.scoped("runs again, once for all waiting callers, when the current link fails", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", succeeding("one"))
      const second = yield* switchable("second", Effect.delay(succeeding("two"), "1 seconds"))
      const chain = yield* CredentialChain.make([first.link, second.link])
      assert.strictEqual(idOf(yield* chain.get), "one")
      yield* first.become(Effect.fail(downAt("first")))
      const callers = yield* Effect.forEach(Arr.range(1, 100), () => Effect.fork(chain.get))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(Arr.dedupe((yield* Effect.forEach(callers, Fiber.join)).map(idOf)), ["two"])
      assert.strictEqual(yield* second.asked, 1)
      assert.strictEqual(yield* first.asked, 101, "each caller calls the link, and the search does not call it again")
    }))

  it.scoped("passes a defect on", () =>
    Effect.gen(function*() {
      const broken = yield* switchable("broken", Effect.die("bug"))
      const chain = yield* CredentialChain.make([broken.link, StaticCredentials.layer(accessKey("two"))])
      assert.isTrue(Exit.match(yield* Effect.exit(chain.get), { onFailure: Cause.isDie, onSuccess: () => false }))
    }))

  it.effect("is interrupted when the scope of the chain closes, and so is a later get", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const never = yield* switchable("never", Effect.never)
      const chain = yield* Scope.extend(CredentialChain.make([never.link]), scope)
      const waiting = yield* Effect.fork(Effect.exit(chain.get))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(waiting)))
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(chain.get)))
    }))
})

describe("a configured link that fails", () => {
  it.scoped("is skipped with one warning that names it", () =>
    Effect.gen(function*() {
      const absent = yield* switchable("absent", Effect.fail(notConfigured("absent")))
      const refused = yield* switchable("refused", Effect.fail(rejected("refused")))
      const last = yield* switchable("last", succeeding("last"))
      const lines = yield* logged(Effect.gen(function*() {
        const chain = yield* CredentialChain.make([absent.link, refused.link, last.link])
        yield* chain.get
        yield* chain.get
      }))
      assert.deepStrictEqual(lines, [
        "WARN last is used although a provider before it is configured: refused: rejected (no)"
      ])
    }))

  it.scoped("stops the search under the rule for production", () =>
    Effect.gen(function*() {
      const absent = yield* switchable("absent", Effect.fail(notConfigured("absent")))
      const refused = yield* switchable("refused", Effect.fail(rejected("refused")))
      const last = yield* switchable("last", succeeding("last"))
      const chain = yield* CredentialChain.make([absent.link, refused.link, last.link], {
        stopWhen: CredentialChain.stopWhenConfigured
      })
      const error = yield* Effect.flip(chain.get)
      assert.strictEqual(error._tag, "CredentialChainError")
      assert.deepStrictEqual(
        error._tag === "CredentialChainError" ? error.attempts.map((attempt) => attempt._tag) : [],
        ["CredentialsNotConfigured", "CredentialsRejected"]
      )
      assert.include(error.message, "\n  not asked, because a source before them is configured: last\n")
      assert.strictEqual(yield* last.builds, 0)
    }))

  it.scoped("because it is unavailable is checked again after the interval, and then used again", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(downAt("first")))
      const second = yield* switchable("second", succeeding("two"))
      const lines = yield* logged(Effect.gen(function*() {
        const chain = yield* CredentialChain.make([first.link, second.link])
        assert.strictEqual(idOf(yield* chain.get), "two")
        yield* first.become(succeeding("one"))
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(idOf(yield* chain.get), "two")
        yield* TestClock.adjust("1 seconds")
        yield* chain.get
        yield* settle
        assert.strictEqual(idOf(yield* chain.get), "one")
      }))
      assert.strictEqual(lines.at(-1), "WARN first is used from now on, instead of second")
      assert.strictEqual(lines.length, 2)
    }))

  it.scoped("because it is unavailable is checked again after the interval that was asked for", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(downAt("first")))
      const second = yield* switchable("second", succeeding("two"))
      const chain = yield* CredentialChain.make([first.link, second.link], { interval: "5 minutes" })
      yield* chain.get
      yield* TestClock.adjust("299 seconds")
      yield* Effect.zipRight(chain.get, settle)
      assert.strictEqual(yield* first.asked, 1)
      yield* TestClock.adjust("1 seconds")
      yield* Effect.zipRight(chain.get, settle)
      assert.strictEqual(yield* first.asked, 2)
    }))

  it.scoped("because it stays unavailable leaves the next link in use, even while it is checked", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(downAt("first")))
      const second = yield* switchable("second", succeeding("two"))
      const lines = yield* logged(Effect.gen(function*() {
        const chain = yield* CredentialChain.make([first.link, StaticCredentials.layer(accessKey("two")), second.link])
        for (let minute = 0; minute < 5; minute++) {
          assert.strictEqual(idOf(yield* chain.get), "two")
          yield* TestClock.adjust("1 minute")
        }
      }))
      assert.strictEqual(yield* first.asked, 5)
      assert.strictEqual(lines.length, 1)
    }))

  it.scoped("is checked once per interval, even if it fails with a defect", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(downAt("first")))
      const chain = yield* CredentialChain.make([first.link, StaticCredentials.layer(accessKey("two"))])
      yield* chain.get
      yield* first.become(Effect.die("bug"))
      yield* TestClock.adjust("1 minute")
      for (let call = 0; call < 5; call++) {
        assert.strictEqual(idOf(yield* chain.get), "two")
        yield* TestClock.adjust(1)
      }
      assert.strictEqual(yield* first.asked, 2)
      yield* TestClock.adjust("1 minute")
      yield* chain.get
      yield* settle
      assert.strictEqual(yield* first.asked, 3)
    }))

  it.scoped("during a search is called again by the next search", () =>
    Effect.gen(function*() {
      const slowly = Effect.delay(Effect.fail(downAt("first")), "10 seconds")
      const first = yield* switchable("first", Effect.fail(downAt("first")))
      const second = yield* switchable("second", succeeding("two"))
      const third = yield* switchable("third", succeeding("three"))
      const chain = yield* CredentialChain.make([first.link, second.link, third.link])
      yield* chain.get
      yield* first.become(slowly)
      yield* TestClock.adjust("1 minute")
      yield* chain.get
      yield* second.become(Effect.fail(downAt("second")))
      const waiting = yield* Effect.fork(chain.get)
      yield* TestClock.adjust("5 seconds")
      yield* second.become(succeeding("two"))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(idOf(yield* Fiber.join(waiting)), "two")
      yield* TestClock.adjust("1 minute")
      yield* chain.get
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(idOf(yield* chain.get), "two")
      assert.strictEqual(yield* third.asked, 0)
    }))

  it.scoped("because it is refused is not checked again", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(rejected("first")))
      const second = yield* switchable("second", succeeding("two"))
      const chain = yield* CredentialChain.make([first.link, second.link])
      yield* chain.get
      yield* TestClock.adjust("1 hour")
      yield* chain.get
      yield* settle
      assert.strictEqual(yield* first.asked, 1)
    }))
})

describe("the error of a chain", () => {
  it.scoped("lists every link with its typed reason and how to fix it", () =>
    Effect.gen(function*() {
      const chain = yield* CredentialChain.make([
        Environment.layer,
        CredentialChain.link("config", Layer.fail(notConfigured("config"))),
        StaticCredentials.layerConfig({
          accessKeyId: Config.string("BILLING_ID"),
          accessKeySecret: Config.redacted("BILLING_SECRET")
        }),
        CredentialChain.layer([Layer.fail(downAt("inner"))])
      ])
      const error = yield* Effect.flip(chain.get)
      assert.strictEqual(
        error.message,
        [
          "no credentials: env: misconfigured (ALIBABA_CLOUD_ACCESS_KEY_SECRET: not set, although ALIBABA_CLOUD_ACCESS_KEY_ID is)",
          "  fix: set ALIBABA_CLOUD_ACCESS_KEY_SECRET too, or unset ALIBABA_CLOUD_ACCESS_KEY_ID",
          "  also: inner: unavailable (down)",
          "  nothing configured for: config, link 3",
          "  more: effect-alicloud-credentials/docs/troubleshooting.md#misconfigured",
          "  1970-01-01T00:00:00.000Z"
        ].join("\n")
      )
      assert.isTrue(error.isTransient)
      assert.isFalse(CredentialError.isNotConfigured(error))
    }).pipe(Effect.provide(variables({ ALIBABA_CLOUD_ACCESS_KEY_ID: "id" }))))

  it.scoped("distinguishes links of the same kind by their names", () =>
    Effect.gen(function*() {
      const chain = yield* CredentialChain.make([
        CredentialChain.link("primary", Layer.fail(rejected("credential_uri"))),
        CredentialChain.link("env", Layer.fail(notConfigured("env"))),
        Layer.fail(rejected("credential_uri"))
      ])
      assert.strictEqual(
        (yield* Effect.flip(chain.get)).message,
        [
          "no credentials: primary: credential_uri: rejected (no)",
          "  also: credential_uri: rejected (no)",
          "  nothing configured for: env",
          "  more: effect-alicloud-credentials/docs/troubleshooting.md#rejected",
          "  1970-01-01T00:00:00.000Z"
        ].join("\n")
      )
    }).pipe(Effect.provide(noVariables)))

  it("is not configured if no link is configured", () => {
    const chain = new CredentialError.CredentialChainError({ attempts: [notConfigured("a"), notConfigured("b")] })
    assert.isTrue(CredentialError.isNotConfigured(chain))
    assert.isFalse(chain.isTransient)
    assert.isTrue(CredentialError.isNotConfigured(new CredentialError.CredentialChainError({ attempts: [chain] })))
  })
})

describe("the chain as a provider", () => {
  it.scoped("invalidates a refused key in the current link", () =>
    Effect.gen(function*() {
      const first = yield* switchable("first", Effect.fail(notConfigured("first")))
      const second = yield* switchable("second", succeeding("two"))
      const unused = yield* switchable("unused", succeeding("three"))
      const chain = yield* CredentialChain.make([first.link, second.link, unused.link])
      yield* chain.invalidate(yield* chain.get)
      assert.deepStrictEqual(yield* second.refused, ["two"])
      assert.strictEqual(yield* unused.builds, 0)
    }))

  it.scoped("renews sessions in the background through the current link", () =>
    Effect.gen(function*() {
      const count = yield* Ref.make(0)
      const chain = yield* CredentialChain.make([CredentialProvider.layer({
        name: "test",
        refresh: { jitter: 0 },
        fetch: countedSessions(count, 900)
      })])
      assert.strictEqual(idOf(yield* chain.get), "key1")
      yield* TestClock.adjust("675 seconds")
      assert.strictEqual(idOf(yield* chain.get), "key1")
      yield* settle
      assert.strictEqual(idOf(yield* chain.get), "key2")
    }))

  it.effect("recovers in a ManagedRuntime, where Layer.orElse stays failed", () =>
    Effect.gen(function*() {
      const link = yield* switchable("link", Effect.fail(downAt("link")))
      const runtime = ManagedRuntime.make(CredentialChain.layer([link.link]))
      yield* Effect.promise(() => runtime.runPromise(Effect.flip(CredentialProvider.get)))
      yield* link.become(succeeding("late"))
      const credentials = yield* Effect.promise(() => runtime.runPromise(CredentialProvider.get))
      assert.strictEqual(idOf(credentials), "late")
      yield* Effect.promise(() => runtime.dispose())
    }))

  it.effect("has an orElse with the signature of Layer.orElse", () =>
    Effect.gen(function*() {
      const layer = Environment.layer.pipe(
        CredentialChain.orElse(() => TestCredentialProvider.layer(accessKey("fallback")))
      )
      assert.strictEqual(idOf(yield* Effect.provide(CredentialProvider.get, layer)), "fallback")
    }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))))
})

describe("links by name", () => {
  const names = (links: ReadonlyArray<CredentialChain.Named>) => links.map((link) => link.name)
  const mine = CredentialChain.link("mine", StaticCredentials.layer(accessKey("mine")))
  const two = [
    CredentialChain.link("one", Environment.layer),
    CredentialChain.link("two", Environment.layer)
  ] as const

  it("of the default chain are in the documented order", () => {
    assert.deepStrictEqual(names(DefaultChain.links), [
      "env",
      "oidc_role_arn",
      "cli_profile",
      "profile",
      "ecs_ram_role",
      "credential_uri"
    ])
  })

  it("can be added before, after and between others", () => {
    assert.deepStrictEqual(names(CredentialChain.prepend(two, mine)), ["mine", "one", "two"])
    assert.deepStrictEqual(names(CredentialChain.append(two, mine)), ["one", "two", "mine"])
    assert.deepStrictEqual(names(CredentialChain.insertBefore(two, "two", mine)), ["one", "mine", "two"])
    assert.deepStrictEqual(
      names(
        CredentialChain.insertBefore(two as readonly [CredentialChain.Named, CredentialChain.Named], "three", mine)
      ),
      ["one", "two"]
    )
  })

  it("can be changed in a pipe", () => {
    const links = pipe(
      two,
      CredentialChain.prepend(mine),
      CredentialChain.remove("one"),
      CredentialChain.insertBefore("two", CredentialChain.link("between", Environment.layer)),
      CredentialChain.replace("two", Environment.layer),
      CredentialChain.append(CredentialChain.link("last", Environment.layer))
    )
    assert.deepStrictEqual(names(links), ["mine", "between", "two", "last"])
  })

  it("can be removed, except the last one", () => {
    assert.deepStrictEqual(names(CredentialChain.remove(two, "one")), ["two"])
    assert.deepStrictEqual(names(CredentialChain.remove(CredentialChain.remove(two, "one"), "two")), ["two"])
  })

  it.effect("can be replaced in place", () =>
    Effect.gen(function*() {
      const links = CredentialChain.replace(two, "two", StaticCredentials.layer(accessKey("mine")))
      assert.deepStrictEqual(names(links), ["one", "two"])
      assert.strictEqual(idOf(yield* Effect.provide(CredentialProvider.get, CredentialChain.layer(links))), "mine")
    }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))))
})
