import type { Survivors } from "./index.ts"

/** @internal */
export const chain: Survivors = {}
