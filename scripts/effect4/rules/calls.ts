/** Members whose calls are written in another way. */
import ts from "typescript"
import type { Code, Rule } from "../rule.ts"
import { dual, fieldOf, fieldsBesides, onCall, onValue } from "./syntax.ts"

const use = (module: string) => (code: Code) => code.use(module)
const Effect = use("effect/Effect")

const head = (modules: string): string =>
  modules.split(" ").map((name) => `import * as ${name} from "effect/${name}"`).join("\n")

const effects: ReadonlyArray<Rule> = [
  onCall("effect/Effect#if", "Effect 4 has no if for a condition that is an effect", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.if(Effect.succeed(true), { onTrue: () => Effect.succeed(1), onFalse: () => Effect.succeed(2) })`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.flatMap(Effect.succeed(true), (holds) => holds ? (() => Effect.succeed(1))() : (() => Effect.succeed(2))())`
  }, ({ args, code, texts }) => {
    const onTrue = fieldOf(args[1], "onTrue", code)
    const onFalse = fieldOf(args[1], "onFalse", code)
    if (onTrue === undefined || onFalse === undefined) return undefined
    return `${Effect(code)}.flatMap(${texts()[0]}, (holds) => holds ? (${onTrue})() : (${onFalse})())`
  }),
  onCall("effect/Effect#tapBoth", "one of the two runs, so that both can be tapped one after the other", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.tapBoth(Effect.succeed(1), { onFailure: () => Effect.void, onSuccess: () => Effect.void })`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.tap(Effect.tapError(Effect.succeed(1), () => Effect.void), () => Effect.void)`
  }, ({ args, code, texts }) => {
    const fields = args.at(-1)
    const onFailure = fieldOf(fields, "onFailure", code)
    const onSuccess = fieldOf(fields, "onSuccess", code)
    if (onFailure === undefined || onSuccess === undefined) return undefined
    const E = Effect(code)
    return args.length === 2
      ? `${E}.tap(${E}.tapError(${texts()[0]}, ${onFailure}), ${onSuccess})`
      : `(self) => self.pipe(${E}.tapError(${onFailure}), ${E}.tap(${onSuccess}))`
  }),
  onCall("effect/Effect#timeoutTo", "a timeout has another effect, and no function of the value", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.timeoutTo(Effect.succeed(1), { duration: 5, onSuccess: (n) => n + 1, onTimeout: () => 0 })`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.timeoutOrElse(Effect.map(Effect.succeed(1), (n) => n + 1), { duration: 5, orElse: () => Effect.sync(() => 0) })`
  }, ({ args, code, texts }) => {
    const duration = fieldOf(args[1], "duration", code)
    const onSuccess = fieldOf(args[1], "onSuccess", code)
    const onTimeout = fieldOf(args[1], "onTimeout", code)
    if (duration === undefined || onSuccess === undefined || onTimeout === undefined) return undefined
    const E = Effect(code)
    return `${E}.timeoutOrElse(${E}.map(${
      texts()[0]
    }, ${onSuccess}), { duration: ${duration}, orElse: () => ${E}.sync(${onTimeout}) })`
  }),
  onCall("effect/Effect#timeoutFail", "a timeout has another effect", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.succeed(1).pipe(Effect.timeoutFail({ duration: 5, onTimeout: () => "late" }))`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.succeed(1).pipe(Effect.timeoutOrElse({ duration: 5, orElse: () => Effect.fail((() => "late")()) }))`
  }, ({ args, code, texts }) => {
    const fields = args.at(-1)
    const duration = fieldOf(fields, "duration", code)
    const onTimeout = fieldOf(fields, "onTimeout", code)
    if (duration === undefined || onTimeout === undefined) return undefined
    const E = Effect(code)
    const written = `{ duration: ${duration}, orElse: () => ${E}.fail((${onTimeout})()) }`
    return args.length === 2 ? `${E}.timeoutOrElse(${texts()[0]}, ${written})` : `${E}.timeoutOrElse(${written})`
  }),
  onCall("effect/Effect#tryMap", "mapping and trying are two", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.tryMap(Effect.succeed("1"), { try: (text) => JSON.parse(text), catch: () => "no" })`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.flatMap(Effect.succeed("1"), (value) => Effect.try({ try: () => ((text) => JSON.parse(text))(value), catch: () => "no" }))`
  }, ({ args, code, texts }) => {
    const attempt = fieldOf(args[1], "try", code)
    const onError = fieldOf(args[1], "catch", code)
    if (attempt === undefined || onError === undefined) return undefined
    const E = Effect(code)
    return `${E}.flatMap(${texts()[0]}, (value) => ${E}.try({ try: () => (${attempt})(value), catch: ${onError} }))`
  }),
  onCall("effect/Effect#whenEffect", "the condition of when is an effect", {
    before: `${head("Effect")}\nexport const x = Effect.whenEffect(Effect.void, Effect.succeed(true))`,
    after: `${head("Effect")}\nexport const x = Effect.when(Effect.void, Effect.succeed(true))`
  }, ({ code, texts }) => `${Effect(code)}.when(${texts().join(", ")})`),
  onCall("effect/Effect#unlessEffect", "the condition of when is an effect, and there is no unless", {
    before: `${head("Effect")}\nexport const x = Effect.unlessEffect(Effect.void, Effect.succeed(true))`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.when(Effect.void, Effect.map(Effect.succeed(true), (holds) => !holds))`
  }, ({ code, texts }) => {
    const E = Effect(code)
    const all = texts()
    return `${E}.when(${[...all.slice(0, -1), `${E}.map(${all.at(-1)}, (holds) => !holds)`].join(", ")})`
  }),
  ...(["when", "unless"] as const).map((name) =>
    onCall(`effect/Effect#${name}`, "the condition of when is an effect, and there is no unless", {
      before: `${head("Effect")}\nexport const x = Effect.${name}(Effect.void, () => true)`,
      after: `${head("Effect")}\nexport const x = Effect.when(Effect.void, Effect.sync(() => ${
        name === "when" ? "(() => true)()" : "!(() => true)()"
      }))`
    }, ({ code, texts }) => {
      const E = Effect(code)
      const all = texts()
      const condition = `${E}.sync(() => ${name === "unless" ? "!" : ""}(${all.at(-1)})())`
      return `${E}.when(${[...all.slice(0, -1), condition].join(", ")})`
    })
  ),
  onCall(
    "effect/Effect#exists",
    "looking for the first one answers the same question",
    {
      before: `${head("Effect")}\nexport const x = Effect.exists([1], (n) => Effect.succeed(n > 0))`,
      after: `import * as Option from "effect/Option"\n${
        head("Effect")
      }\nexport const x = Effect.map(Effect.findFirst([1], (n) => Effect.succeed(n > 0)), Option.isSome)`
    },
    ({ code, texts }) =>
      `${Effect(code)}.map(${Effect(code)}.findFirst(${texts().join(", ")}), ${code.use("effect/Option")}.isSome)`
  ),
  onCall("effect/Effect#dieMessage", "one way to die is enough", {
    before: `${head("Effect")}\nexport const x = Effect.dieMessage("no")`,
    after: `${head("Effect")}\nexport const x = Effect.die(new Error("no"))`
  }, ({ code, texts }) => `${Effect(code)}.die(new Error(${texts()[0]}))`),
  onCall("effect/Effect#filterOrDieMessage", "one way to die is enough", {
    before: `${head("Effect")}\nexport const x = Effect.filterOrDieMessage(Effect.succeed(1), (n) => n > 0, "no")`,
    after: `${
      head("Effect")
    }\nexport const x = Effect.filterOrElse(Effect.succeed(1), (n) => n > 0, () => Effect.die(new Error("no")))`
  }, ({ code, texts }) => {
    const all = texts()
    const E = Effect(code)
    return `${E}.filterOrElse(${[...all.slice(0, -1), `() => ${E}.die(new Error(${all.at(-1)}))`].join(", ")})`
  }),
  onCall("effect/Effect#repeatN", "how often is an option of repeat", {
    before: `${head("Effect")}\nexport const x = Effect.void.pipe(Effect.repeatN(3))`,
    after: `${head("Effect")}\nexport const x = Effect.void.pipe(Effect.repeat({ times: 3 }))`
  }, ({ code, texts }) => {
    const all = texts()
    return `${Effect(code)}.repeat(${[...all.slice(0, -1), `{ times: ${all.at(-1)} }`].join(", ")})`
  }),
  onValue("effect/Effect#merge", "Effect 4 has no merge of the error with the value", {
    before: `${head("Effect")}\nexport const x = Effect.merge(Effect.succeed(1))`,
    after: `import { merge } from "./test/support/compat.ts"\n${
      head("Effect")
    }\nexport const x = merge(Effect.succeed(1))`
  }, (code) => code.helper("test/support/compat.ts", "merge")),
  ...([
    ["withClock", "effect/Clock", "Clock"],
    ["withRandom", "effect/Random", "Random"],
    ["withConfigProvider", "effect/ConfigProvider", "ConfigProvider"]
  ] as const).map(([name, module, key]) =>
    onCall(`effect/Effect#${name}`, "it is provided as any service", {
      before: `${head(`Effect ${key}`)}\nexport const x = (it: ${key}.${key}) => Effect.${name}(Effect.void, it)`,
      after: `${
        head("Effect")
      }\nimport * as ${key} from "effect/${key}"\nexport const x = (it: ${key}.${key}) => Effect.provideService(Effect.void, ${key}.${key}, it)`
    }, ({ code, texts }) => {
      const all = texts()
      return `${Effect(code)}.provideService(${
        [...all.slice(0, -1), `${code.use(module)}.${key}`, all.at(-1)].join(", ")
      })`
    })
  ),
  onCall(
    "effect/Effect#configProviderWith",
    "it is read as any service",
    {
      before: `${head("Effect")}\nexport const x = Effect.configProviderWith(() => Effect.void)`,
      after: `import * as ConfigProvider from "effect/ConfigProvider"\n${
        head("Effect")
      }\nexport const x = Effect.flatMap(ConfigProvider.ConfigProvider, () => Effect.void)`
    },
    ({ code, texts }) => `${Effect(code)}.flatMap(${code.use("effect/ConfigProvider")}.ConfigProvider, ${texts()[0]})`
  ),
  onCall("effect/Effect#locally", "settings are references, which are provided as services", {
    before: `import * as HttpClient from "@effect/platform/HttpClient"\n${
      head("Effect")
    }\nexport const x = Effect.locally(HttpClient.currentTracerDisabledWhen, () => true)`,
    after: `import * as HttpClient from "effect/http/HttpClient"\n${
      head("Effect")
    }\nexport const x = Effect.provideService(HttpClient.TracerDisabledWhen, () => true)`
  }, ({ args, code, texts }) => {
    const [reference, value] = args
    const member = reference === undefined ? undefined : code.memberOf(reference)
    return member?.module === "effect/FiberRef" && member.name === "currentContext" && value !== undefined
      ? `${Effect(code)}.provideContext(${code.render(value)})`
      : `${Effect(code)}.provideService(${texts().join(", ")})`
  }),
  onCall("effect/Effect#locallyWith", "settings are references, which are provided as services", {
    before: `import * as Headers from "@effect/platform/Headers"\n${
      head("Effect")
    }\nexport const x = Effect.locallyWith(Headers.currentRedactedNames, (names) => names)`,
    after: `import * as Headers from "effect/http/Headers"\n${
      head("Effect")
    }\nexport const x = Effect.updateService(Headers.CurrentRedactedNames, (names) => names)`
  }, ({ code, texts }) => `${Effect(code)}.updateService(${texts().join(", ")})`),
  onCall("effect/Effect#yieldNow", "it is a value", {
    before: `${head("Effect")}\nexport const x = Effect.yieldNow()`,
    after: `${head("Effect")}\nexport const x = Effect.yieldNow`
  }, ({ args, code }) => args.length === 0 ? `${Effect(code)}.yieldNow` : undefined),
  onCall("effect/Effect#withSpan", "whether a stack trace is taken is an argument of its own", {
    before: `${head("Effect")}\nexport const x = Effect.withSpan("x", { kind: "client", captureStackTrace: false })`,
    after: `${head("Effect")}\nexport const x = Effect.withSpan("x", { kind: "client" }, { captureStackTrace: false })`
  }, ({ args, code, texts }) => {
    const last = args.at(-1)
    const captures = fieldOf(last, "captureStackTrace", code)
    if (captures === undefined || last === undefined || !ts.isObjectLiteralExpression(last)) return undefined
    const written = `{ ${
      fieldsBesides(last, ["captureStackTrace"], code).join(", ")
    } }, { captureStackTrace: ${captures} }`
    return `${Effect(code)}.withSpan(${[...texts().slice(0, -1), written].join(", ")})`
  }),
  onCall("effect/Effect#useSpan", "it takes no stack trace", {
    before: `${
      head("Effect")
    }\nexport const x = Effect.useSpan("x", { kind: "client", captureStackTrace: false }, () => Effect.void)`,
    after: `${head("Effect")}\nexport const x = Effect.useSpan("x", { kind: "client" }, () => Effect.void)`
  }, ({ args, code, texts }) => {
    const options = args[1]
    if (options === undefined || !ts.isObjectLiteralExpression(options)) return undefined
    const [name, , use] = texts()
    return `${Effect(code)}.useSpan(${name}, { ${
      fieldsBesides(options, ["captureStackTrace"], code).join(", ")
    } }, ${use})`
  })
]

