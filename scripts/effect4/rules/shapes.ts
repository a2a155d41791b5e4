/** Pieces of syntax that are written in another way, whatever they are called. */
import ts from "typescript"
import { versionFor4 } from "../manifest.ts"
import type { Code, Rule } from "../rule.ts"
import { fieldOf, fieldsBesides } from "./syntax.ts"

const head = (modules: string): string =>
  modules.split(" ").map((name) => `import * as ${name} from "effect/${name}"`).join("\n")

const allOf = (types: ReadonlyArray<string>, known: ReadonlySet<string>): boolean =>
  types.length > 0 && types.every((type) => known.has(type))

const eithers: ReadonlySet<string> = new Set(["effect/Either#Left", "effect/Either#Right", "effect/Either#Either"])
const options: ReadonlySet<string> = new Set(["effect/Option#None", "effect/Option#Some", "effect/Option#Option"])
const fibers: ReadonlySet<string> = new Set(["effect/Fiber#RuntimeFiber", "effect/Fiber#Fiber"])
const deferreds: ReadonlySet<string> = new Set(["effect/Deferred#Deferred"])
const refs: ReadonlySet<string> = new Set(["effect/Ref#Ref"])
const levels: ReadonlySet<string> = new Set([
  "All",
  "Fatal",
  "Error",
  "Warning",
  "Info",
  "Debug",
  "Trace",
  "None"
].map((name) => `effect/LogLevel#${name}`))
const httpErrors: ReadonlySet<string> = new Set([
  "@effect/platform/HttpClientError#RequestError",
  "@effect/platform/HttpClientError#ResponseError"
])
const platformErrors: ReadonlySet<string> = new Set([
  "@effect/platform/Error#BadArgument",
  "@effect/platform/Error#SystemError"
])

/** What Effect 3 takes for an effect and Effect 4 does not, and how it becomes one. */
const conversions: ReadonlyArray<readonly [types: ReadonlySet<string>, module: string, name: string]> = [
  [eithers, "effect/Effect", "fromResult"],
  [options, "effect/Effect", "fromOption"],
  [fibers, "effect/Fiber", "join"],
  [deferreds, "effect/Deferred", "await"],
  [refs, "effect/Ref", "get"]
]

/** Turns a text of that type into the text of an effect. */
const conversionOf = (type: ts.Type, code: Code): ((text: string) => string) | undefined => {
  const names = code.typeNames(type)
  const found = conversions.find(([types]) => allOf(names, types))
  return found === undefined ? undefined : (text) => `${code.use(found[1])}.${found[2]}(${text})`
}

/** Whether the generator around a node is one of a module besides Effect, in which its own values are yielded. */
const isInGeneratorOf = (node: ts.Node, modules: ReadonlyArray<string>, code: Code): boolean => {
  let at: ts.Node = node
  while (!ts.isFunctionLike(at) && !ts.isSourceFile(at)) at = at.parent
  const call = at.parent
  return ts.isCallExpression(call) && modules.includes(code.memberOf(call.expression)?.module ?? "")
}

const isEffect = (type: ts.Type | undefined, code: Code): boolean =>
  type !== undefined && code.typeNames(type).every((name) => name === "effect/Effect#Effect")

const isBranch = (node: ts.Node): boolean => ts.isConditionalExpression(node) || ts.isParenthesizedExpression(node)

const converting = new Set<ts.Node>()

/** The text of a node without the rule that is being applied to it. */
const inside = (node: ts.Node, code: Code): string => {
  converting.add(node)
  try {
    return code.render(node)
  } finally {
    converting.delete(node)
  }
}

const isOfEffectModule = (node: ts.Node, code: Code): boolean => {
  const member = code.memberOf(ts.isCallExpression(node) ? node.expression : node)
  return member?.module === "effect/Effect"
}

