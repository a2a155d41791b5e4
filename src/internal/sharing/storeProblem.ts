/**
 * Why a store of sessions failed, before it becomes an error with a type.
 */

/** @internal */
export interface StoreProblem {
  /** Without a value that could be a secret. */
  readonly reason: string
  readonly hint?: string | undefined
}