const others: ReadonlyArray<Rule> = [
  onCall("effect/Effect#logWithLevel", "the level comes first, by itself", {
    before: `${head("Effect LogLevel")}\nexport const x = Effect.logWithLevel(LogLevel.Warning, "text")`,
    after: `${
      head("Effect LogLevel")
    }\nexport const x = Effect.logWithLevel(("Warn" as LogLevel.LogLevel) as LogLevel.Severity)("text")`
  }, ({ code, texts }) => {
    const [level, ...message] = texts()
    return `${Effect(code)}.logWithLevel(${level} as ${code.use("effect/LogLevel")}.Severity)(${message.join(", ")})`
  }),
  onCall("effect/DateTime#distance", "a distance is a duration", {
    before: `${head("DateTime")}\nexport const x = (a: DateTime.Utc, b: DateTime.Utc) => DateTime.distance(a, b)`,
    after: `import * as Duration from "effect/Duration"\n${
      head("DateTime")
    }\nexport const x = (a: DateTime.Utc, b: DateTime.Utc) => Duration.toMillis(DateTime.distance(a, b))`
  }, ({ args, code, texts }) =>
    args.length === 2
      ? `${code.use("effect/Duration")}.toMillis(${code.use("effect/DateTime")}.distance(${texts().join(", ")}))`
      : undefined),
  ...["add", "subtract"].map((name) =>
    onCall(`effect/DateTime#${name}`, "units have whole names", {
      before: `${head("DateTime")}\nexport const x = (a: DateTime.Utc) => DateTime.${name}(a, { millis: 5 })`,
      after: `${head("DateTime")}\nexport const x = (a: DateTime.Utc) => DateTime.${name}(a, { milliseconds: 5 })`
    }, ({ args, code, texts }) => {
      const parts = args.at(-1)
      const millis = fieldOf(parts, "millis", code)
      if (millis === undefined || parts === undefined || !ts.isObjectLiteralExpression(parts)) return undefined
      const fields = [`milliseconds: ${millis}`, ...fieldsBesides(parts, ["millis"], code)]
      return `${code.use("effect/DateTime")}.${name}(${
        [...texts().slice(0, -1), `{ ${fields.join(", ")} }`].join(", ")
      })`
    })
  ),
  onCall("effect/Stream#interruptWhenDeferred", "a deferred is awaited", {
    before: `${
      head("Deferred Stream")
    }\nexport const x = (end: Deferred.Deferred<void>) => Stream.interruptWhenDeferred(Stream.never, end)`,
    after: `import * as Deferred from "effect/Deferred"\n${
      head("Stream")
    }\nexport const x = (end: Deferred.Deferred<void>) => Stream.interruptWhen(Stream.never, Deferred.await(end))`
  }, ({ code, texts }) => {
    const all = texts()
    return `${code.use("effect/Stream")}.interruptWhen(${
      [...all.slice(0, -1), `${code.use("effect/Deferred")}.await(${all.at(-1)})`].join(", ")
    })`
  }),
  onCall("effect/Schema#is", "a test takes no options", {
    before: `${head("Schema")}\nexport const x = Schema.is(Schema.String, { onExcessProperty: "error" })`,
    after: `import * as Result from "effect/Result"\n${
      head("Schema")
    }\nexport const x = (input: unknown): boolean => Result.isSuccess(Schema.decodeUnknownResult(Schema.toType(Schema.String), { onExcessProperty: "error" })(input))`
  }, ({ args, code, texts }) => {
    if (args.length !== 2) return undefined
    const [schema, options] = texts()
    const S = code.use("effect/Schema")
    const isName = args[0] !== undefined && ts.isIdentifier(args[0])
    return `(input: unknown): ${isName ? `input is typeof ${schema}.Type` : "boolean"} => ${
      code.use("effect/Result")
    }.isSuccess(${S}.decodeUnknownResult(${S}.toType(${schema}), ${options})(input))`
  })
]