const asEffect: Rule = {
  name: "shape as an effect",
  why: "only effects are effects: results, options, fibers, deferreds and refs are turned into one",
  example: {
    before: `${head("Effect Either")}\nexport const x = Effect.mapError(Either.right(1), () => "no")`,
    after: `${
      head("Effect")
    }\nimport * as Result from "effect/Result"\nexport const x = Effect.mapError(Effect.fromResult(Result.succeed(1)), () => "no")`
  },
  apply: (node, code) => {
    if (converting.has(node) || !ts.isExpression(node) || isBranch(node)) return undefined
    const { parent } = node
    if (ts.isYieldExpression(parent) && parent.asteriskToken !== undefined && parent.expression === node) {
      if (isInGeneratorOf(node, ["effect/Either", "effect/Option"], code)) return undefined
      return conversionOf(code.checker.getTypeAtLocation(node), code)?.(inside(node, code))
    }
    if (
      ts.isPropertyAccessExpression(node) && node.name.text === "pipe" && ts.isCallExpression(parent) &&
      parent.expression === node && parent.arguments[0] !== undefined && isOfEffectModule(parent.arguments[0], code)
    ) {
      const convert = conversionOf(code.checker.getTypeAtLocation(node.expression), code)
      return convert === undefined ? undefined : `${convert(code.render(node.expression))}.pipe`
    }
    const isPlace = ts.isCallExpression(parent) || ts.isReturnStatement(parent) || ts.isArrowFunction(parent) ||
      ts.isConditionalExpression(parent) || ts.isPropertyAssignment(parent) || ts.isParenthesizedExpression(parent) ||
      ts.isArrayLiteralExpression(parent)
    if (!isPlace || (ts.isCallExpression(parent) && parent.expression === node)) return undefined
    if (ts.isConditionalExpression(parent) && parent.condition === node) return undefined
    const type = code.checker.getTypeAtLocation(node)
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Never)) return undefined
    const convertsValue = conversionOf(type, code)
    const wanted = convertsValue === undefined && type.getCallSignatures().length === 0
      ? undefined
      : code.checker.getContextualType(node)
    if (wanted === undefined) return undefined
    if (convertsValue !== undefined) {
      return isEffect(wanted, code) ? convertsValue(inside(node, code)) : undefined
    }
    // A function that is passed by its name.
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return undefined
    const given = type.getCallSignatures()
    const asked = wanted.getCallSignatures()
    if (given.length !== 1 || asked.length !== 1 || given[0] === undefined || asked[0] === undefined) return undefined
    if (!isEffect(asked[0].getReturnType(), code)) return undefined
    const convert = conversionOf(given[0].getReturnType(), code)
    return convert === undefined ? undefined : `(value) => ${convert(`(${inside(node, code)})(value)`)}`
  }
}

/** The literals that a tag or a reason is compared with, and what they are in Effect 4. */
interface Tags {
  readonly types: ReadonlySet<string>
  readonly field: string
  readonly to: (text: string) => string
}

const tags: ReadonlyArray<Tags> = [
  { types: eithers, field: "_tag", to: (text) => text === "Left" ? "Failure" : text === "Right" ? "Success" : text },
  { types: levels, field: "_tag", to: (text) => text === "Warning" ? "Warn" : text },
  { types: httpErrors, field: "reason", to: (text) => `${text}Error` },
  { types: httpErrors, field: "_tag", to: () => "HttpClientError" }
]

/** The value whose field an expression reads, where its tags have other names in Effect 4. */
const tagsOf = (node: ts.Node, code: Code): Tags | undefined => {
  const plain = ts.isNonNullExpression(node) || ts.isParenthesizedExpression(node) ? node.expression : node
  if (!ts.isPropertyAccessExpression(plain)) return undefined
  const candidates = tags.filter(({ field }) => field === plain.name.text)
  if (candidates.length === 0) return undefined
  const types = code.typesOf(plain.expression).filter((type) => type !== "#undefined" && type !== "#")
  return candidates.find((candidate) => allOf(types, candidate.types))
}

