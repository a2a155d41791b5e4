import type { Scope } from "effect"

/** How many finalizers an open scope holds: a single one is not in a map. */
export const finalizersOf = ({ state }: Scope.Scope): number => {
  switch (state._tag) {
    case "Empty":
      return 0
    case "Open":
      return state.finalizers?.size ?? (state.finalizer === undefined ? 0 : 1)
    case "Closed":
      return NaN
  }
}
