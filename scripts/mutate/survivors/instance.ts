import type { Survivors } from "./index.ts"

/** @internal */
export const instance: Survivors = {}