const literals: Rule = {
  name: "shape literal of a tag",
  why: "tags and reasons have other names: Failure and Success, Warn, TransportError, …",
  example: {
    before: `${head("Either")}\nexport const x = (either: Either.Either<1, 2>) => either._tag === "Left"`,
    after:
      `import * as Result from "effect/Result"\nexport const x = (either: Result.Result<1, 2>) => either._tag === "Failure"`
  },
  apply: (node, code) => {
    if (!ts.isStringLiteral(node)) return undefined
    let { parent }: { parent: ts.Node } = node
    if (ts.isConditionalExpression(parent)) parent = parent.parent
    const beside = ts.isBinaryExpression(parent)
      ? [parent.left, parent.right]
      : ts.isCallExpression(parent)
      ? [...parent.arguments]
      : ts.isCaseClause(parent)
      ? [parent.parent.parent.expression]
      : []
    const found = beside.map((other) => tagsOf(other, code)).find((tags) => tags !== undefined)
    return found === undefined ? undefined : JSON.stringify(found.to(node.text))
  }
}

const isTagOf = (node: ts.Node, types: ReadonlySet<string>, code: Code): node is ts.PropertyAccessExpression =>
  ts.isPropertyAccessExpression(node) && node.name.text === "_tag" && allOf(code.typesOf(node.expression), types)

const kinds: ReadonlyArray<Rule> = [
  {
    name: "shape kind of a PlatformError",
    why: "a PlatformError has its kind in its reason",
    example: {
      before:
        `import type { PlatformError } from "@effect/platform/Error"\nexport const x = (error: PlatformError) => error._tag === "SystemError" ? error.reason : undefined`,
      after:
        `import type { PlatformError } from "effect/PlatformError"\nexport const x = (error: PlatformError) => error.reason._tag !== "BadArgument" ? error.reason._tag : undefined`
    },
    apply: (node, code) => {
      if (ts.isBinaryExpression(node) && ts.isStringLiteral(node.right) && isTagOf(node.left, platformErrors, code)) {
        const equals = node.operatorToken.getText() === "==="
        const isBad = node.right.text === "BadArgument"
        return `${code.render(node.left.expression)}.reason._tag ${equals === isBad ? "===" : "!=="} "BadArgument"`
      }
      if (ts.isPropertyAccessExpression(node) && node.name.text === "reason") {
        const types = code.typesOf(node.expression)
        if (allOf(types, platformErrors) || allOf(types, httpErrors)) {
          return `${code.render(node.expression)}.reason._tag`
        }
      }
      return undefined
    }
  },
  {
    name: "shape kind of an HttpClientError",
    why: "there is one HttpClientError: one with a response is about the response",
    example: {
      before:
        `import type * as HttpClientError from "@effect/platform/HttpClientError"\nexport const x = (error: HttpClientError.HttpClientError) => error._tag === "ResponseError" ? error.response.status : 0`,
      after:
        `import type * as HttpClientError from "effect/http/HttpClientError"\nexport const x = (error: HttpClientError.HttpClientError) => error.response !== undefined ? error.response.status : 0`
    },
    apply: (node, code) => {
      if (!ts.isBinaryExpression(node) || !ts.isStringLiteral(node.right)) return undefined
      const { left, right } = node
      if (!ts.isPropertyAccessExpression(left) || left.name.text !== "_tag") return undefined
      if (right.text !== "ResponseError" && right.text !== "RequestError") return undefined
      const types = code.typesOf(left.expression)
      if (!types.some((type) => httpErrors.has(type))) return undefined
      const equals = node.operatorToken.getText() === "==="
      const isResponse = right.text === "ResponseError"
      const error = code.render(left.expression)
      const kind = `${error}.response ${equals === isResponse ? "!==" : "==="} undefined`
      return allOf(types, httpErrors) ? kind : `(${error}._tag === "HttpClientError" && ${kind})`
    }
  },
  {
    name: "shape new HttpClientError",
    why: "the kind of an error is an object in it",
    example: {
      before:
        `import * as HttpClientError from "@effect/platform/HttpClientError"\nexport const x = (request: never) => new HttpClientError.RequestError({ request, reason: "Transport" })`,
      after:
        `import * as HttpClientError from "effect/http/HttpClientError"\nexport const x = (request: never) => new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) })`
    },
    apply: (node, code) => {
      if (!ts.isNewExpression(node)) return undefined
      const member = code.memberOf(node.expression)
      if (member?.module !== "@effect/platform/HttpClientError") return undefined
      const [fields] = node.arguments ?? []
      if (fields === undefined || !ts.isObjectLiteralExpression(fields)) return undefined
      const reason = fieldOf(fields, "reason", code)
      const module = code.use("effect/http/HttpClientError")
      const kind = reason !== undefined && /^"\w+"$/.test(reason)
        ? `${module}.${reason.slice(1, -1)}Error`
        : `${module}[\`\${${reason}}Error\` as "${member.name === "RequestError" ? "TransportError" : "DecodeError"}"]`
      return `new ${module}.HttpClientError({ reason: new ${kind}({ ${
        fieldsBesides(fields, ["reason"], code).join(", ")
      } }) })`
    }
  },
  {
    name: "shape new PlatformError",
    why: "the kind of an error is an object in it",
    example: {
      before:
        `import * as PlatformError from "@effect/platform/Error"\nexport const x = new PlatformError.SystemError({ reason: "NotFound", module: "m", method: "n" })`,
      after:
        `import * as PlatformError from "effect/PlatformError"\nexport const x = PlatformError.systemError({ _tag: "NotFound", module: "m", method: "n" })`
    },
    apply: (node, code) => {
      if (!ts.isNewExpression(node)) return undefined
      const member = code.memberOf(node.expression)
      if (member?.module !== "@effect/platform/Error") return undefined
      const module = code.use("effect/PlatformError")
      const [fields] = node.arguments ?? []
      if (member.name === "BadArgument") {
        return `${module}.badArgument(${fields === undefined ? "" : code.render(fields)})`
      }
      if (fields === undefined || !ts.isObjectLiteralExpression(fields)) return undefined
      const reason = fieldOf(fields, "reason", code)
      return `${module}.systemError({ ${[`_tag: ${reason}`, ...fieldsBesides(fields, ["reason"], code)].join(", ")} })`
    }
  }
]

