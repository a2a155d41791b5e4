import { Predicate, type Scope } from "effect"

/** How many finalizers an open scope holds. */
export const finalizersOf = (scope: Scope.Scope): number =>
  Predicate.hasProperty(scope, "state") && Predicate.hasProperty(scope.state, "finalizers") &&
    scope.state.finalizers instanceof Map
    ? scope.state.finalizers.size
    : NaN
