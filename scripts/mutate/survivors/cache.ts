import type { Survivors } from "./index.ts"

/** @internal */
export const cache: Survivors = {}