const fiberRefs: ReadonlyArray<Rule> = [
  onCall("effect/FiberRef#get", "settings are references, which are read as services", {
    before: `${head("Effect FiberRef")}\nexport const x = Effect.asVoid(FiberRef.get(FiberRef.currentTracerEnabled))`,
    after: `import * as References from "effect/References"\n${
      head("Effect")
    }\nexport const x = Effect.asVoid(Effect.service(References.TracerEnabled))`
  }, ({ code, texts }) => `${Effect(code)}.service(${texts()[0]})`),
  onCall("effect/FiberRef#getWith", "settings are references, which are read as services", {
    before: `${
      head("Effect FiberRef")
    }\nexport const x = FiberRef.getWith(FiberRef.currentTracerEnabled, Effect.succeed)`,
    after: `import * as References from "effect/References"\n${
      head("Effect")
    }\nexport const x = Effect.flatMap(Effect.service(References.TracerEnabled), Effect.succeed)`
  }, ({ code, texts }) => {
    const [reference, then] = texts()
    return `${Effect(code)}.flatMap(${Effect(code)}.service(${reference}), ${then})`
  }),
  onValue("effect/FiberRef#currentTracerEnabled", "settings are references", {
    before: `${head("Effect FiberRef")}\nexport const x = Effect.asVoid(FiberRef.get(FiberRef.currentTracerEnabled))`,
    after: `import * as References from "effect/References"\n${
      head("Effect")
    }\nexport const x = Effect.asVoid(Effect.service(References.TracerEnabled))`
  }, (code) => `${code.use("effect/References")}.TracerEnabled`),
  onCall("effect/Deferred#unsafeMake", "a deferred knows no fiber", {
    before: `${head("Deferred FiberId")}\nexport const x = Deferred.unsafeMake<number, string>(FiberId.none)`,
    after: `${head("Deferred")}\nexport const x = Deferred.makeUnsafe<number, string>()`
  }, ({ code, node }) => {
    const types = node.typeArguments?.map(code.render).join(", ")
    return `${code.use("effect/Deferred")}.makeUnsafe${types === undefined ? "" : `<${types}>`}()`
  }),
  onCall(
    "effect/Scope#fork",
    "finalizers run in sequence by default",
    {
      before: `${
        head("ExecutionStrategy Scope")
      }\nexport const x = (scope: Scope.Scope) => Scope.fork(scope, ExecutionStrategy.sequential)`,
      after: `${head("Scope")}\nexport const x = (scope: Scope.Scope) => Scope.fork(scope)`
    },
    ({ args: [scope, strategy], code }) =>
      scope !== undefined && strategy !== undefined && code.memberOf(strategy)?.name === "sequential"
        ? `${code.use("effect/Scope")}.fork(${code.render(scope)})`
        : undefined
  ),
  onCall("effect/Runtime#updateContext", "a runtime is now a context", {
    before: `${
      head("Context Runtime")
    }\nexport const x = (runtime: Runtime.Runtime<never>) => Runtime.updateContext(runtime, (context: Context.Context<never>) => context)`,
    after: `${
      head("Context")
    }\nexport const x = (runtime: Context.Context<never>) => ((context: Context.Context<never>) => context)(runtime)`
  }, ({ texts }) => {
    const [self, update = ""] = texts()
    return `${update.includes("=>") ? `(${update})` : update}(${self})`
  }),
  onCall("effect/FiberRef#unsafeMake", "a setting is a reference, which has a key", {
    before: `${head("FiberRef")}\nexport const isQuick: FiberRef.FiberRef<boolean> = FiberRef.unsafeMake(true)`,
    after:
      `import * as Context from "effect/Context"\nexport const isQuick: Context.Reference<boolean> = Context.Reference("effect-alicloud-credentials/isQuick", { defaultValue: () => true })`
  }, ({ code, node, texts }) => {
    const { parent } = node
    if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name)) return undefined
    const key = JSON.stringify(`effect-alicloud-credentials/${parent.name.text}`)
    return `${code.use("effect/Context")}.Reference(${key}, { defaultValue: () => ${texts()[0]} })`
  }),
  {
    name: "type effect/FiberRef#FiberRef",
    why: "settings are references",
    example: {
      before: `import type * as FiberRef from "effect/FiberRef"\nexport type X = FiberRef.FiberRef<boolean>`,
      after: `import * as Context from "effect/Context"\nexport type X = Context.Reference<boolean>`
    },
    apply: (node, code) => {
      if (!ts.isTypeReferenceNode(node)) return undefined
      const member = code.memberOf(node.typeName)
      if (member?.module !== "effect/FiberRef" || member.name !== "FiberRef") return undefined
      return `${code.use("effect/Context")}.Reference<${node.typeArguments?.map(code.render).join(", ")}>`
    }
  },
  onCall("effect/Deferred#unsafeDone", "it says whether it was the first", {
    before: `${
      head("Deferred Effect")
    }\nexport const x = (it: Deferred.Deferred<void>) => Deferred.unsafeDone(it, Effect.void)`,
    after: `${
      head("Deferred Effect")
    }\nexport const x = (it: Deferred.Deferred<void>) => void Deferred.doneUnsafe(it, Effect.void)`
  }, ({ code, texts }) => `void ${code.use("effect/Deferred")}.doneUnsafe(${texts().join(", ")})`),
  onCall("effect/Exit#interrupt", "a fiber is interrupted by nobody in particular", {
    before: `${head("Exit FiberId")}\nexport const x = Exit.interrupt(FiberId.none)`,
    after: `${head("Exit")}\nexport const x = Exit.interrupt()`
  }, ({ code }) => `${code.use("effect/Exit")}.interrupt()`),
  onCall("effect/Cause#pretty", "causes of errors are always shown", {
    before: `${
      head("Cause")
    }\nexport const x = (cause: Cause.Cause<1>) => Cause.pretty(cause, { renderErrorCause: true })`,
    after: `${head("Cause")}\nexport const x = (cause: Cause.Cause<1>) => Cause.pretty(cause)`
  }, ({ args: [cause, options], code }) =>
    cause !== undefined && options !== undefined
      ? `${code.use("effect/Cause")}.pretty(${code.render(cause)})`
      : undefined),
  {
    name: "shape fiber.getFiberRef",
    why: "settings are references, and the context is a field",
    example: {
      before: `${
        head("Fiber FiberRef")
      }\nexport const x = (fiber: Fiber.RuntimeFiber<1>) => [fiber.getFiberRef(FiberRef.currentContext), fiber.getFiberRef(FiberRef.currentTracerEnabled)]`,
      after:
        `import type * as Fiber from "effect/Fiber"\nimport * as References from "effect/References"\nexport const x = (fiber: Fiber.Fiber<1>) => [fiber.context, fiber.getRef(References.TracerEnabled)]`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
      const [reference] = node.arguments
      if (node.expression.name.text !== "getFiberRef" || reference === undefined) return undefined
      const fiber = code.render(node.expression.expression)
      const member = code.memberOf(reference)
      return member?.module === "effect/FiberRef" && member.name === "currentContext"
        ? `${fiber}.context`
        : `${fiber}.getRef(${code.render(reference)})`
    }
  },
  {
    name: "shape fields of fibers and contexts",
    why: "there is one context, and unsafe is a suffix",
    example: {
      before: `${
        head("Fiber")
      }\nexport const x = (fiber: Fiber.RuntimeFiber<1>): unknown => fiber.currentContext.unsafeMap.get("x")`,
      after:
        `import type * as Fiber from "effect/Fiber"\nexport const x = (fiber: Fiber.Fiber<1>): unknown => fiber.context.mapUnsafe.get("x")`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAccessExpression(node)) return undefined
      const fields = new Map([
        ["currentContext", ["effect/Fiber#RuntimeFiber", "context"] as const],
        ["unsafeMap", ["effect/Context#Context", "mapUnsafe"] as const]
      ])
      const [type, to] = fields.get(node.name.text) ?? []
      return type !== undefined && code.typesOf(node.expression).includes(type)
        ? `${code.render(node.expression)}.${to}`
        : undefined
    }
  },
  onCall(
    "effect/Cause#dieOption",
    "what is found is a result",
    {
      before: `${head("Cause")}\nexport const x = (cause: Cause.Cause<1>) => Cause.dieOption(cause)`,
      after: `import * as Result from "effect/Result"\n${
        head("Cause")
      }\nexport const x = (cause: Cause.Cause<1>) => Result.getSuccess(Cause.findDefect(cause))`
    },
    ({ code, texts }) =>
      `${code.use("effect/Result")}.getSuccess(${code.use("effect/Cause")}.findDefect(${texts()[0]}))`
  ),
  onCall("effect/Fiber#poll", "polling is no effect", {
    before: `${head("Fiber")}\nexport const x = (fiber: Fiber.RuntimeFiber<number>) => Fiber.poll(fiber)`,
    after: `import { poll } from "./test/support/compat.ts"\n${
      head("Fiber")
    }\nexport const x = (fiber: Fiber.Fiber<number>) => poll(fiber)`
  }, ({ code, texts }) => `${code.helper("test/support/compat.ts", "poll")}(${texts()[0]})`)
]

