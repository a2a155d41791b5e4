/** What a rule of the codemod is, and what it may ask about the code. */
import type ts from "typescript"

/** A member of one of Effect's modules, as the type checker resolves it. */
export interface Member {
  /** The module in Effect 3, like `effect/Effect`. */
  readonly module: string
  readonly name: string
}

export interface Code {
  readonly checker: ts.TypeChecker
  /** The text of a node in Effect 4. */
  readonly render: (node: ts.Node) => string
  /** The member of a module of Effect 3 that an expression or a name of a type is. */
  readonly memberOf: (node: ts.Node) => Member | undefined
  /** The types of Effect 3 that a value may have, like `effect/Either#Left`: all members of a union. */
  readonly typesOf: (node: ts.Node) => ReadonlyArray<string>
  readonly typeNames: (type: ts.Type) => ReadonlyArray<string>
  /** Whether the file is one of the library, and not of its tests or of those who use it. */
  readonly isLibrary: boolean
  /** The local name of a module of Effect 4, which gets imported. */
  readonly use: (module: string) => string
  /** A helper of `v4/`, which gets imported. */
  readonly helper: (path: string, name: string) => string
  /** Stops the codemod with the place of the node. */
  readonly fail: (node: ts.Node, why: string) => never
}

export interface Example {
  readonly before: string
  readonly after: string
}

/** Rewrites a piece of syntax. Returns nothing where it does not apply. */
export interface Rule {
  readonly name: string
  readonly why: string
  readonly example: Example
  readonly apply: (node: ts.Node, code: Code) => string | undefined
}
