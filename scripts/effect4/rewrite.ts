/** Rewrites one file of Effect 3 to Effect 4. */
import path from "node:path"
import ts from "typescript"
import type { Code, Member, Rule } from "./rule.ts"
import { members, type Rename } from "./rules/members.ts"
import { barrelOf, gone, moves } from "./rules/modules.ts"
import { any, exportsOf } from "./target.ts"

/** A construct that no rule knows. */
export interface Unknown {
  readonly file: string
  readonly line: number
  readonly why: string
}

export interface Options {
  readonly root: string
  readonly rules: ReadonlyArray<Rule>
  readonly checker: ts.TypeChecker
  /** Counts how often a rule was used. */
  readonly count: (rule: string) => void
  readonly isLibrary: boolean
  /** The path of a file in the result, from which helpers are imported. */
  readonly fileName: string
}

export interface Rewritten {
  readonly text: string
  readonly unknown: ReadonlyArray<Unknown>
}

const movedTo = new Map(moves.map(({ from, to }) => [from, to]))
const renamed = new Map<string, Rename>(members.map((rename) => [`${rename.module}#${rename.from}`, rename]))

const lastOf = (module: string): string => module === "fast-check" ? "FastCheck" : module.split("/").at(-1) ?? module

/** The name of a module of Effect 3 in which a declaration is. */
const moduleOfFile = (file: string): string | undefined => {
  const [, name, inside] =
    /node_modules\/(effect|@effect\/[^/]+)\/(?:dist\/dts|dist\/esm|dist|src)\/(.*?)\.(?:d\.)?ts$/.exec(file) ?? []
  if (name === undefined || inside === undefined) return undefined
  return inside === "index" ? name : `${name}/${inside}`
}

const isOfEffect = (module: string): boolean => /^(?:effect|@effect\/[\w-]+)(?:\/|$)/.test(module)

/** A name that an import brings into the file. */
interface Binding {
  readonly symbol: ts.Symbol
  readonly local: string
  /** The module that it is, or the module of which it is a member. */
  readonly module: string
  /** Undefined where it is the module. */
  readonly member: string | undefined
  readonly isType: boolean
  readonly isOfBarrel: boolean
  readonly declaration: ts.ImportDeclaration
  /** Modules of Effect 4 that its uses are in, and whether one is a value. */
  readonly targets: Map<string, { readonly local: string; isValue: boolean }>
}