const layers: ReadonlyArray<Rule> = [
  onCall("effect/Layer#fail", "Effect 4 has no layer that only fails", {
    before: `${head("Layer")}\nexport const x = Layer.fail("no")`,
    after: `import { layerFail } from "./test/support/compat.ts"\nexport const x = layerFail("no")`
  }, ({ code, texts }) => `${code.helper("test/support/compat.ts", "layerFail")}(${texts()[0]})`),
  onCall("effect/Layer#setConfigProvider", "it is provided as any service", {
    before: `${
      head("ConfigProvider Layer")
    }\nexport const x = (it: ConfigProvider.ConfigProvider) => Layer.setConfigProvider(it)`,
    after: `${head("ConfigProvider")}\nexport const x = (it: ConfigProvider.ConfigProvider) => ConfigProvider.layer(it)`
  }, ({ code, texts }) => `${code.use("effect/ConfigProvider")}.layer(${texts()[0]})`),
  onCall("effect/Layer#setTracer", "it is provided as any service", {
    before: `${head("Layer Tracer")}\nexport const x = (it: Tracer.Tracer) => Layer.setTracer(it)`,
    after: `${
      head("Layer")
    }\nimport * as Tracer from "effect/Tracer"\nexport const x = (it: Tracer.Tracer) => Layer.succeed(Tracer.Tracer, it)`
  }, ({ code, texts }) => `${code.use("effect/Layer")}.succeed(${code.use("effect/Tracer")}.Tracer, ${texts()[0]})`)
]