const values: ReadonlyArray<Rule> = [
  {
    name: "shape either.left",
    why: "a result has a failure or a success",
    example: {
      before: `${
        head("Either")
      }\nexport const x = (either: Either.Either<1, 2>) => Either.isLeft(either) ? either.left : either.right`,
      after:
        `import * as Result from "effect/Result"\nexport const x = (either: Result.Result<1, 2>) => Result.isFailure(either) ? either.failure : either.success`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAccessExpression(node)) return undefined
      const name = node.name.text
      if (name !== "left" && name !== "right") return undefined
      if (!allOf(code.typesOf(node.expression), eithers)) return undefined
      return `${code.render(node.expression)}.${name === "left" ? "failure" : "success"}`
    }
  },
  {
    name: "shape onLeft",
    why: "a result has a failure or a success",
    example: {
      before: `${head("Either")}\nexport const x = Either.match({ onLeft: () => 1, onRight: () => 2 })`,
      after:
        `import * as Result from "effect/Result"\nexport const x = Result.match({ onFailure: () => 1, onSuccess: () => 2 })`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAssignment(node) && !ts.isShorthandPropertyAssignment(node) && !ts.isMethodDeclaration(node)) {
        return undefined
      }
      const name = node.name.getText()
      if (name !== "onLeft" && name !== "onRight") return undefined
      const call = node.parent.parent
      if (!ts.isCallExpression(call)) return undefined
      if (code.memberOf(call.expression)?.module !== "effect/Either") return undefined
      const to = name === "onLeft" ? "onFailure" : "onSuccess"
      if (ts.isPropertyAssignment(node)) return `${to}: ${code.render(node.initializer)}`
      return ts.isShorthandPropertyAssignment(node)
        ? `${to}: ${name}`
        : code.fail(node, `${name} is written as a method`)
    }
  },
  {
    name: "shape level of a log",
    why: "a level is a string",
    example: {
      before: `${head("LogLevel")}\nexport const x = (level: LogLevel.LogLevel) => level.label + level._tag`,
      after:
        `import type * as LogLevel from "effect/LogLevel"\nexport const x = (level: LogLevel.LogLevel) => level.toUpperCase() + level`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAccessExpression(node)) return undefined
      const name = node.name.text
      if ((name !== "label" && name !== "_tag") || !allOf(code.typesOf(node.expression), levels)) return undefined
      return `${code.render(node.expression)}${name === "label" ? ".toUpperCase()" : ""}`
    }
  },
  {
    name: "shape suffix unsafe of methods",
    why: "unsafe is a suffix",
    example: {
      before: `${head("Clock")}\nexport const x = (clock: Clock.Clock) => clock.unsafeCurrentTimeMillis()`,
      after:
        `import type * as Clock from "effect/Clock"\nexport const x = (clock: Clock.Clock) => clock.currentTimeMillisUnsafe()`
    },
    apply: (node, code) => {
      const methods: Readonly<Record<string, readonly [string, string]>> = {
        unsafeOpen: ["effect/Effect#Latch", "openUnsafe"],
        unsafeClose: ["effect/Effect#Latch", "closeUnsafe"],
        unsafeCurrentTimeMillis: ["effect/Clock#Clock", "currentTimeMillisUnsafe"],
        unsafeCurrentTimeNanos: ["effect/Clock#Clock", "currentTimeNanosUnsafe"],
        epochMillis: ["effect/DateTime#Utc", "epochMilliseconds"],
        unsafeUpdate: ["effect/Ref#Ref", "updateUnsafe"]
      }
      if (!ts.isPropertyAccessExpression(node) || !Object.hasOwn(methods, node.name.text)) return undefined
      const [type, to] = methods[node.name.text] ?? ["", ""]
      const types = code.typesOf(node.expression)
      const [module] = type.split("#")
      return types.length > 0 && types.every((found) => found.startsWith(`${module}#`) || found === "#Clock")
        ? `${code.render(node.expression)}${node.questionDotToken === undefined ? "." : "?."}${to}`
        : undefined
    }
  },
  {
    name: "shape suffix unsafe of clocks in tests",
    why: "unsafe is a suffix",
    example: {
      before: `export const clock = { unsafeCurrentTimeMillis: () => 0 }`,
      after: `export const clock = { currentTimeMillisUnsafe: () => 0 }`
    },
    apply: (node, code) => {
      if (!ts.isPropertyAssignment(node)) return undefined
      const unit = /^unsafeCurrentTime(Millis|Nanos)$/.exec(node.name.getText())?.[1]
      return unit === undefined ? undefined : `currentTime${unit}Unsafe: ${code.render(node.initializer)}`
    }
  },
  {
    name: "shape fiber.unsafeInterruptAsFork",
    why: "a fiber is interrupted by nobody in particular",
    example: {
      before: `${
        head("Fiber FiberId")
      }\nexport const x = (fiber: Fiber.RuntimeFiber<1>) => fiber.unsafeInterruptAsFork(FiberId.none)`,
      after:
        `import type * as Fiber from "effect/Fiber"\nexport const x = (fiber: Fiber.Fiber<1>) => fiber.interruptUnsafe()`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
      const { expression, name } = node.expression
      return name.text === "unsafeInterruptAsFork" && allOf(code.typesOf(expression), fibers)
        ? `${code.render(expression)}.interruptUnsafe()`
        : undefined
    }
  },
  {
    name: "shape Exit.isInterrupted(yield* Fiber.interrupt(…))",
    why: "interrupting a fiber gives no exit",
    example: {
      before: `${
        head("Effect Fiber")
      }\nexport const x = (fiber: Fiber.RuntimeFiber<1>) => Effect.gen(function*() { return yield* Fiber.interrupt(fiber) })`,
      after: `${
        head("Effect")
      }\nimport * as Fiber from "effect/Fiber"\nexport const x = (fiber: Fiber.Fiber<1>) => Effect.gen(function*() { return yield* Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber)) })`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node)) return undefined
      const member = code.memberOf(node.expression)
      if (member?.module !== "effect/Fiber" || member.name !== "interrupt") return undefined
      const { parent } = node
      const isStatement = ts.isYieldExpression(parent) && ts.isExpressionStatement(parent.parent)
      const isForked = ts.isCallExpression(parent) && code.memberOf(parent.expression)?.name === "fork"
      if ((!ts.isYieldExpression(parent) && !isForked) || isStatement) return undefined
      const fiber = node.arguments[0] === undefined ? "" : inside(node.arguments[0], code)
      const Fiber = code.use("effect/Fiber")
      return `${code.use("effect/Effect")}.andThen(${Fiber}.interrupt(${fiber}), ${Fiber}.await(${fiber}))`
    }
  }
]