export const rewrite = (source: ts.SourceFile, options: Options): Rewritten => {
  const { checker, count, root, rules } = options
  const unknown: Array<Unknown> = []
  const reject = (node: ts.Node, why: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    unknown.push({ file: source.fileName, line: line + 1, why })
  }

  const declared = new Set<string>()
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node
      const isName = (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isQualifiedName(parent) && parent.right === node) || ts.isImportSpecifier(parent)
      if (!isName) declared.add(node.text)
    }
    ts.forEachChild(node, collect)
  }
  collect(source)

  const bindings: Array<Binding> = []
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const spec = statement.moduleSpecifier.text
    if (!isOfEffect(spec)) continue
    const clause = statement.importClause
    const named = clause?.namedBindings
    if (named === undefined) {
      reject(statement, `an import of ${spec} without names`)
      continue
    }
    const add = (name: ts.Identifier, imported: string | undefined, isType: boolean): void => {
      const symbol = checker.getSymbolAtLocation(name)
      if (symbol === undefined) return reject(name, "an import that the type checker does not resolve")
      const target = checker.getAliasedSymbol(symbol)
      const declaration = target.declarations?.[0]
      const isModule = declaration !== undefined && ts.isSourceFile(declaration)
      const module = isModule ? moduleOfFile(declaration.fileName) ?? spec : spec
      bindings.push({
        symbol,
        local: name.text,
        module,
        member: isModule || imported === undefined ? undefined : imported,
        isType,
        isOfBarrel: imported !== undefined && isModule,
        declaration: statement,
        targets: new Map()
      })
    }
    const isTypeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    if (ts.isNamespaceImport(named)) add(named.name, undefined, isTypeOnly)
    else {
      for (const element of named.elements) {
        add(element.name, (element.propertyName ?? element.name).text, isTypeOnly || element.isTypeOnly)
      }
    }
  }
  const ofSymbol = new Map(bindings.map((binding) => [binding.symbol, binding]))
  const canonical = (module: string): string => movedTo.get(module) ?? module

  /** Imports of which no binding of the file is the origin. */
  const added = new Map<string, string>()
  const helpers = new Map<string, Set<string>>()

  const freeName = (wanted: string, besides?: string): string =>
    wanted === besides || !declared.has(wanted) ? wanted : `${wanted}_`

  const localOf = (binding: Binding, target: string, isValue: boolean): string => {
    const known = binding.targets.get(target)
    if (known !== undefined) {
      if (isValue) known.isValue = true
      return known.local
    }
    const owner = bindings.find((other) => other.member === undefined && canonical(other.module) === target)
    if (owner !== undefined && owner !== binding) return localOf(owner, target, isValue)
    const other = bindings.find((other) => other !== binding && other.member === undefined && other.targets.has(target))
    const isOwnName = binding.local === lastOf(binding.module)
    const isSame = canonical(binding.module) === target
    const local = other?.targets.get(target)?.local ??
      (isOwnName && lastOf(target) !== binding.local
        ? freeName(lastOf(target))
        : isSame
        ? binding.local
        : freeName(lastOf(target)))
    binding.targets.set(target, { local, isValue })
    return local
  }

  const use = (module: string): string => {
    const binding = bindings.find((binding) => binding.member === undefined && canonical(binding.module) === module)
    if (binding !== undefined) return localOf(binding, module, true)
    const targeted = bindings.find((binding) => binding.targets.has(module))
    if (targeted !== undefined) return localOf(targeted, module, true)
    const local = added.get(module) ?? freeName(lastOf(module))
    added.set(module, local)
    return local
  }

  const helper = (file: string, name: string): string => {
    const names = helpers.get(file) ?? new Set()
    helpers.set(file, names.add(name))
    return name
  }

  const bindingOf = (node: ts.Node): Binding | undefined => {
    if (!ts.isIdentifier(node)) return undefined
    const { parent } = node
    const symbol = ts.isShorthandPropertyAssignment(parent)
      ? checker.getShorthandAssignmentValueSymbol(parent)
      : checker.getSymbolAtLocation(node)
    return symbol === undefined ? undefined : ofSymbol.get(symbol)
  }

  const memberOf = (node: ts.Node): Member | undefined => {
    if (ts.isExpressionWithTypeArguments(node)) return memberOf(node.expression)
    if (ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node)) {
      const left = ts.isQualifiedName(node) ? node.left : node.expression
      const binding = bindingOf(left)
      if (binding === undefined) return undefined
      const name = ts.isQualifiedName(node) ? node.right.text : node.name.text
      return binding.member === undefined
        ? { module: binding.module, name }
        : { module: `${binding.module}#${binding.member}`, name }
    }
    const binding = bindingOf(node)
    return binding?.member === undefined ? undefined : { module: binding.module, name: binding.member }
  }

  const typeNames = (type: ts.Type): ReadonlyArray<string> => {
    if (type.isUnion()) return type.types.flatMap(typeNames)
    if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) return []
    const symbol = type.symbol as ts.Symbol | undefined
    const declaration = symbol?.declarations?.[0]
    const module = declaration === undefined ? undefined : moduleOfFile(declaration.getSourceFile().fileName)
    if (module !== undefined && symbol !== undefined) return [`${module}#${symbol.name}`]
    const constraint = type.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(type) : undefined
    return constraint === undefined || constraint === type ? [`#${symbol?.name ?? ""}`] : typeNames(constraint)
  }
  const typesOf = (node: ts.Node): ReadonlyArray<string> => typeNames(checker.getTypeAtLocation(node))

  /** The text of a member that has no rule of its own. */
  const renderMember = (node: ts.Node, binding: Binding, name: string, isValue: boolean): string => {
    const rename = renamed.get(`${binding.module}#${name}`)
    if (rename !== undefined) count(`rename ${binding.module} ${name}`)
    const target = rename?.in ?? canonical(binding.module)
    const to = rename?.to ?? name
    if (rename === undefined && gone.has(binding.module)) {
      reject(node, `${binding.module} is not in Effect 4, and ${name} has no rule`)
      return node.getText(source)
    }
    const known = exportsOf(root, target)
    if (known === undefined) reject(node, `Effect 4 has no module ${target}`)
    else if (!known.has(to) && !known.has(any)) {
      reject(node, `${target} of Effect 4 has no ${to} (${binding.module} has ${name})`)
    }
    if (rename === undefined && target !== binding.module) count(`module ${binding.module}`)
    return `${localOf(binding, target, isValue)}.${to}`
  }

  const isType = (node: ts.Node): boolean => {
    let at: ts.Node = node
    while (ts.isQualifiedName(at.parent)) at = at.parent
    return ts.isTypeReferenceNode(at.parent) || ts.isTypeQueryNode(at.parent) ||
      (ts.isExpressionWithTypeArguments(at.parent) && ts.isHeritageClause(at.parent.parent) &&
        (at.parent.parent.token === ts.SyntaxKind.ImplementsKeyword ||
          ts.isInterfaceDeclaration(at.parent.parent.parent)))
  }

  const children = (node: ts.Node): string => {
    const all = source.text
    let text = ""
    let at = node.getStart(source)
    ts.forEachChild(node, (child) => {
      const start = child.getStart(source)
      if (start < at) return
      text += all.slice(at, start) + render(child)
      at = child.getEnd()
    })
    return text + all.slice(at, node.getEnd())
  }

  const code: Code = {
    checker,
    render: (node) => render(node),
    memberOf,
    typesOf,
    typeNames,
    isLibrary: options.isLibrary,
    use,
    helper,
    fail: (node, why) => {
      reject(node, why)
      return undefined as never
    }
  }

  const render = (node: ts.Node): string => {
    if (ts.isImportDeclaration(node)) return importText(node)
    for (const rule of rules) {
      const text = rule.apply(node, code)
      if (text !== undefined) {
        count(rule.name)
        return text
      }
    }
    if (ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node)) {
      const left = ts.isQualifiedName(node) ? node.left : node.expression
      const binding = bindingOf(left)
      if (binding !== undefined && binding.member === undefined) {
        return renderMember(node, binding, ts.isQualifiedName(node) ? node.right.text : node.name.text, !isType(node))
      }
    }
    if (ts.isIdentifier(node)) {
      const binding = bindingOf(node)
      if (binding !== undefined && ts.isShorthandPropertyAssignment(node.parent)) {
        return node.text
      }
      if (binding !== undefined && binding.member === undefined) {
        return localOf(binding, canonical(binding.module), !isType(node))
      }
    }
    return children(node)
  }

  const pending = "\uE000import:"
  const importText = (node: ts.ImportDeclaration): string =>
    bindings.some(({ declaration }) => declaration === node) ? `${pending}${node.pos}\uE000` : children(node)

  const namedText = (binding: Binding, module: string): string => {
    const name = binding.member ?? ""
    const rename = renamed.get(`${module}#${name}`)
    if (rename !== undefined) count(`rename ${module} ${name}`)
    const to = rename?.to ?? name
    const target = rename?.in ?? targetOfSpec(module)
    const known = exportsOf(root, target)
    if (known !== undefined && !known.has(to) && !known.has(any) && !target.startsWith("@effect/vitest")) {
      reject(binding.declaration, `${target} of Effect 4 has no ${to} (${module} has ${name})`)
    }
    return `${binding.isType ? "type " : ""}${to === binding.local ? to : `${to} as ${binding.local}`}`
  }
  const targetOfSpec = (module: string): string => canonical(module)

  const written = new Set<string>()
  const importLines = (declaration: ts.ImportDeclaration): string => {
    const own = bindings.filter((binding) => binding.declaration === declaration)
    const lines: Array<string> = []
    const barrels = new Map<string, Array<string>>()
    const into = (module: string, text: string) => barrels.set(module, [...(barrels.get(module) ?? []), text])
    for (const binding of own) {
      if (binding.member !== undefined) {
        if (dropped.has(binding)) continue
        const rename = renamed.get(`${binding.module}#${binding.member}`)
        into(rename?.in ?? targetOfSpec(binding.module), namedText(binding, binding.module))
        continue
      }
      for (const [target, { isValue, local }] of binding.targets) {
        if (written.has(target)) continue
        written.add(target)
        const isTypeOnly = binding.isType && !isValue
        const barrel = binding.isOfBarrel ? barrelOf(target) : undefined
        if (barrel === undefined) lines.push(`import ${isTypeOnly ? "type " : ""}* as ${local} from "${target}"`)
        else {into(
            barrel,
            `${isTypeOnly ? "type " : ""}${lastOf(target)}${lastOf(target) === local ? "" : ` as ${local}`}`
          )}
      }
    }
    for (const [module, names] of barrels) {
      const areTypes = names.every((name) => name.startsWith("type "))
      lines.push(
        `import ${areTypes ? "type " : ""}{ ${
          names.map((name) => areTypes ? name.slice(5) : name).join(", ")
        } } from "${module}"`
      )
    }
    return lines.join("\n")
  }
  /** Named imports that the rules have left without a use. */
  const dropped = new Set<Binding>()

  const body = children(source)
  const head = source.text.slice(0, source.getStart(source))
  for (const binding of bindings) {
    if (
      binding.member !== undefined &&
      !new RegExp(`(?<![\\w.])${binding.local}\\b`).test(body.replace(/\uE000import:\d+\uE000/g, ""))
    ) {
      dropped.add(binding)
    }
  }
  let text = head + body
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue
    const mark = `${pending}${statement.pos}\uE000`
    if (!text.includes(mark)) continue
    const lines = importLines(statement)
    text = lines === "" ? text.replace(new RegExp(`${mark}\n?`), "") : text.replace(mark, () => lines)
  }
  const extra = [
    ...[...added].filter(([module]) => !written.has(module)).map(([module, local]) =>
      `import * as ${local} from "${module}"`
    ),
    ...[...helpers].map(([file, names]) => {
      const relative = path.relative(path.dirname(options.fileName), file)
      return `import { ${[...names].sort().join(", ")} } from "${
        relative.startsWith(".") ? relative : `./${relative}`
      }"`
    })
  ]
  if (extra.length > 0) {
    const at = text.search(/^import /m)
    text = at < 0 ? `${extra.join("\n")}\n${text}` : `${text.slice(0, at)}${extra.join("\n")}\n${text.slice(at)}`
  }
  return { text, unknown }
}
