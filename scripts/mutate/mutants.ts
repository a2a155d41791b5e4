/**
 * The mutants of a module, and the module with all of them: each changed place asks at run time which mutant is active.
 */
import ts from "typescript"

/** @internal */
export interface Mutant {
  readonly file: string
  /** From zero, in the order of the text. */
  readonly index: number
  readonly line: number
  readonly kind: Kind
  readonly before: string
  readonly after: string
}

/** @internal */
export type Kind =
  | "condition"
  | "boundary"
  | "logic"
  | "arithmetic"
  | "literal"
  | "collection"
  | "call"
  | "statement"
  | "result"
  | "pattern"

/** @internal */
export interface Mutated {
  readonly mutants: ReadonlyArray<Mutant>
  readonly code: string
}

const longest = 100
const shown = 25

/** Two texts in one line each, and of long ones what differs. @internal */
export const differing = (before: string, after: string): readonly [string, string] => {
  const [one, two] = [before, after].map((text) => text.replace(/\s+/g, " ")) as [string, string]
  if (one.length <= longest && two.length <= longest) return [one, two]
  const most = Math.min(one.length, two.length)
  let same = 0
  while (same < most && one[same] === two[same]) same++
  let sameEnd = 0
  while (sameEnd < most - same && one.at(-1 - sameEnd) === two.at(-1 - sameEnd)) sameEnd++
  const cut = (text: string): string => {
    const part = text.slice(Math.max(0, same - shown), text.length - Math.max(0, sameEnd - shown))
    return part.length > 2 * longest ? `${part.slice(0, 2 * longest)}…` : part
  }
  return [cut(one), cut(two)]
}

interface Change {
  readonly kind: Kind
  readonly after: string
}

// What a program logs and traces is for people, and tests of it are not about behavior.
const observing =
  /(?:^|\.)(?:log(?:Debug|Info|Warning|Error|Trace)?|withSpan|annotate(?:Logs|Spans|CurrentSpan|d)|rootSpan|withLogSpan)$/

/** Calls that pass on their first argument, with something around it. */
const around = new Set(
  [
    ...["tap", "tapError", "tapErrorCause", "mapError", "catchAll", "catchIf", "catchTag", "ignore", "as", "asVoid"],
    ...[
      "ensuring",
      "onExit",
      "onInterrupt",
      "uninterruptible",
      "interruptible",
      "retry",
      "timeout",
      "delay",
      "forever"
    ],
    ...["locally", "locallyWith", "filterOrFail", "provideService", "zipRight", "zipLeft", "forkScoped", "scoped"]
  ].map((name) => `Effect.${name}`)
)

const methods: ReadonlyMap<string, string> = new Map([
  ["some", "every"],
  ["every", "some"],
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
  ["min", "max"],
  ["max", "min"],
  ["floor", "ceil"],
  ["ceil", "floor"]
])

/** Methods whose receiver is like their result. */
const dropped = new Set(
  ["trim", "toLowerCase", "toUpperCase", "sort", "toSorted", "reverse", "filter", "slice", "replace", "replaceAll"]
)

const boundaries: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"]
])

const arithmetic: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.PlusToken, "-"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "/"],
  [ts.SyntaxKind.SlashToken, "*"],
  [ts.SyntaxKind.PercentToken, "*"],
  [ts.SyntaxKind.AsteriskAsteriskToken, "*"],
  [ts.SyntaxKind.PlusEqualsToken, "-="],
  [ts.SyntaxKind.MinusEqualsToken, "+="],
  [ts.SyntaxKind.BarToken, "&"],
  [ts.SyntaxKind.AmpersandToken, "|"],
  [ts.SyntaxKind.CaretToken, "&"],
  [ts.SyntaxKind.LessThanLessThanToken, ">>>"],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, "<<"],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, "<<"]
])

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ...boundaries.keys(),
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
  ts.SyntaxKind.InstanceOfKeyword
])

const isLogical = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) &&
  (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    node.operatorToken.kind === ts.SyntaxKind.BarBarToken)

const isComparison = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && comparisons.has(node.operatorToken.kind)

/** The parent, without the parentheses in between. */
const outer = (node: ts.Node): ts.Node => ts.isParenthesizedExpression(node.parent) ? outer(node.parent) : node.parent

const isCondition = (node: ts.Node): boolean => {
  const { parent } = node
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) {
    return parent.expression === node
  }
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node
}

const isLoopCondition = (node: ts.Node): boolean =>
  isCondition(node) && !ts.isIfStatement(node.parent) && !ts.isConditionalExpression(node.parent)

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
  ts.isParenthesizedExpression(node) && isText(node.expression) ||
  ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right))

