import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Redacted } from "effect"
import { CredentialProvider, Environment } from "effect-alicloud-credentials"
import { get, renew } from "../support/provider.ts"
import { broken, changing } from "../support/providers.ts"
import { assertShowsNone } from "../support/renderings.ts"
import { type Texts, variables } from "../support/variables.ts"

const id = "ALIBABA_CLOUD_ACCESS_KEY_ID"
const secret = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
const token = "ALIBABA_CLOUD_SECURITY_TOKEN"

const values = { [id]: "LTAI5tEnvironment", [secret]: "environment-secret", [token]: "environment-token" } as const

const environmentOf = (entries: Texts) => Layer.provide(Environment.layer, variables(entries))

const problem = (entries: Texts) => Effect.flip(Effect.scoped(Layer.build(environmentOf(entries))))

const states = ["set", "empty", "missing"] as const
type State = (typeof states)[number]

const entriesOf = (all: Readonly<Record<keyof typeof values, State>>): Texts =>
  Object.fromEntries(
    (Object.keys(values) as Array<keyof typeof values>).flatMap((name) =>
      all[name] === "missing" ? [] : [[name, all[name] === "set" ? values[name] : ""]]
    )
  )

describe("Environment", () => {
  for (const ofId of states) {
    for (const ofSecret of states) {
      for (const ofToken of states) {
        const entries = entriesOf({ [id]: ofId, [secret]: ofSecret, [token]: ofToken })
        const missing = [ofId === "set" ? [] : [id], ofSecret === "set" ? [] : [secret]].flat()

        it.effect(`id ${ofId}, secret ${ofSecret}, token ${ofToken}`, () =>
          Effect.gen(function*() {
            if (missing.length === 0) {
              const credentials = yield* Effect.provide(get, environmentOf(entries))
              assert.strictEqual(credentials.provider, "env")
              assert.isTrue(credentials._tag !== "BearerToken")
              if (credentials._tag === "BearerToken") return
              assert.strictEqual(credentials.accessKeyId, values[id])
              assert.strictEqual(Redacted.value(credentials.accessKeySecret), values[secret])
              assert.strictEqual(credentials._tag, ofToken === "set" ? "StsToken" : "AccessKey")
              if (credentials._tag !== "StsToken") return
              assert.strictEqual(Redacted.value(credentials.securityToken), values[token])
              assert.isTrue(Option.isNone(credentials.expiration))
              return
            }
            const error = yield* problem(entries)
            assertShowsNone(error, Object.values(values))
            if (ofId !== "set" && ofSecret !== "set" && ofToken !== "set") {
              assert.strictEqual(error._tag, "CredentialsNotConfigured")
              assert.strictEqual(
                error.reason,
                ofId === "empty" && ofSecret === "empty"
                  ? `${id} and ${secret} are set, but empty`
                  : `${id}, ${secret} not set`
              )
              assert.isUndefined(error.hint, "the CLI exports empty variables to its plugins")
            } else {
              assert.strictEqual(error._tag, "CredentialsMisconfigured")
              if (error._tag === "CredentialsMisconfigured") assert.strictEqual(error.at, missing.join(", "))
              assert.isString(error.hint)
            }
          }))
      }
    }
  }

  const ofJob =
    "Check that the secret exists and that this job may read it (jobs of forks may not), or unset the variable"

  it.effect.each<[string, Texts, string, string | undefined]>([
    [
      "an empty secret in CI",
      { CI: "true", [id]: "i", [secret]: "" },
      "set, but empty",
      ofJob
    ],
    [
      "an empty secret elsewhere",
      { [id]: "i", [secret]: " " },
      "set, but empty",
      `Set ${secret} too, or unset ${id}`
    ],
    [
      "two empty halves in CI",
      { CI: "1", [id]: "", [secret]: "" },
      `${id} and ${secret} are set, but empty`,
      ofJob
    ],
    [
      "two empty halves and CI=false",
      { CI: "false", [id]: "", [secret]: "" },
      `${id} and ${secret} are set, but empty`,
      undefined
    ],
    [
      "a missing secret in CI",
      { CI: "true", [id]: "i" },
      `not set, although ${id} is`,
      `Set ${secret} too, or unset ${id}`
    ],
    [
      "only a token",
      { [token]: "t" },
      `not set, although ${token} is`,
      `Export ${id} and ${secret} of the same session too, or unset ${token}`
    ],
    [
      "quotes",
      { [id]: "'i'", [secret]: "'s'" },
      "have quotes around them",
      "Remove the quotes: docker --env-file keeps them"
    ],
    [
      "a line break",
      { [id]: "i", [secret]: "a\nb" },
      "holds a line break or another control character",
      "Copy the value again, as one line"
    ]
  ])("says how to fix %s", ([, entries, reason, hint]) =>
    Effect.gen(function*() {
      const error = yield* problem(entries)
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.hint, hint)
    }))

  it.effect("reads the variables only when it is built", () =>
    Effect.gen(function*() {
      let entries: Texts = values
      const { provider, state } = changing(() => entries)
      const layer = Layer.provide(Environment.layer, Layer.setConfigProvider(provider))
      yield* Effect.gen(function*() {
        const atBuild = state.reads
        assert.isAbove(atBuild, 0)
        const before = yield* get
        entries = {}
        assert.strictEqual(yield* renew, before)
        assert.strictEqual(state.reads, atBuild)
      }).pipe(Effect.provide(layer))
      const later = yield* Effect.exit(Effect.provide(get, layer))
      assert.isTrue(Exit.isFailure(later), "a layer that is built later does not find them")
    }))

  it.effect("does not touch the values, but for the blanks and line breaks around them", () =>
    Effect.gen(function*() {
      const odd = "sec=ret #;\"%"
      for (const around of ["", "\n", "\r\n", " ", "\uFEFF"]) {
        const entries = { [id]: `${values[id]}${around}`, [secret]: `${around}${odd}${around}`, [token]: around }
        const credentials = yield* Effect.provide(get, environmentOf(entries))
        assert(credentials._tag === "AccessKey", "a blank token counts as absent")
        assert.strictEqual(credentials.accessKeyId, values[id])
        assert.strictEqual(Redacted.value(credentials.accessKeySecret), odd)
      }
    }))

  it.effect("refuses quotes around a value and line breaks in it, by the name of the variable", () =>
    Effect.gen(function*() {
      for (const name of [id, secret, token]) {
        for (
          const [value, reason] of [
            ["\"quoted-value\"", "has quotes around it"],
            ["'quoted-value'", "has quotes around it"],
            ["“quoted-value”", "has quotes around it"],
            ["value\u200b", "holds a line break or another control character"],
            ["broken\rvalue", "holds a line break or another control character"]
          ] as const
        ) {
          const error = yield* problem({ ...values, [name]: value })
          assert(error._tag === "CredentialsMisconfigured")
          assert.strictEqual(error.at, name)
          assert.strictEqual(error.reason, reason)
          assertShowsNone(error, [...Object.values(values), "quoted-value", "broken"])
        }
      }
    }))

  it.effect("converts an error of the config provider into one that names the variable and quotes nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Effect.scoped(
          Layer.build(
            Layer.provide(Environment.layer, Layer.setConfigProvider(broken("found environment-secret instead")))
          )
        )
      )
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      if (error._tag === "CredentialsMisconfigured") assert.include(error.at, id)
      assertShowsNone(error, ["environment-secret"])
    }))

  it.effect("can be built with make", () =>
    Effect.gen(function*() {
      const provider = yield* Environment.make
      assert.strictEqual(provider.name, "env")
      assert.strictEqual((yield* provider.get)._tag, "StsToken")
    }).pipe(Effect.provide(variables(values))))

  it.effect("falls back to the next layer if it is not configured", () =>
    Effect.gen(function*() {
      const next = Layer.succeed(CredentialProvider.CredentialProvider, {
        name: "next",
        get: Effect.dieMessage("not asked"),
        invalidate: () => Effect.void
      })
      const provider = yield* Effect.provide(
        CredentialProvider.CredentialProvider,
        Environment.layer.pipe(Layer.orElse(() => next), Layer.provide(variables()))
      )
      assert.strictEqual(provider.name, "next")
    }))
})
