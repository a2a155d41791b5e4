/**
 * Texts that only the holders of a key can read or change: AES-256-GCM by WebCrypto.
 */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { lengthPrefixed } from "../wire/encode.ts"
import { decodeJson } from "../wire/json.ts"

/** @internal */
export interface Key {
  readonly id: string
  readonly bytes: Redacted.Redacted<Uint8Array<ArrayBuffer>>
}

/** Both return None instead of failing, since what fails here may quote a key or a text. @internal */
export interface Seal {
  readonly close: (text: string) => Effect.Effect<Option.Option<string>>
  readonly open: (sealed: string) => Effect.Effect<Option.Option<string>>
}

const version = 1
const keyLength = 32
// The length for which AES-GCM is defined without hashing the nonce.
const nonceLength = 12

const base64 = Schema.decodeUnknownOption(Schema.Uint8ArrayFromBase64)

/** The key, from its bytes or their Base64. None if it does not have 32 bytes, or is no `Redacted`. @internal */
export const readKey = (key: unknown): Option.Option<Redacted.Redacted<Uint8Array<ArrayBuffer>>> => {
  const given = Redacted.isRedacted(key) ? Redacted.value(key) : undefined
  const bytes = typeof given === "string" ? base64(given.trim()) : Option.some(given)
  return bytes.pipe(
    Option.filter((bytes) => bytes instanceof Uint8Array),
    Option.filter(({ length }) => length === keyLength),
    Option.map((bytes) => Redacted.make(new Uint8Array(bytes)))
  )
}

const Sealed = Schema.Struct({
  version: Schema.Literal(version),
  key: Schema.String,
  nonce: Schema.Uint8ArrayFromBase64,
  sealed: Schema.Uint8ArrayFromBase64
})

const decode = decodeJson(Sealed)
const encode = Schema.encodeSync(Sealed)

/** The first key seals, and all of them open. What was sealed for another `context` does not open. @internal */
export const make = (keys: Arr.NonEmptyReadonlyArray<Key>, context: ReadonlyArray<string>): Seal => {
  const dataOf = (key: Key): Uint8Array<ArrayBuffer> => bytesOf(lengthPrefixed([String(version), key.id, ...context]))
  return {
    close: (text) =>
      Effect.suspend(() => {
        const key = keys[0]
        const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
        return Effect.map(encrypt(key.bytes, { nonce, data: dataOf(key) }, bytesOf(text)), (sealed) =>
          JSON.stringify(encode({ version, key: key.id, nonce, sealed })))
      }).pipe(Effect.option),
    open: (text) =>
      Effect.suspend(() => {
        const envelope = decode("", text)
        if (envelope._tag === "Left") return Effect.succeedNone
        const { key: id, nonce, sealed } = envelope.right
        const key = keys.find((key) => key.id === id)
        if (key === undefined || nonce.length !== nonceLength) return Effect.succeedNone
        return Effect.option(
          Effect.map(
            decrypt(key.bytes, { nonce: new Uint8Array(nonce), data: dataOf(key) }, new Uint8Array(sealed)),
            (bytes) => new TextDecoder().decode(bytes)
          )
        )
      })
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

interface Parameters {
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly data: Uint8Array<ArrayBuffer>
}

type Cipher = (
  bytes: Redacted.Redacted<Uint8Array<ArrayBuffer>>,
  parameters: Parameters,
  text: Uint8Array<ArrayBuffer>
) => Effect.Effect<Uint8Array, unknown>

const cipher = (use: "encrypt" | "decrypt"): Cipher => (bytes, { data, nonce }, text) =>
  Effect.tryPromise(async () => {
    const { subtle } = globalThis.crypto
    const key = await subtle.importKey("raw", Redacted.value(bytes), "AES-GCM", false, [use])
    return new Uint8Array(await subtle[use]({ name: "AES-GCM", iv: nonce, additionalData: data }, key, text))
  })

/** The text and the tag behind it. @internal */
export const encrypt: Cipher = cipher("encrypt")

/** Fails if the text, the tag or the data was changed. @internal */
export const decrypt: Cipher = cipher("decrypt")