/** @internal */
export const mutate = (file: string, text: string): Mutated => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const mutants: Array<Mutant> = []
  const textOf = (node: ts.Node): string => node.getText(source)

  const add = (node: ts.Node, { after, kind }: Change): number => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    mutants.push({ file, index: mutants.length, line, kind, before: textOf(node), after })
    return mutants.length - 1
  }

  const without = (nodes: ts.NodeArray<ts.Node>, removed: ts.Node): string =>
    nodes.filter((node) => node !== removed).map(textOf).join(", ")

  const conditions = (node: ts.Expression): ReadonlyArray<Change> => {
    const isOperand = isLogical(outer(node))
    const both = (values: ReadonlyArray<string>): ReadonlyArray<Change> =>
      (isLoopCondition(node) ? ["false"] : values).map((after) => ({ kind: "condition", after }))
    if (isLogical(node)) {
      const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
      const parts = [node.left, node.right].map((part): Change => ({ kind: "logic", after: textOf(part) }))
      return isOperand ? parts : [...parts, ...both([isAnd ? "false" : "true"])]
    }
    if (isOperand) return []
    if (isComparison(node) || isCondition(node)) return both(["true", "false"])
    return ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken
      ? [{ kind: "condition", after: textOf(node.operand) }]
      : []
  }

  const operators = (node: ts.BinaryExpression): ReadonlyArray<Change> => {
    const [left, right] = [textOf(node.left), textOf(node.right)]
    const { kind } = node.operatorToken
    if (kind === ts.SyntaxKind.QuestionQuestionToken) {
      return [{ kind: "logic", after: left }, { kind: "logic", after: right }]
    }
    const boundary = boundaries.get(kind)
    if (boundary !== undefined) return [{ kind: "boundary", after: `${left} ${boundary} ${right}` }]
    const other = arithmetic.get(kind)
    return other === undefined || isText(node.left) || isText(node.right)
      ? []
      : [{ kind: "arithmetic", after: `${left} ${other} ${right}` }]
  }

  const literal = (node: ts.Expression): ReadonlyArray<Change> => {
    const to = (after: string): ReadonlyArray<Change> => [{ kind: "literal", after }]
    if (ts.isStringLiteralLike(node)) {
      // Another text in a comparison makes it false, which is a mutant already.
      return isComparison(node.parent) ? [] : to(node.text === "" ? "\"mutated\"" : "\"\"")
    }
    if (ts.isTemplateExpression(node)) return to("\"\"")
    if (ts.isNumericLiteral(node)) return to(`${Number(node.text.replaceAll("_", "")) + 1}`)
    if (node.kind === ts.SyntaxKind.TrueKeyword) return to("false")
    return node.kind === ts.SyntaxKind.FalseKeyword ? to("true") : []
  }

  const collection = (node: ts.Expression): ReadonlyArray<Change> => {
    const to = (after: string): Change => ({ kind: "collection", after })
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) {
      const spreads = node.elements.length > 1 ? node.elements.filter(ts.isSpreadElement) : []
      return [to("[]"), ...spreads.map((spread) => to(`[${without(node.elements, spread)}]`))]
    }
    if (!ts.isObjectLiteralExpression(node)) return []
    const removed = node.properties.filter((property) =>
      !ts.isPropertyAssignment(property) || literal(property.initializer).length === 0
    )
    return removed.map((property) => to(`({ ${without(node.properties, property)} })`))
  }

  const call = (node: ts.CallExpression): ReadonlyArray<Change> => {
    const to = (after: string): Change => ({ kind: "call", after })
    const callee = node.expression
    const name = textOf(callee)
    const first = node.arguments[0]
    if (around.has(name) && first !== undefined) return isStage(node) ? [] : [to(textOf(first))]
    if (!ts.isPropertyAccessExpression(callee)) {
      return name === "pipe"
        ? stages(node.arguments.slice(1)).map((stage) => to(`pipe(${without(node.arguments, stage)})`))
        : []
    }
    const receiver = textOf(callee.expression)
    if (callee.name.text === "pipe") {
      return stages([...node.arguments]).map((stage) =>
        to(node.arguments.length === 1 ? receiver : `${receiver}.pipe(${without(node.arguments, stage)})`)
      )
    }
    const other = methods.get(callee.name.text)
    if (other !== undefined && node.arguments.length > 0) {
      return [to(`${receiver}.${other}(${node.arguments.map(textOf).join(", ")})`)]
    }
    return dropped.has(callee.name.text) && !/^[A-Z]\w*$/.test(receiver) ? [to(receiver)] : []
  }

  const isStage = (node: ts.CallExpression): boolean =>
    ts.isCallExpression(node.parent) && node.parent.arguments.includes(node) &&
    ts.isPropertyAccessExpression(node.parent.expression) && node.parent.expression.name.text === "pipe"

  const stages = (nodes: ReadonlyArray<ts.Expression>): ReadonlyArray<ts.Expression> =>
    nodes.filter((node) => !(ts.isCallExpression(node) && observing.test(textOf(node.expression))))

  const pattern = (node: ts.Expression): ReadonlyArray<Change> => {
    if (!ts.isRegularExpressionLiteral(node)) return []
    const end = node.text.lastIndexOf("/")
    const [body, flags] = [node.text.slice(1, end), node.text.slice(end + 1)]
    const to = (text: string): ReadonlyArray<Change> =>
      text === body || text === "" ? [] : [{ kind: "pattern", after: `/${text}/${flags}` }]
    return [
      ...to(body.replace(/^\^/, "")),
      ...to(body.replace(/(?<!\\)\$$/, "")),
      ...to(body.replace(/(?<!\\)\[(\^?)/, (_, not: string) => not === "" ? "[^" : "[")),
      ...(flags.includes("i") ? [{ kind: "pattern", after: `/${body}/${flags.replace("i", "")}` } as const] : [])
    ]
  }

  const result = (node: ts.Expression): ReadonlyArray<Change> => {
    const isResult = ts.isReturnStatement(node.parent) ||
      ts.isArrowFunction(node.parent) && node.parent.body === node
    const isValue = ts.isCallExpression(node) || ts.isPropertyAccessExpression(node) ||
      ts.isIdentifier(node) && node.text !== "undefined"
    return isResult && isValue ? [{ kind: "result", after: "undefined" }] : []
  }

  const isInChain = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node.parent) || ts.isElementAccessExpression(node.parent) ||
      ts.isCallExpression(node.parent) || ts.isNonNullExpression(node.parent)) &&
    node.parent.expression === node && (node.flags & ts.NodeFlags.OptionalChain) !== 0

  const changesOf = (node: ts.Expression): ReadonlyArray<Change> => {
    if (isInChain(node)) return []
    return [
      ...conditions(node),
      ...(ts.isBinaryExpression(node) ? operators(node) : []),
      ...literal(node),
      ...collection(node),
      ...(ts.isCallExpression(node) ? call(node) : []),
      ...pattern(node),
      ...result(node)
    ]
  }

  const isSkipped = (node: ts.Node): boolean =>
    ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isHeritageClause(node) ||
    ts.isTypeParameterDeclaration(node) || ts.isTaggedTemplateExpression(node) ||
    ts.isCallExpression(node) && observing.test(textOf(node.expression))

  const isName = (node: ts.Node): boolean =>
    (ts.isPropertyAssignment(node.parent) || ts.isMethodDeclaration(node.parent) ||
      ts.isPropertyDeclaration(node.parent)) && node.parent.name === node

  const children = (node: ts.Node): string => {
    let out = ""
    let at = node.getStart(source)
    ts.forEachChild(node, (child) => {
      out += text.slice(at, child.getStart(source)) + render(child)
      at = child.end
    })
    return out + text.slice(at, node.end)
  }

  const removable = (node: ts.Node): boolean =>
    ts.isExpressionStatement(node) && !isObserving(node.expression) || ts.isThrowStatement(node) ||
    ts.isContinueStatement(node) || ts.isBreakStatement(node)

  const isObserving = (node: ts.Expression): boolean =>
    ts.isYieldExpression(node) && node.expression !== undefined
      ? isObserving(node.expression)
      : ts.isCallExpression(node) && observing.test(textOf(node.expression))

  const isBody = (node: ts.Node): node is ts.Block =>
    ts.isBlock(node) && ts.isFunctionLike(node.parent) && node.statements.length > 0

  // Without semicolons in the sources, a parenthesis would continue the statement before.
  const alone = (node: ts.Node, statement: string): string =>
    ts.isBlock(node.parent) || ts.isSourceFile(node.parent) || ts.isCaseOrDefaultClause(node.parent)
      ? `;${statement}`
      : `{${statement}}`

  const render = (node: ts.Node): string => {
    if (isSkipped(node) || isName(node)) return textOf(node)
    if (removable(node)) {
      const index = add(node, { kind: "statement", after: "" })
      return alone(node, `if(!__m(${index})){${children(node)}}`)
    }
    if (ts.isExpressionStatement(node)) return alone(node, children(node))
    if (isBody(node)) {
      const index = add(node, { kind: "statement", after: "{}" })
      return `{if(!__m(${index}))${children(node)}}`
    }
    if (!ts.isExpression(node)) return children(node)
    const changes = changesOf(node).filter(({ after }) => after !== textOf(node))
    if (changes.length === 0) return children(node)
    const cases = changes.map((change) => `__m(${add(node, change)})?(${change.after}):`)
    return `(${cases.join("")}(${children(node)}))`
  }

  const code = children(source)
  return { mutants, code }
}
