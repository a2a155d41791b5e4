/** What the modules of Effect 4 export, read from their declarations as they are installed in `v4/`. */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"

const cache = new Map<string, ReadonlySet<string> | undefined>()

/** Stands for all names. */
export const any = "*"

/** The file with the declarations of a module, or undefined where it does not exist. */
const declarationsOf = (root: string, module: string): string | undefined => {
  const [first = "", second = "", ...more] = module.split("/")
  const name = module.startsWith("@") ? `${first}/${second}` : first
  const inside = (module.startsWith("@") ? more : [second, ...more]).filter((part) => part !== "").join("/")
  const folder = path.join(root, "v4/node_modules", name)
  return [
    `dist/${inside === "" ? "index" : inside}.d.ts`,
    `dist/${inside}/index.d.ts`,
    `${inside}.d.ts`
  ]
    .map((file) => path.join(folder, file))
    .find((file) => existsSync(file))
}

const namesOf = (statement: ts.Statement): ReadonlyArray<string> | { readonly from: string } => {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, moduleSpecifier } = statement
    if (exportClause === undefined) {
      return moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? { from: moduleSpecifier.text } : []
    }
    return ts.isNamespaceExport(exportClause)
      ? [exportClause.name.text]
      : exportClause.elements.map(({ name }) => name.text)
  }
  const isExported = ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  if (!isExported) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  const { name } = statement as ts.DeclarationStatement
  return name === undefined ? [] : [name.getText()]
}

const readExports = (file: string): ReadonlySet<string> => {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)
  return new Set(source.statements.flatMap((statement) => {
    const names = namesOf(statement)
    if (!("from" in names)) return [...names]
    // The names of another package are left to the compiler.
    if (!names.from.startsWith(".")) return [any]
    const next = path.resolve(path.dirname(file), names.from.replace(/\.(?:js|ts)$/, "") + ".d.ts")
    return existsSync(next) ? [...readExports(next)] : []
  }))
}

/** The names that a module of Effect 4 exports; undefined where it does not exist. */
export const exportsOf = (root: string, module: string): ReadonlySet<string> | undefined => {
  if (!cache.has(module)) {
    const file = declarationsOf(root, module)
    cache.set(module, module === "fast-check" ? new Set([any]) : file === undefined ? undefined : readExports(file))
  }
  return cache.get(module)
}