const errorsInTests: ReadonlyArray<Rule> = [
  {
    name: "shape fiber.unsafePoll()",
    why: "a fiber that runs has no exit, which is undefined",
    example: {
      before: `${head("Fiber")}\nexport const x = (fiber: Fiber.RuntimeFiber<1>) => fiber.unsafePoll()`,
      after:
        `import type * as Fiber from "effect/Fiber"\nexport const x = (fiber: Fiber.Fiber<1>) => (fiber.pollUnsafe() ?? null)`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
      const { expression, name } = node.expression
      return name.text === "unsafePoll" && allOf(code.typesOf(expression), fibers)
        ? `(${code.render(expression)}.pollUnsafe() ?? null)`
        : undefined
    }
  },
  {
    name: "shape fields of an HttpClientError",
    why: "the kind of an error is an object in it",
    example: {
      before:
        `import type * as HttpClientError from "@effect/platform/HttpClientError"\nexport const x = (error: HttpClientError.HttpClientError, include: (a: object, b: object) => void) => include(error, { _tag: "RequestError", reason: "Transport" })`,
      after:
        `import type * as HttpClientError from "effect/http/HttpClientError"\nexport const x = (error: HttpClientError.HttpClientError, include: (a: object, b: object) => void) => include((error).reason, { _tag: "TransportError" })`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node)) return undefined
      const [value, fields, ...more] = node.arguments
      if (value === undefined || fields === undefined || !ts.isObjectLiteralExpression(fields)) return undefined
      const tag = fieldOf(fields, "_tag", code)
      if (tag !== `"RequestError"` && tag !== `"ResponseError"`) return undefined
      if (!allOf(code.typesOf(value), httpErrors)) return undefined
      const reason = fieldOf(fields, "reason", code) ?? ""
      const rest = [
        `_tag: ${JSON.stringify(`${reason.slice(1, -1)}Error`)}`,
        ...fieldsBesides(fields, ["_tag", "reason"], code)
      ]
      return `${code.render(node.expression)}(${
        [`(${code.render(value)}).reason`, `{ ${rest.join(", ")} }`, ...more.map(code.render)].join(", ")
      })`
    }
  },
  {
    name: "shape type of a reason",
    why: "a reason is an object, and its name is in its tag",
    example: {
      before:
        `import type * as HttpClientError from "@effect/platform/HttpClientError"\nexport type X = HttpClientError.RequestError["reason"]`,
      after: `export type X = ("Transport" | "Encode" | "InvalidUrl")`
    },
    apply: (node, code) => {
      if (!ts.isIndexedAccessTypeNode(node) || !ts.isTypeReferenceNode(node.objectType)) return undefined
      const member = code.memberOf(node.objectType.typeName)
      if (member?.module === "@effect/platform-node/NodeHttpClient" && node.indexType.getText() === `"Type"`) {
        return `(typeof ${code.render(node.objectType)})["Service"]`
      }
      if (member?.module !== "@effect/platform/HttpClientError" || node.indexType.getText() !== `"reason"`) {
        return undefined
      }
      return member.name === "RequestError"
        ? `("Transport" | "Encode" | "InvalidUrl")`
        : `("StatusCode" | "Decode" | "EmptyBody")`
    }
  }
]

