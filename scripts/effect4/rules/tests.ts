/** What only tests use. */
import ts from "typescript"
import type { Code, Rule } from "../rule.ts"
import { onCall, onValue } from "./syntax.ts"

const compat = "test/support/compat.ts"
const helper = (name: string) => (code: Code) => code.helper(compat, name)

const vitest = `import { it } from "@effect/vitest"\nimport * as Effect from "effect/Effect"`

const methods: Readonly<Record<string, (code: Code) => string>> = {
  "scoped": () => "it.effect",
  "scopedLive": () => "it.live",
  "prop": helper("itProp"),
  "effect.prop": helper("itEffectProp")
}

export const tests: ReadonlyArray<Rule> = [
  {
    name: "shape it.scoped",
    why: "every effect of a test may hold a scope, and properties are those of fast-check",
    example: {
      before: `${vitest}\nit.scoped("x", () => Effect.void)`,
      after: `${vitest}\nit.effect("x", () => Effect.void)`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAccessExpression(node)) return undefined
      const nested = ts.isPropertyAccessExpression(node.expression) ? node.expression : undefined
      const root = nested === undefined ? node.expression : nested.expression
      const member = code.memberOf(root)
      if (member?.module !== "@effect/vitest" || member.name !== "it") return undefined
      const name = nested === undefined ? node.name.text : `${nested.name.text}.${node.name.text}`
      return Object.hasOwn(methods, name) ? methods[name]?.(code) : undefined
    }
  },
  onValue("effect/TestContext#TestContext", "the clock is all that is left of it", {
    before: `import * as TestContext from "effect/TestContext"\nexport const x = TestContext.TestContext`,
    after: `import * as TestClock from "effect/testing/TestClock"\nexport const x = TestClock.layer()`
  }, (code) => `${code.use("effect/testing/TestClock")}.layer()`),
  onValue("effect/TestServices#provideLive", "the clock is all that is left of it", {
    before:
      `import * as Effect from "effect/Effect"\nimport * as TestServices from "effect/TestServices"\nexport const x = TestServices.provideLive(Effect.void)`,
    after:
      `import * as Effect from "effect/Effect"\nimport * as TestClock from "effect/testing/TestClock"\nexport const x = TestClock.withLive(Effect.void)`
  }, (code) => `${code.use("effect/testing/TestClock")}.withLive`),
  onCall(
    "effect/Stream#repeatValue",
    "the same with one name less",
    {
      before: `import * as Stream from "effect/Stream"\nexport const x = Stream.repeatValue(1)`,
      after:
        `import * as Effect from "effect/Effect"\nimport * as Stream from "effect/Stream"\nexport const x = Stream.fromEffectRepeat(Effect.succeed(1))`
    },
    ({ code, texts }) =>
      `${code.use("effect/Stream")}.fromEffectRepeat(${code.use("effect/Effect")}.succeed(${texts()[0]}))`
  ),
  onCall("effect/Stream#runFold", "a fold starts with a function", {
    before:
      `import * as Stream from "effect/Stream"\nexport const x = Stream.runFold(Stream.make(1), 0, (a, b) => a + b)`,
    after:
      `import * as Stream from "effect/Stream"\nexport const x = Stream.runFold(Stream.make(1), () => 0, (a, b) => a + b)`
  }, ({ args, code, texts }) => {
    const all = [...texts()]
    const at = args.length === 3 ? 1 : 0
    all[at] = `() => ${all[at]}`
    return `${code.use("effect/Stream")}.runFold(${all.join(", ")})`
  }),
  onCall("effect/Random#fixed", "a random service is two functions", {
    before: `import * as Random from "effect/Random"\nexport const x = Random.fixed([0.5])`,
    after: `import { fixedRandom } from "./test/support/compat.ts"\nexport const x = fixedRandom([0.5])`
  }, ({ code, texts }) => `${helper("fixedRandom")(code)}(${texts().join(", ")})`),
  onCall("effect/Random#make", "a random service is two functions", {
    before: `import * as Random from "effect/Random"\nexport const x = Random.make("seed")`,
    after: `import { seededRandom } from "./test/support/compat.ts"\nexport const x = seededRandom("seed")`
  }, ({ code, texts }) => `${helper("seededRandom")(code)}(${texts().join(", ")})`),
  onValue("effect/Supervisor#AbstractSupervisor", "Effect 4 has no supervisor: a scheduler counts", {
    before: "",
    after: ""
  }, () => undefined),
  onCall("effect/Cause#failures", "a cause is a list of reasons", {
    before: `import * as Cause from "effect/Cause"\nexport const x = (cause: Cause.Cause<1>) => Cause.failures(cause)`,
    after:
      `export const x = (cause: Cause.Cause<1>) => cause.reasons.flatMap((reason) => reason._tag === "Fail" ? [reason.error] : [])\nimport type * as Cause from "effect/Cause"`
  }, ({ texts }) => `${texts()[0]}.reasons.flatMap((reason) => reason._tag === "Fail" ? [reason.error] : [])`)
]
