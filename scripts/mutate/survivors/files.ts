import type { Survivors } from "./index.ts"

/** @internal */
export const files: Survivors = {}