const classes: ReadonlyArray<Rule> = [
  {
    name: "shape class of a tag",
    why: "a service has its types before its key",
    example: {
      before: `${head("Context")}\nexport class X extends Context.Tag("x")<X, number>() {}`,
      after: `${head("Context")}\nexport class X extends Context.Service<X, number>()("x") {}`
    },
    apply: (node, code) => {
      if (!ts.isCallExpression(node) || !ts.isCallExpression(node.expression)) return undefined
      const inner = node.expression
      const member = code.memberOf(inner.expression)
      if (member?.module !== "effect/Context" || member.name !== "Tag") return undefined
      return `${code.use("effect/Context")}.Service<${node.typeArguments?.map(code.render).join(", ")}>()(${
        inner.arguments.map(code.render).join(", ")
      })`
    }
  },
  {
    name: "shape class of a reference",
    why: "a reference is a value, and has no class",
    example: {
      before: `${
        head("Context")
      }\nexport class X extends Context.Reference<X>()<"x", number>("x", { defaultValue: () => 1 }) {}`,
      after: `${
        head("Context")
      }\nexport const X: Context.Reference<number> = Context.Reference<number>("x", { defaultValue: () => 1 })`
    },
    apply: (node, code) => {
      if (!ts.isClassDeclaration(node) || node.name === undefined) return undefined
      const base = node.heritageClauses?.[0]?.types[0]?.expression
      if (base === undefined || !ts.isCallExpression(base) || !ts.isCallExpression(base.expression)) return undefined
      const member = code.memberOf(base.expression.expression)
      if (member?.module !== "effect/Context" || member.name !== "Reference") return undefined
      const type = code.checker.getTypeOfSymbolAtLocation(
        code.checker.getSymbolAtLocation(node.name) as ts.Symbol,
        node.name
      )
      const service = type.getProperty("Service")
      const shape = base.typeArguments?.[1] === undefined
        ? service === undefined
          ? code.fail(node, "a reference without the type of its value")
          : code.checker.typeToString(
            code.checker.getTypeOfSymbolAtLocation(service, node.name),
            node.name,
            ts.TypeFormatFlags.NoTruncation
          )
        : code.render(base.typeArguments[1])
      const isExported = ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
      const Context = code.use("effect/Context")
      return `${
        isExported ? "export " : ""
      }const ${node.name.text}: ${Context}.Reference<${shape}> = ${Context}.Reference<${shape}>(${
        base.arguments.map(code.render).join(", ")
      })`
    }
  }
]

