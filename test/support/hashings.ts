/**
 * The implementations of the hashes, for tests that have to hold with each of them.
 */
import { type Hashing, hashingOf, portable } from "../../src/internal/wire/hash.ts"

export const nodeCrypto: Hashing = hashingOf(globalThis)

export const hashings = [["by node:crypto", nodeCrypto], ["in plain JavaScript", portable]] as const
