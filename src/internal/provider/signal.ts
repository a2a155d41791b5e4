/**
 * Tells listeners that there may be other credentials than before.
 */

/** @internal */
export interface Signal {
  readonly emit: () => void
  /** Returns what stops the listening. */
  readonly listen: (listener: () => void) => () => void
}

/** @internal */
export const make = (): Signal => {
  const listeners = new Set<() => void>()
  return {
    emit: () => listeners.forEach((listener) => listener()),
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}

/** @internal */
export const never: Signal = { emit: () => {}, listen: () => () => {} }