const levels = { All: "All", Debug: "Debug", Info: "Info", Warning: "Warn", Error: "Error", None: "None" }

const logs: ReadonlyArray<Rule> = [
  ...Object.entries(levels).map(([from, to]) =>
    onValue(`effect/LogLevel#${from}`, "a level is a string", {
      before: `${head("LogLevel")}\nexport const x = LogLevel.${from}`,
      after: `${head("LogLevel")}\nexport const x = ("${to}" as LogLevel.LogLevel)`
    }, (code) => `(${JSON.stringify(to)} as ${code.use("effect/LogLevel")}.LogLevel)`)
  ),
  onCall("effect/Logger#withMinimumLogLevel", "settings are references, which are provided as services", {
    before: `${head("Effect Logger LogLevel")}\nexport const x = Logger.withMinimumLogLevel(LogLevel.None)`,
    after:
      `import * as Effect from "effect/Effect"\nimport * as LogLevel from "effect/LogLevel"\nimport * as References from "effect/References"\nexport const x = Effect.provideService(References.MinimumLogLevel, ("None" as LogLevel.LogLevel))`
  }, ({ code, texts }) => {
    const all = texts()
    return `${Effect(code)}.provideService(${
      [...all.slice(0, -1), `${code.use("effect/References")}.MinimumLogLevel`, all.at(-1)].join(", ")
    })`
  }),
  onCall(
    "effect/Logger#minimumLogLevel",
    "settings are references, which are provided as services",
    {
      before: `${head("Logger LogLevel")}\nexport const x = Logger.minimumLogLevel(LogLevel.None)`,
      after:
        `import * as Layer from "effect/Layer"\nimport * as LogLevel from "effect/LogLevel"\nimport * as References from "effect/References"\nexport const x = Layer.succeed(References.MinimumLogLevel, ("None" as LogLevel.LogLevel))`
    },
    ({ code, texts }) =>
      `${code.use("effect/Layer")}.succeed(${code.use("effect/References")}.MinimumLogLevel, ${texts()[0]})`
  ),
  onCall("effect/Logger#add", "loggers come as a list", {
    before: `${head("Logger")}\nexport const x = (logger: Logger.Logger<unknown, void>) => Logger.add(logger)`,
    after: `${
      head("Logger")
    }\nexport const x = (logger: Logger.Logger<unknown, void>) => Logger.layer([logger], { mergeWithExisting: true })`
  }, ({ code, texts }) => `${code.use("effect/Logger")}.layer([${texts()[0]}], { mergeWithExisting: true })`),
  onCall("effect/Logger#replace", "loggers come as a list", {
    before: `${
      head("Logger")
    }\nexport const x = (logger: Logger.Logger<unknown, void>) => Logger.replace(Logger.defaultLogger, logger)`,
    after: `${head("Logger")}\nexport const x = (logger: Logger.Logger<unknown, void>) => Logger.layer([logger])`
  }, ({ args, code, texts }) =>
    args[0] !== undefined && code.memberOf(args[0])?.name === "defaultLogger"
      ? `${code.use("effect/Logger")}.layer([${texts()[1]}])`
      : undefined),
  onCall("effect/Logger#remove", "loggers come as a list", {
    before: `${head("Logger")}\nexport const x = Logger.remove(Logger.defaultLogger)`,
    after: `${head("Logger")}\nexport const x = Logger.layer([])`
  }, ({ args, code }) =>
    args[0] !== undefined && code.memberOf(args[0])?.name === "defaultLogger"
      ? `${code.use("effect/Logger")}.layer([])`
      : undefined)
]

