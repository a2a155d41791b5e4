/**
 * The public declarations of the package as text: one report for each module, without docstrings, sorted by name. A
 * module that no caller can import is reported with those of its declarations only that public ones mention.
 */
import path from "node:path"
import ts from "typescript"

/** The text of a declaration file, or `undefined` if there is no such file. */
export type Read = (file: string) => string | undefined

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  noLib: true,
  noEmit: true,
  types: []
}

/** `./X.ts` in a declaration file means `X.d.ts`. */
const declarationFile = (specifier: string, from: string): string =>
  path.posix.join(path.posix.dirname(from), specifier.replace(/\.[jt]s$/, ".d.ts"))

/** A program of the package alone: other packages need no types to be named. */
const programOf = (entries: ReadonlyArray<string>, read: Read): ts.Program =>
  ts.createProgram([...entries], options, {
    ...ts.createCompilerHost(options),
    getCurrentDirectory: () => "",
    fileExists: (file) => read(file) !== undefined,
    readFile: read,
    getSourceFile: (file, version) => {
      const text = read(file)
      return text === undefined ? undefined : ts.createSourceFile(file, text, version, true)
    },
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const resolvedFileName = declarationFile(text, from)
        return {
          resolvedModule: text.startsWith(".") && read(resolvedFileName) !== undefined
            ? { resolvedFileName, extension: ts.Extension.Dts, isExternalLibraryImport: false }
            : undefined
        }
      })
  })

const isExported = (statement: ts.Statement): boolean =>
  ts.isExportDeclaration(statement) ||
  (ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true)

/** `export {}` only says that a file is a module. */
const isDeclaration = (statement: ts.Statement): boolean =>
  !ts.isImportDeclaration(statement) &&
  !(ts.isExportDeclaration(statement) && statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause) && statement.exportClause.elements.length === 0)

const namesOf = (statement: ts.Statement): ReadonlyArray<string> => {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, moduleSpecifier } = statement
    if (exportClause === undefined) return [`* of ${moduleSpecifier?.getText() ?? ""}`]
    return ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name }) => name.text)
      : [exportClause.name.text]
  }
  const { name } = statement as { readonly name?: ts.Node }
  return [name?.getText() ?? "default"]
}

const identifiersOf = (node: ts.Node): ReadonlyArray<ts.Identifier> => {
  const found: Array<ts.Identifier> = []
  const visit = (child: ts.Node): void => {
    if (ts.isIdentifier(child)) found.push(child)
    child.forEachChild(visit)
  }
  visit(node)
  return found
}

const statementOf = (node: ts.Node): ts.Statement | undefined => {
  let top = node
  while (top.parent !== undefined && !ts.isSourceFile(top.parent)) top = top.parent
  return ts.isSourceFile(top) ? undefined : (top as ts.Statement)
}

/** The modules that a barrel exports as a whole. Callers can import what is in them. */
const exportedModules = (source: ts.SourceFile): ReadonlyArray<string> =>
  source.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined &&
      (statement.exportClause === undefined || ts.isNamespaceExport(statement.exportClause)) &&
      ts.isStringLiteral(statement.moduleSpecifier)
      ? [declarationFile(statement.moduleSpecifier.text, source.fileName)]
      : []
  )

const publicFiles = (program: ts.Program, entries: ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set(entries)
  for (const file of found) {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Error(`${file} is missing: run npm run build`)
    for (const exported of exportedModules(source)) found.add(exported)
  }
  return found
}

/** The declarations of public modules, and the declarations of other modules that they mention. */
const reached = (program: ts.Program, files: ReadonlySet<string>): ReadonlySet<ts.Statement> => {
  const checker = program.getTypeChecker()
  const kept = new Set<ts.Statement>()
  const keep = (statement: ts.Statement | undefined): void => {
    if (statement !== undefined && isDeclaration(statement)) kept.add(statement)
  }
  for (const file of files) program.getSourceFile(file)?.statements.forEach(keep)
  for (const statement of kept) {
    for (const identifier of identifiersOf(statement)) {
      const symbol = checker.getSymbolAtLocation(identifier)
      if (symbol === undefined) continue
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      target.declarations?.forEach((declaration) => keep(statementOf(declaration)))
    }
  }
  return kept
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed })

/** The imports that the declarations use. */
const importsOf = (source: ts.SourceFile, used: ReadonlySet<string>): ReadonlyArray<string> =>
  source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return []
    const { importClause, moduleSpecifier } = statement
    const from = ` from ${moduleSpecifier.getText()}`
    const bindings = importClause?.namedBindings
    if (bindings === undefined) {
      return importClause?.name === undefined
        ? []
        : [`import ${importClause.name.text}${from}`]
    }
    if (ts.isNamespaceImport(bindings)) {
      return used.has(bindings.name.text) ? [`import * as ${bindings.name.text}${from}`] : []
    }
    const names = bindings.elements.filter(({ name }) => used.has(name.text))
      .map((element) => element.getText().replace(/^type /, ""))
    return names.length === 0 ? [] : [`import { ${names.sort().join(", ")} }${from}`]
  }).sort()

const reportOf = (
  source: ts.SourceFile,
  title: string,
  statements: ReadonlyArray<ts.Statement>
): string => {
  const used = new Set(statements.flatMap(identifiersOf).map(({ text }) => text))
  const imports = importsOf(source, used)
  // The sort is stable, so overloads stay in their order.
  const declarations = statements
    .map((statement) => ({
      name: namesOf(statement).join(),
      text: printer.printNode(ts.EmitHint.Unspecified, statement, source)
    }))
    .sort((one, other) => one.name < other.name ? -1 : one.name > other.name ? 1 : 0)
    .map(({ text }) => text)
  const code = [...(imports.length === 0 ? [] : [imports.join("\n")]), ...declarations].join("\n\n")
  return `# ${title}\n\n\`\`\`ts\n${code}\n\`\`\`\n`
}

/**
 * The reports, by the path of the module. `entries` are declaration files by the specifier that imports them, and paths
 * are relative to the folder of the build.
 */
export const reportsOf = (entries: ReadonlyMap<string, string>, read: Read): ReadonlyMap<string, string> => {
  const program = programOf([...entries.values()], read)
  const files = publicFiles(program, [...entries.values()])
  const kept = reached(program, files)
  const titles = new Map([...entries].map(([specifier, file]) => [file, specifier]))
  return new Map(
    program.getSourceFiles()
      .map((source) => [source, source.statements.filter((statement) => kept.has(statement))] as const)
      .filter(([, statements]) => statements.length > 0)
      .map(([source, statements]) => {
        const name = source.fileName.replace(/\.d\.ts$/, "")
        const title = titles.get(source.fileName) ??
          (files.has(source.fileName) ? `${name}, exported by a barrel` : `${name}, which cannot be imported`)
        return [name, reportOf(source, title, statements)] as const
      })
  )
}

/** The names that a declaration file or the code of a report exports. */
export const exportedNames = (code: string): ReadonlyArray<string> =>
  [
    ...new Set(
      ts.createSourceFile("module.d.ts", code, ts.ScriptTarget.ES2022, true).statements
        .filter((statement) => isDeclaration(statement) && isExported(statement))
        .flatMap(namesOf)
    )
  ].sort()
