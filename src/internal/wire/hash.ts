/**
 * SHA-256 and the HMACs of the signatures: by node:crypto where the runtime has it, several times as fast, and in plain
 * JavaScript elsewhere.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha1 } from "@noble/hashes/legacy.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

/** @internal */
export interface Hashing {
  /** In lower-case hexadecimal, of bytes or of the UTF-8 of a text. */
  readonly sha256: (data: Uint8Array | string) => string
  /** In lower-case hexadecimal. */
  readonly hmacSha256: (key: string, text: string) => string
  /** In Base64. */
  readonly hmacSha1: (key: string, text: string) => string
  /** For longer data WebCrypto is better: it is faster, or the event loop would stand still. */
  readonly longest: number
}

/** @internal */
export const portable: Hashing = {
  sha256: (data) => bytesToHex(sha256(typeof data === "string" ? utf8ToBytes(data) : data)),
  hmacSha256: (key, text) => bytesToHex(hmac(sha256, utf8ToBytes(key), utf8ToBytes(text))),
  hmacSha1: (key, text) => Encoding.encodeBase64(hmac(sha1, utf8ToBytes(key), utf8ToBytes(text))),
  longest: 10 * 1024
}

interface Digest {
  update(data: Uint8Array | string): { digest(encoding: "hex" | "base64"): string }
}

interface NodeCrypto {
  createHash(algorithm: string): Digest
  createHmac(algorithm: string, key: string): Digest
}

/**
 * The node:crypto of a runtime, without an import that bundlers and other runtimes would have to resolve. Plain
 * JavaScript without one, or with one that refuses an algorithm.
 *
 * @internal
 */
export const hashingOf = (runtime: unknown): Hashing => {
  try {
    const { process } = runtime as { readonly process: { getBuiltinModule(id: string): NodeCrypto } }
    const crypto = process.getBuiltinModule("node:crypto")
    const hashing: Hashing = {
      sha256: (data) => crypto.createHash("sha256").update(data).digest("hex"),
      hmacSha256: (key, text) => crypto.createHmac("sha256", key).update(text).digest("hex"),
      hmacSha1: (key, text) => crypto.createHmac("sha1", key).update(text).digest("base64"),
      longest: 1024 * 1024
    }
    return works(hashing) ? hashing : portable
  } catch {
    return portable
  }
}

const works = ({ hmacSha1, hmacSha256, sha256 }: Hashing): boolean =>
  sha256("").length === 64 && hmacSha256("", "").length === 64 && hmacSha1("", "").length === 28

let chosen: Hashing | undefined = undefined

/** Chosen at the first use, since a program that only imports this module should not pay for it. @internal */
export const hashing = (): Hashing => chosen ??= hashingOf(globalThis)

/** The SHA-256 of bytes of any length, in lower-case hexadecimal. @internal */
export const digest = (
  bytes: Uint8Array,
  by: Hashing = hashing(),
  subtle: Pick<SubtleCrypto, "digest"> = globalThis.crypto?.subtle
): Effect.Effect<string> => {
  const here = Effect.sync(() => by.sha256(bytes))
  if (bytes.byteLength <= by.longest) return here
  return Effect.tryPromise(() => subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).pipe(
    Effect.map((hash) => bytesToHex(new Uint8Array(hash))),
    // It takes no shared memory, some pages may not use it, and some runtimes have none.
    Effect.orElse(() => here)
  )
}