const metrics: ReadonlyArray<Rule> = [
  onCall("effect/Metric#tagged", "tags are attributes", {
    before: `${head("Metric")}\nexport const x = Metric.counter("x").pipe(Metric.tagged("a", "b"))`,
    after: `${head("Metric")}\nexport const x = Metric.counter("x").pipe(Metric.withAttributes({ "a": "b" }))`
  }, ({ args, code, texts }) => {
    const all = texts()
    const [key, value] = all.slice(-2)
    const self = args.length === 3 ? `${all[0]}, ` : ""
    const name = key?.startsWith("\"") === true ? key : `[${key}]`
    return `${code.use("effect/Metric")}.withAttributes(${self}{ ${name}: ${value} })`
  }),
  onCall("effect/Metric#timerWithBoundaries", "the boundaries are an option", {
    before: `${head("Metric")}\nexport const x = Metric.timerWithBoundaries("x", [1, 2], "about")`,
    after: `${head("Metric")}\nexport const x = Metric.timer("x", { boundaries: [1, 2], description: "about" })`
  }, ({ code, texts }) => {
    const [name, boundaries, description] = texts()
    const about = description === undefined ? "" : `, description: ${description}`
    return `${code.use("effect/Metric")}.timer(${name}, { boundaries: ${boundaries}${about} })`
  }),
  {
    name: "shape MetricBoundaries.exponential(…).values",
    why: "boundaries are a list of numbers",
    example: {
      before: `${
        head("MetricBoundaries")
      }\nexport const x = MetricBoundaries.exponential({ start: 1, factor: 2, count: 3 }).values`,
      after:
        `import * as Metric from "effect/Metric"\nexport const x = Metric.exponentialBoundaries({ start: 1, factor: 2, count: 3 })`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAccessExpression(node) || node.name.text !== "values") return undefined
      const { expression } = node
      if (!ts.isCallExpression(expression)) return undefined
      const member = code.memberOf(expression.expression)
      if (member?.module !== "effect/MetricBoundaries" || member.name !== "exponential") return undefined
      return `${code.use("effect/Metric")}.exponentialBoundaries(${expression.arguments.map(code.render).join(", ")})`
    }
  }
]

const schemas: ReadonlyArray<Rule> = [
  onCall("effect/Schema#Union", "the members of a union are a list", {
    before: `${head("Schema")}\nexport const x = Schema.Union(Schema.String, Schema.Number)`,
    after: `${head("Schema")}\nexport const x = Schema.Union([Schema.String, Schema.Number])`
  }, ({ code, texts }) => `${code.use("effect/Schema")}.Union([${texts().join(", ")}])`),
  onCall("effect/Schema#Literal", "several literals are a list", {
    before: `${head("Schema")}\nexport const x = Schema.Literal("a", "b")`,
    after: `${head("Schema")}\nexport const x = Schema.Literals(["a", "b"])`
  }, ({ args, code, texts }) =>
    args.length === 1 && args[0] !== undefined && !ts.isSpreadElement(args[0])
      ? undefined
      : `${code.use("effect/Schema")}.Literals([${texts().join(", ")}])`),
  onCall("effect/Schema#Record", "key and value are arguments", {
    before: `${head("Schema")}\nexport const x = Schema.Record({ key: Schema.String, value: Schema.Unknown })`,
    after: `${head("Schema")}\nexport const x = Schema.Record(Schema.String, Schema.Unknown)`
  }, ({ args, code }) => {
    const key = fieldOf(args[0], "key", code)
    const value = fieldOf(args[0], "value", code)
    return key === undefined || value === undefined
      ? undefined
      : `${code.use("effect/Schema")}.Record(${key}, ${value})`
  }),
  onCall("effect/Schema#optionalWith", "a field that may be absent, and not undefined, has its name", {
    before: `${head("Schema")}\nexport const x = Schema.optionalWith(Schema.String, { exact: true })`,
    after: `${head("Schema")}\nexport const x = Schema.optionalKey(Schema.String)`
  }, ({ args, code, texts }) => {
    const options = args.at(-1)
    const otherwise = fieldOf(options, "default", code)
    if (otherwise !== undefined && args.length === 2 && ts.isObjectLiteralExpression(args[1] as ts.Node)) {
      return `${texts()[0]}.pipe(${code.use("effect/Schema")}.withDecodingDefaultType(${
        Effect(code)
      }.sync(${otherwise})))`
    }
    const isExact = options !== undefined && ts.isObjectLiteralExpression(options) &&
      options.properties.length === 1 && fieldOf(options, "exact", code) === "true"
    if (!isExact) return undefined
    return args.length === 2
      ? `${code.use("effect/Schema")}.optionalKey(${texts()[0]})`
      : `${code.use("effect/Schema")}.optionalKey`
  }),
  onCall("effect/Schema#filter", "filters are checks", {
    before: `${head("Schema")}\nexport const x = Schema.String.pipe(Schema.filter((text: string) => text !== ""))`,
    after: `${
      head("Schema")
    }\nexport const x = Schema.String.pipe(Schema.check(Schema.makeFilter<string>((text: string) => text !== "")))`
  }, ({ args, code, node, texts }) => {
    const [predicate] = args
    if (args.length !== 1 || predicate === undefined) return undefined
    const signature = code.checker.getTypeAtLocation(predicate).getCallSignatures()[0]
    const parameter = signature?.getParameters()[0]
    const type = parameter === undefined
      ? "unknown"
      : code.checker.typeToString(code.checker.getTypeOfSymbolAtLocation(parameter, node))
    return `${code.use("effect/Schema")}.check(${code.use("effect/Schema")}.makeFilter<${type}>(${texts()[0]}))`
  }),
  onCall("effect/Schema#transform", "a transformation is a value of its own", {
    before: `${
      head("Schema")
    }\nexport const x = Schema.transform(Schema.String, Schema.Boolean, { strict: true, decode: (text) => text === "true", encode: String })`,
    after: `import * as SchemaTransformation from "effect/SchemaTransformation"\n${
      head("Schema")
    }\nexport const x = Schema.String.pipe(Schema.decodeTo(Schema.Boolean, SchemaTransformation.transform({ decode: (text: string) => text === "true", encode: String })))`
  }, ({ args, code, texts }) => {
    const [from, to] = texts()
    const decode = fieldOf(args[2], "decode", code)
    const encode = fieldOf(args[2], "encode", code)
    if (decode === undefined || encode === undefined) return undefined
    const typed = (name: string, text: string): string => {
      const literal = args[2] as ts.ObjectLiteralExpression
      const field = literal.properties.find((property) => property.name?.getText() === name)
      const value = field !== undefined && ts.isPropertyAssignment(field) ? field.initializer : undefined
      const parameter = value !== undefined && ts.isArrowFunction(value) ? value.parameters[0] : undefined
      if (parameter === undefined || parameter.type !== undefined) return text
      const type = code.checker.typeToString(code.checker.getTypeAtLocation(parameter))
      return text.replace(/^\(([^)]*)\)/, `($1: ${type})`)
    }
    const S = code.use("effect/Schema")
    return `${from}.pipe(${S}.decodeTo(${to}, ${code.use("effect/SchemaTransformation")}.transform({ decode: ${
      typed("decode", decode)
    }, encode: ${typed("encode", encode)} })))`
  }),
  onCall("effect/Schema#minLength", "filters are checks", {
    before: `${head("Schema")}\nexport const x = Schema.String.pipe(Schema.minLength(8))`,
    after: `${head("Schema")}\nexport const x = Schema.String.pipe(Schema.check(Schema.isMinLength(8)))`
  }, ({ code, texts }) => {
    const S = code.use("effect/Schema")
    return `${S}.check(${S}.isMinLength(${texts()[0]}))`
  }),
  onCall("effect/Schema#partialWith", "fields are changed one by one", {
    before: `${
      head("Schema")
    }\nexport const x = Schema.partialWith(Schema.Struct({ a: Schema.String }), { exact: true })`,
    after: `import * as Struct from "effect/Struct"\n${
      head("Schema")
    }\nexport const x = Schema.Struct({ a: Schema.String }).mapFields(Struct.map(Schema.optionalKey))`
  }, ({ args, code, texts }) =>
    fieldOf(args[1], "exact", code) === "true"
      ? `${texts()[0]}.mapFields(${code.use("effect/Struct")}.map(${code.use("effect/Schema")}.optionalKey))`
      : undefined),
  onCall("effect/Duration#decodeUnknown", "the input has its type", {
    before: `${head("Duration")}\nexport const x = Duration.decodeUnknown("1 second")`,
    after: `${head("Duration")}\nexport const x = Duration.fromInput("1 second" as Duration.Input)`
  }, ({ code, texts }) => {
    const D = code.use("effect/Duration")
    return `${D}.fromInput(${texts()[0]} as ${D}.Input)`
  }),
  onValue("effect/Schema#NonNegative", "filters are checks", {
    before: `${head("Schema")}\nexport const x = Schema.NonNegative`,
    after: `${head("Schema")}\nexport const x = Schema.Number.check(Schema.isGreaterThanOrEqualTo(0))`
  }, (code) => {
    const S = code.use("effect/Schema")
    return `${S}.Number.check(${S}.isGreaterThanOrEqualTo(0))`
  })
]

