/** What only tests use. */
import ts from "typescript"
import type { Code, Rule } from "../rule.ts"
import { dual, onCall, onValue } from "./syntax.ts"

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
      `import { withLive } from "./test/support/compat.ts"\nimport * as Effect from "effect/Effect"\nexport const x = withLive(Effect.void)`
  }, helper("withLive")),
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
  onValue("effect/ConfigError#isConfigError", "Effect 4 has no test for it", {
    before: `import * as ConfigError from "effect/ConfigError"\nexport const x = ConfigError.isConfigError`,
    after: `import { isConfigError } from "./src/internal/compat/configError.ts"\nexport const x = isConfigError`
  }, (code) => code.helper("src/internal/compat/configError.ts", "isConfigError")),
  onValue("effect/Stream#runCollect", "what is collected is an array", {
    before: `import * as Stream from "effect/Stream"\nexport const x = Stream.runCollect(Stream.make(1))`,
    after:
      `import { runCollect } from "./test/support/compat.ts"\nimport * as Stream from "effect/Stream"\nexport const x = runCollect(Stream.make(1))`
  }, (code) => code.isLibrary ? undefined : helper("runCollect")(code)),
  onCall("@effect/platform/HttpRouter#get", "a route is a layer", {
    before:
      `import { HttpRouter, HttpServerResponse } from "@effect/platform"\nexport const x = HttpRouter.get("/a", HttpServerResponse.empty())`,
    after:
      `import { HttpRouter, HttpServerResponse } from "effect/http"\nexport const x = HttpRouter.add("GET", "/a", HttpServerResponse.empty())`
  }, ({ code, texts }) => `${code.use("effect/http/HttpRouter")}.add("GET", ${texts().join(", ")})`),
  {
    name: "shape HttpRouter.empty.pipe(…)",
    why: "a route is a layer",
    example: {
      before:
        `import { HttpRouter, HttpServerResponse } from "@effect/platform"\nexport const x = HttpRouter.empty.pipe(HttpRouter.get("/a", HttpServerResponse.empty()))`,
      after:
        `import { HttpRouter, HttpServerResponse } from "effect/http"\nexport const x = HttpRouter.add("GET", "/a", HttpServerResponse.empty())`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
      const member = code.memberOf(node.expression.expression)
      const [route] = node.arguments
      return member?.module === "@effect/platform/HttpRouter" && member.name === "empty" && route !== undefined &&
          node.arguments.length === 1
        ? code.render(route)
        : undefined
    }
  },
  onCall(
    "effect/Queue#takeAll",
    "what is taken is an array",
    {
      before: `import * as Queue from "effect/Queue"\nexport const x = (queue: Queue.Queue<1>) => Queue.takeAll(queue)`,
      after:
        `import * as Chunk from "effect/Chunk"\nimport * as Effect from "effect/Effect"\nimport * as Queue from "effect/Queue"\nexport const x = (queue: Queue.Queue<1>) => Effect.map(Queue.takeAll(queue), Chunk.fromIterable)`
    },
    ({ code, texts }) =>
      `${code.use("effect/Effect")}.map(${code.use("effect/Queue")}.takeAll(${texts()[0]}), ${
        code.use("effect/Chunk")
      }.fromIterable)`
  ),
  onValue("effect/Metric#snapshot", "a snapshot has another form", {
    before: `import * as Metric from "effect/Metric"\nexport const x = Metric.snapshot`,
    after: `import { metrics } from "./test/support/compat.ts"\nexport const x = metrics`
  }, helper("metrics")),
  onValue("effect/Metric#unsafeSnapshot", "a snapshot has another form", {
    before: `import * as Metric from "effect/Metric"\nexport const x = Metric.unsafeSnapshot()`,
    after: `import { metricsNow } from "./test/support/compat.ts"\nexport const x = metricsNow()`
  }, helper("metricsNow")),
  onCall("effect/Stream#mapAccum", "a fold starts with a function, and gives several values", {
    before:
      `import * as Stream from "effect/Stream"\nexport const x = Stream.mapAccum(Stream.make(1), 0, (a, b) => [a + b, a] as const)`,
    after:
      `import * as Stream from "effect/Stream"\nexport const x = Stream.mapAccum(Stream.make(1), () => 0, (state, value) => { const [next, given] = ((a, b) => [a + b, a] as const)(state, value); return [next, [given]] as const })`
  }, ({ args, code, texts }) => {
    const all = [...texts()]
    const at = args.length === 3 ? 1 : 0
    all[at] = `() => ${all[at]}`
    all[at + 1] = `(state, value) => { const [next, given] = (${
      all[at + 1]
    })(state, value); return [next, [given]] as const }`
    return `${code.use("effect/Stream")}.mapAccum(${all.join(", ")})`
  }),
  onCall("@effect/platform/Command#make", "the arguments of a program are a list", {
    before: `import * as Command from "@effect/platform/Command"\nexport const x = Command.make("a", "b", "c")`,
    after:
      `import * as ChildProcess from "effect/process/ChildProcess"\nexport const x = ChildProcess.make("a", ["b", "c"])`
  }, ({ code, texts }) => {
    const [program, ...args] = texts()
    return `${code.use("effect/process/ChildProcess")}.make(${program}, [${args.join(", ")}])`
  }),
  ...([["exitCode", "exitCode"], ["start", "spawn"]] as const).map(([from, to]) =>
    onCall(
      `@effect/platform/Command#${from}`,
      "the spawner runs programs",
      {
        before:
          `import * as Command from "@effect/platform/Command"\nexport const x = (it: Command.Command) => Command.${from}(it)`,
        after:
          `import * as Effect from "effect/Effect"\nimport * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"\nimport type * as ChildProcess from "effect/process/ChildProcess"\nexport const x = (it: ChildProcess.Command) => Effect.flatMap(ChildProcessSpawner.ChildProcessSpawner, (spawner) => spawner.${to}(it))`
      },
      ({ code, texts }) =>
        `${code.use("effect/Effect")}.flatMap(${
          code.use("effect/process/ChildProcessSpawner")
        }.ChildProcessSpawner, (spawner) => spawner.${to}(${texts()[0]}))`
    )
  ),
  onCall("effect/Schedule#upTo", "how long is an option", {
    before:
      `import * as Schedule from "effect/Schedule"\nexport const x = Schedule.forever.pipe(Schedule.upTo("1 second"))`,
    after:
      `import * as Schedule from "effect/Schedule"\nexport const x = Schedule.forever.pipe(Schedule.upTo({ duration: "1 second" }))`
  }, ({ code, texts }) => {
    const all = texts()
    return `${code.use("effect/Schedule")}.upTo(${[...all.slice(0, -1), `{ duration: ${all.at(-1)} }`].join(", ")})`
  }),
  onCall("effect/Schedule#whileInput", "a condition gets all that a schedule knows", {
    before:
      `import * as Schedule from "effect/Schedule"\nexport const x = Schedule.forever.pipe(Schedule.whileInput((n: number) => n > 0))`,
    after:
      `import * as Schedule from "effect/Schedule"\nexport const x = Schedule.forever.pipe(Schedule.while(({ input }) => ((n: number) => n > 0)(input as never)))`
  }, ({ args, code, texts }) =>
    args.length === 1
      ? `${code.use("effect/Schedule")}.while(({ input }) => (${texts()[0]})(input as never))`
      : undefined),
  onCall("effect/Layer#retry", "building a layer is retried as any effect", {
    before:
      `import * as Layer from "effect/Layer"\nimport * as Schedule from "effect/Schedule"\nexport const x = Layer.retry(Layer.empty, Schedule.recurs(1))`,
    after:
      `import * as Effect from "effect/Effect"\nimport * as Layer from "effect/Layer"\nimport * as Schedule from "effect/Schedule"\nexport const x = Layer.effectContext(Effect.retry(Layer.build(Layer.fresh(Layer.empty)), Schedule.recurs(1)))`
  }, (called) => {
    const { code } = called
    const L = code.use("effect/Layer")
    return dual(
      called,
      2,
      (self, [schedule]) =>
        `${L}.effectContext(${code.use("effect/Effect")}.retry(${L}.build(${L}.fresh(${self})), ${schedule}))`
    )
  }),
  onCall("effect/Cause#failures", "a cause is a list of reasons", {
    before: `import * as Cause from "effect/Cause"\nexport const x = (cause: Cause.Cause<1>) => Cause.failures(cause)`,
    after:
      `export const x = (cause: Cause.Cause<1>) => cause.reasons.flatMap((reason) => reason._tag === "Fail" ? [reason.error] : [])\nimport type * as Cause from "effect/Cause"`
  }, ({ texts }) => `${texts()[0]}.reasons.flatMap((reason) => reason._tag === "Fail" ? [reason.error] : [])`)
]
