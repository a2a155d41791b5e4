/**
 * Texts that are nearly right: valid ones of a grammar, cut, doubled, exchanged, and with pieces that parsers stumble
 * over.
 */
import { FastCheck } from "effect"

/** Pieces that have a meaning in one of the grammars, or that programs forget. */
const pieces: ReadonlyArray<string> = [
  ...Array.from("{}[]\"':,;=#\\/%&<>+-.?@$`~| \t\n\r\0"),
  "\r\n",
  "\u001b[31m",
  "\u007f",
  "\u0085",
  "\u00a0",
  "\u00e9",
  "\u0301",
  "\u0323\u0301",
  "\u200b",
  "\u2028",
  "\u202e",
  "\ufdfa",
  "\ufeff",
  "\ufffd",
  "\ud800",
  "\udc00",
  "\ud83d\ude00",
  "__proto__",
  "\"__proto__\":{\"mode\":\"AK\"},",
  "constructor",
  "toString",
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "0.5",
  "1e400",
  "8640000000001",
  "9".repeat(400),
  "9007199254740993",
  "\\u0000",
  "\\ud800",
  "%00",
  "%zz",
  "&#0;",
  "&#x110000;",
  "<Code>",
  "</Code>",
  "<!doctype html>",
  "9999-12-31T23:59:59Z",
  "+275760-09-13T00:00:00Z",
  "Fri, 31 Dec 9999 23:59:59 GMT",
  "[".repeat(250),
  "{\"a\":".repeat(250),
  "\"".repeat(99),
  "\\".repeat(99),
  " ".repeat(999),
  "=".repeat(999),
  "a".repeat(5000)
]

export const piece = FastCheck.constantFrom(...pieces)

/** A place in a text, whatever its length is. */
const place = FastCheck.nat(10_000)

const at = (text: string, place: number): number => Math.round(text.length * place / 10_000)

type Damage = (text: string) => string

const spliced = (text: string, start: number, end: number, piece: string) =>
  text.slice(0, start) + piece + text.slice(Math.max(start, end))

const damage: FastCheck.Arbitrary<Damage> = FastCheck.oneof(
  FastCheck.tuple(place, piece).map(([where, piece]): Damage => (text) =>
    spliced(text, at(text, where), at(text, where), piece)
  ),
  FastCheck.tuple(place, FastCheck.nat(30), piece).map(([where, length, piece]): Damage => (text) =>
    spliced(text, at(text, where), at(text, where) + length, piece)
  ),
  FastCheck.tuple(place, FastCheck.nat(30)).map(([where, length]): Damage => (text) =>
    spliced(text, at(text, where), at(text, where) + length, "")
  ),
  FastCheck.tuple(place, place).map(([from, to]): Damage => (text) =>
    spliced(text, at(text, to), at(text, to), text.slice(at(text, from), at(text, from) + 200))
  ),
  FastCheck.tuple(place, place, FastCheck.nat(40)).map(([one, other, length]): Damage => (text) => {
    const first = at(text, Math.min(one, other))
    const second = Math.max(at(text, Math.max(one, other)), first + length)
    return text.slice(0, first) + text.slice(second, second + length) + text.slice(first + length, second) +
      text.slice(first, first + length) + text.slice(second + length)
  }),
  place.map((where): Damage => (text) => text.slice(0, at(text, where))),
  place.map((where): Damage => (text) => text.slice(at(text, where))),
  FastCheck.constantFrom<Damage>(
    (text) => `\ufeff${text}`,
    (text) => text.replaceAll("\n", "\r\n"),
    (text) => text.replaceAll("\n", "\r"),
    (text) => text + text,
    (text) => text.toUpperCase(),
    (text) => text.replaceAll("\"", "'")
  )
)

/** A text as it is, or with some damage. */
export const damaged = (texts: FastCheck.Arbitrary<string>): FastCheck.Arbitrary<string> =>
  FastCheck.tuple(texts, FastCheck.array(damage, { maxLength: 4 })).map(([text, damages]) =>
    damages.reduce((text, damage) => damage(text), text)
  )

/** Any text that is made of such pieces. */
export const anyText = FastCheck.array(FastCheck.oneof(piece, FastCheck.string({ maxLength: 9 })), { maxLength: 20 })
  .map((pieces) => pieces.join(""))

/** A text whose pieces are words of a grammar, or what disturbs one. */
export const wordsOf = (...words: ReadonlyArray<string>): FastCheck.Arbitrary<string> =>
  FastCheck.array(FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constantFrom(...words) }, piece), {
    maxLength: 30
  }).map((pieces) => pieces.join(""))