const reported: ReadonlyArray<Rule> = ["decodeUnknownEither", "decodeUnknown"].map((name) =>
  onCall(`effect/Schema#${name}`, "an issue has the value that it is about only on request", {
    before: `${head("Schema")}\nexport const x = Schema.${name}(Schema.String, { errors: "all" })`,
    after: `${head("Schema")}\nexport const x = Schema.${
      name === "decodeUnknown" ? "decodeUnknownEffect" : "decodeUnknownResult"
    }(Schema.String, { errors: "all", reportInput: true })`
  }, ({ args, code, node }) => {
    const [schema, options] = args
    if (!code.isLibrary || schema === undefined || fieldOf(options, "errors", code) !== `"all"`) return undefined
    return `${code.render(node.expression)}(${code.render(schema)}, { errors: "all", reportInput: true })`
  })
)

const schedules: ReadonlyArray<Rule> = [
  onCall("effect/Schedule#intersect", "the longest pause of a list", {
    before: `${head("Schedule")}\nexport const x = Schedule.intersect(Schedule.recurs(1), Schedule.forever)`,
    after: `${head("Schedule")}\nexport const x = Schedule.max([Schedule.recurs(1), Schedule.forever])`
  }, (called) => dual(called, 2, (self, [that]) => `${called.code.use("effect/Schedule")}.max([${self}, ${that}])`)),
  onCall("effect/Schedule#jitteredWith", "jitter has fixed bounds, other ones are a change of the pause", {
    before: `${head("Schedule")}\nexport const x = Schedule.jitteredWith({ min: 0.5, max: 1 })`,
    after:
      `import * as Duration from "effect/Duration"\nimport * as Effect from "effect/Effect"\nimport * as Random from "effect/Random"\n${
        head("Schedule")
      }\nexport const x = Schedule.modifyDelay(({ duration }) => Effect.map(Random.next, (random) => Duration.times(duration, 0.5 * (1 - random) + 1 * random)))`
  }, ({ args, code }) => {
    const min = fieldOf(args[0], "min", code)
    const max = fieldOf(args[0], "max", code)
    if (min === undefined || max === undefined) return undefined
    const Duration = code.use("effect/Duration")
    const Random = code.use("effect/Random")
    return `${code.use("effect/Schedule")}.modifyDelay(({ duration }) => ${
      Effect(code)
    }.map(${Random}.next, (random) => ${Duration}.times(duration, ${min} * (1 - random) + ${max} * random)))`
  })
]

const compat = "src/internal/compat/config.ts"

const configs: ReadonlyArray<Rule> = [
  ...["all", "unwrap"].map((name) =>
    onCall(`effect/Config#${name}`, "the error of Effect 4 names the first variable only, ours name all", {
      before: `${head("Config")}\nexport const x = Config.${name}({ a: Config.string("A") })`,
      after: `import { ${name} } from "./src/internal/compat/config.ts"\n${
        head("Config")
      }\nexport const x = ${name}({ a: Config.String("A") })`
    }, ({ code, texts }) => code.isLibrary ? `${code.helper(compat, name)}(${texts().join(", ")})` : undefined)
  ),
  onCall("effect/Config#redacted", "a config of a secret has another name, and takes a name only", {
    before: `${head("Config")}\nexport const x = Config.redacted("SECRET")`,
    after: `${head("Config")}\nexport const x = Config.Redacted("SECRET")`
  }, ({ args, code, texts }) => {
    const [first] = args
    if (first === undefined) return undefined
    const C = code.use("effect/Config")
    return code.typesOf(first).some((type) => type.startsWith("effect/Config#"))
      ? `${C}.map(${texts()[0]}, (value) => ${code.use("effect/Redacted")}.make(value))`
      : `${C}.Redacted(${texts()[0]})`
  }),
  onCall("effect/ConfigProvider#fromMap", "the names of variables come as a record; an empty value is a value", {
    before: `${head("ConfigProvider")}\nexport const x = ConfigProvider.fromMap(new Map([["A", "b"]]))`,
    after: `${
      head("ConfigProvider")
    }\nexport const x = ConfigProvider.fromEnvRecord(Object.fromEntries(new Map([["A", "b"]])), { preserveEmptyStrings: true })`
  }, ({ args, code, texts }) =>
    args.length === 1
      ? `${code.use("effect/ConfigProvider")}.fromEnvRecord(Object.fromEntries(${
        texts()[0]
      }), { preserveEmptyStrings: true })`
      : undefined)
]