const types: ReadonlyArray<Rule> = [
  {
    name: "shape type of a reference",
    why: "a reference has no identifier of its own",
    example: {
      before: `${head("Context")}\nexport type X<Id, A> = Context.Reference<Id, A>`,
      after: `import type * as Context from "effect/Context"\nexport type X<Id, A> = Context.Reference<A>`
    },
    apply: (node, code) => {
      if (!ts.isTypeReferenceNode(node) || node.typeArguments?.length !== 2) return undefined
      const member = code.memberOf(node.typeName)
      if (member?.module !== "effect/Context" || member.name !== "Reference") return undefined
      return `${code.render(node.typeName)}<${
        node.typeArguments[1] === undefined ? "" : code.render(node.typeArguments[1])
      }>`
    }
  },
  {
    name: "shape type of a schema",
    why: "a schema with an encoded side is a codec",
    example: {
      before: `${head("Schema")}\nexport type X<A, I, R> = Schema.Schema<A, I, R>`,
      after: `import type * as Schema from "effect/Schema"\nexport type X<A, I, R> = Schema.Codec<A, I, R, unknown>`
    },
    apply: (node, code) => {
      if (!ts.isTypeReferenceNode(node) || (node.typeArguments?.length ?? 0) < 2) return undefined
      const member = code.memberOf(node.typeName)
      if (member?.module !== "effect/Schema" || member.name !== "Schema") return undefined
      const all = node.typeArguments?.map(code.render) ?? []
      const module = code.render(node.typeName).split(".")[0]
      return `${module}.Codec<${[...all, ...(all.length === 3 ? ["unknown"] : [])].join(", ")}>`
    }
  },
  {
    name: "shape nested type",
    why: "some types are no longer in a namespace of their module",
    example: {
      before: `${head("Config Metric")}\nexport type X = Config.Config.Wrap<1> | Metric.Metric.Counter<number>`,
      after:
        `import type * as Config from "effect/Config"\nimport type * as Metric from "effect/Metric"\nexport type X = Config.Wrap<1> | Metric.Counter<number>`
    },
    apply: (node, code) => {
      if (!ts.isQualifiedName(node) || !ts.isQualifiedName(node.left)) return undefined
      const member = code.memberOf(node.left)
      if (member === undefined) return undefined
      const name = `${member.module}#${member.name}.${node.right.text}`
      const known: Readonly<Record<string, string>> = {
        "effect/Config#Config.Wrap": "Wrap",
        "effect/Either#Either.Right": "Result.Success",
        "effect/Either#Either.Left": "Result.Failure",
        "effect/Metric#Metric.Counter": "Counter",
        "effect/Metric#Metric.Gauge": "Gauge",
        "effect/Effect#Effect.Success": "Success",
        "effect/Effect#Effect.Error": "Error",
        "effect/Effect#Effect.Context": "Services",
        "effect/Layer#Layer.Success": "Success",
        "effect/Layer#Layer.Error": "Error",
        "effect/Layer#Layer.Context": "Services"
      }
      const to = known[name]
      return to === undefined ? undefined : `${code.render(node.left.left)}.${to}`
    }
  }
]

