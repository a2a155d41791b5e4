/**
 * The implementations of the hashes, for tests that have to hold with each of them.
 */
import { type Hashing, native, portable } from "../../src/internal/wire/hash.ts"

const found = native(globalThis)
if (found === undefined) throw new Error("the tests run on Node.js, which has node:crypto")

export const nodeCrypto: Hashing = found

export const hashings = [["by node:crypto", nodeCrypto], ["in plain JavaScript", portable]] as const