const platform: ReadonlyArray<Rule> = [
  onCall("@effect/platform/FileSystem#Size", "sizes have their module; offsets are bigints, and lengths numbers", {
    before:
      `import * as FileSystem from "@effect/platform/FileSystem"\nexport const x = (file: FileSystem.File) => [FileSystem.Size(1), file.truncate(FileSystem.Size(2)), file.seek(FileSystem.Size(0), "start")]`,
    after:
      `import * as ByteSize from "effect/ByteSize"\nimport type * as FileSystem from "effect/FileSystem"\nexport const x = (file: FileSystem.File) => [ByteSize.bytes(1), file.truncate(Number(2)), file.seek(BigInt(0), "start")]`
  }, ({ code, node, texts }) => {
    const { parent } = node
    const method = ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression)
      ? parent.expression.name.text
      : undefined
    if (method === "truncate") return `Number(${texts()[0]})`
    return method === "seek" ? `BigInt(${texts()[0]})` : `${code.use("effect/ByteSize")}.bytes(${texts()[0]})`
  }),
  onCall("@effect/platform/HttpClientRequest#make", "the method of a request is any text, and the one of make is not", {
    before:
      `import * as HttpClientRequest from "@effect/platform/HttpClientRequest"\nexport const x = (it: HttpClientRequest.HttpClientRequest) => HttpClientRequest.make(it.method)`,
    after:
      `import * as HttpMethod from "effect/http/HttpMethod"\nimport * as HttpClientRequest from "effect/http/HttpClientRequest"\nexport const x = (it: HttpClientRequest.HttpClientRequest) => HttpClientRequest.make(it.method as HttpMethod.HttpMethod)`
  }, ({ args, code, texts }) =>
    args[0] === undefined || ts.isStringLiteral(args[0])
      ? undefined
      : `${code.use("effect/http/HttpClientRequest")}.make(${texts()[0]} as ${
        code.use("effect/http/HttpMethod")
      }.HttpMethod)`),
  onCall("@effect/platform/Headers#remove", "removing several has its name", {
    before:
      `import * as Headers from "@effect/platform/Headers"\nexport const x = Headers.remove(Headers.empty, ["a", "b"])`,
    after:
      `import * as Headers from "effect/http/Headers"\nexport const x = Headers.removeMany(Headers.empty, ["a", "b"])`
  }, ({ args, code, texts }) => {
    const last = args.at(-1)
    if (last === undefined) return undefined
    return code.checker.isArrayLikeType(code.checker.getTypeAtLocation(last))
      ? `${code.use("effect/http/Headers")}.removeMany(${texts().join(", ")})`
      : undefined
  }),
  onCall("@effect/platform-node/NodeHttpClient#makeUndici", "the dispatcher is a service", {
    before:
      `import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"\nimport * as Effect from "effect/Effect"\nexport const x = (it: never) => Effect.gen(function*() { yield* Effect.void; return NodeHttpClient.makeUndici(it) })`,
    after:
      `import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"\nimport * as Effect from "effect/Effect"\nexport const x = (it: never) => Effect.gen(function*() { yield* Effect.void; return (yield* Effect.provideService(NodeHttpClient.makeUndici, NodeHttpClient.Dispatcher, it)) })`
  }, ({ code, texts }) => {
    const client = code.use("@effect/platform-node/NodeHttpClient")
    return `(yield* ${Effect(code)}.provideService(${client}.makeUndici, ${client}.Dispatcher, ${texts()[0]}))`
  }),
  ...([
    ["withTracerDisabledWhen", "TracerDisabledWhen"],
    ["withTracerPropagation", "TracerPropagationEnabled"],
    ["withSpanNameGenerator", "SpanNameGenerator"]
  ] as const).map(([name, reference]) =>
    onCall(`@effect/platform/HttpClient#${name}`, "settings are references, which are provided as services", {
      before:
        `import * as HttpClient from "@effect/platform/HttpClient"\nexport const x = (client: HttpClient.HttpClient, it: never) => HttpClient.${name}(client, it)`,
      after:
        `import * as Effect from "effect/Effect"\nimport * as HttpClient from "effect/http/HttpClient"\nexport const x = (client: HttpClient.HttpClient, it: never) => HttpClient.transformResponse(client, Effect.provideService(HttpClient.${reference}, it))`
    }, ({ code, texts }) => {
      const all = texts()
      const client = code.use("effect/http/HttpClient")
      return `${client}.transformResponse(${
        [...all.slice(0, -1), `${Effect(code)}.provideService(${client}.${reference}, ${all.at(-1)})`].join(", ")
      })`
    })
  ),
  onCall("@effect/platform/UrlParams#makeUrl", "addresses have their module", {
    before:
      `import * as UrlParams from "@effect/platform/UrlParams"\nimport * as Option from "effect/Option"\nexport const x = UrlParams.makeUrl("http://a", UrlParams.empty, Option.none())`,
    after:
      `import * as Url from "effect/http/Url"\nimport * as UrlParams from "effect/http/UrlParams"\nimport * as Option from "effect/Option"\nexport const x = Url.make("http://a", UrlParams.empty, Option.getOrUndefined(Option.none()))`
  }, ({ code, texts }) => {
    const [url, parameters, hash] = texts()
    return `${code.use("effect/http/Url")}.make(${url}, ${parameters}, ${
      code.use("effect/Option")
    }.getOrUndefined(${hash}))`
  })
]

export const calls: ReadonlyArray<Rule> = [
  ...effects,
  ...others,
  ...fiberRefs,
  ...layers,
  ...logs,
  ...metrics,
  ...schemas,
  ...reported,
  ...schedules,
  ...configs,
  ...platform
]