const commandExecutor: Rule = {
  name: "shape type of a spawner",
  why: "the key of the service is a class, and the service has its own type",
  example: {
    before:
      `import type * as CommandExecutor from "@effect/platform/CommandExecutor"\nexport const x = (it: CommandExecutor.CommandExecutor) => it`,
    after:
      `import type * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"\nexport const x = (it: ChildProcessSpawner.ChildProcessSpawner["Service"]) => it`
  },
  apply: (node, code) => {
    if (converting.has(node) || !ts.isTypeReferenceNode(node)) return undefined
    const member = code.memberOf(node.typeName)
    if (member?.module !== "@effect/platform/CommandExecutor" || member.name !== "CommandExecutor") return undefined
    const { parent } = node
    const isOfValue = ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isPropertySignature(parent) ||
      (ts.isFunctionLike(parent) && parent.type === node)
    return isOfValue ? `${inside(node, code)}["Service"]` : undefined
  }
}

const httpBodies: Rule = {
  name: "shape content type of a body",
  why: "not each body has a content type",
  example: {
    before:
      `import type * as HttpBody from "@effect/platform/HttpBody"\nexport const x = (body: HttpBody.HttpBody) => body.contentType`,
    after:
      `import type * as HttpBody from "effect/http/HttpBody"\nexport const x = (body: HttpBody.HttpBody) => ("contentType" in body ? body.contentType as string | undefined : undefined)`
  },
  apply: (node, code) => {
    if (!ts.isPropertyAccessExpression(node) || node.name.text !== "contentType") return undefined
    const types = code.typesOf(node.expression)
    if (types.length < 2 || !types.every((type) => type.startsWith("@effect/platform/HttpBody#"))) return undefined
    const body = code.render(node.expression)
    return `("contentType" in ${body} ? ${body}.contentType as string | undefined : undefined)`
  }
}

/** Texts of Effect that a program compares or uses as a key. */
const texts: Readonly<Record<string, readonly [to: string, why: string]>> = {
  "http.client GET": ["GET", "the span of a request is named after the method"],
  "http.client POST": ["POST", "the span of a request is named after the method"],
  "TimeoutException": ["TimeoutError", "what a timeout fails with has another tag"],
  "@effect/platform-node/NodeHttpClient/undiciOptions": [
    "@effect/platform-node/NodeHttpClient/UndiciOptions",
    "the options of undici have another key"
  ]
}

const keys: ReadonlyArray<Rule> = Object.entries(texts).map(([from, [to, why]]) => ({
  name: `text ${from}`,
  why,
  example: { before: `export const x = "${from}"`, after: `export const x = "${to}"` },
  apply: (node) => ts.isStringLiteral(node) && node.text === from ? JSON.stringify(to) : undefined
}))

const version: Rule = {
  name: "text version",
  why: "3.y.z and 4.y.z are the same sources",
  example: { before: `export const version = "3.1.0"`, after: `export const version = "4.1.0"` },
  apply: (node) => {
    if (!ts.isStringLiteral(node) || !/^3\.\d+\.\d+$/.test(node.text)) return undefined
    return ts.isVariableDeclaration(node.parent) && node.parent.name.getText() === "version"
      ? JSON.stringify(versionFor4(node.text))
      : undefined
  }
}

export const shapes: ReadonlyArray<Rule> = [
  version,
  ...keys,
  commandExecutor,
  httpBodies,
  asEffect,
  literals,
  ...kinds,
  ...values,
  ...errorsInTests,
  ...classes,
  ...types
]
