/**
 * The ways in which a server may write what it was sent.
 */

export const escaped = (text: string, write: (code: number) => string) =>
  Array.from(text).map((char) => write(char.charCodeAt(0))).join("")

export const echoes: Readonly<Record<string, (text: string) => string>> = {
  "unchanged": (text) => text,
  "in capitals": (text) => text.toUpperCase(),
  "with JSON escapes": (text) => escaped(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
  "with HTML entities": (text) => escaped(text, (code) => `&#${code};`),
  "with hexadecimal entities": (text) => escaped(text, (code) => `&#x${code.toString(16)};`),
  "in full-width letters": (text) => text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  "with blanks between the letters": (text) => Array.from(text).join(" "),
  "with invisible blanks between the letters": (text) => Array.from(text).join("\u200b"),
  "in short lines": (text) => text.replace(/.{9}/g, "$&\n"),
  "with slashes of JSON": (text) => text.replaceAll("/", "\\/"),
  "by half": (text) => text.slice(0, 14),
  "with dots between the letters": (text) => Array.from(text).join("."),
  "with commas between the letters": (text) => Array.from(text).join(", "),
  "with escapes of JavaScript": (text) => escaped(text, (code) => `\\x${code.toString(16)}`),
  "with escapes of code points": (text) => escaped(text, (code) => `\\u{${code.toString(16)}}`),
  "with escapes of a shell": (text) => escaped(text, (code) => `\\${code.toString(8).padStart(3, "0")}`),
  "with entities that do not end": (text) => escaped(text, (code) => `&#${code}`),
  "with entities of percent signs": (text) => escaped(text, (code) => `&#37;${code.toString(16)}`),
  "in hexadecimal": (text) => escaped(text, (code) => code.toString(16)),
  "in spaced hexadecimal": (text) => escaped(text, (code) => `${code.toString(16)} `),
  "in hexadecimal numbers": (text) => escaped(text, (code) => `0x${code.toString(16)}, `),
  "in decimal": (text) => escaped(text, (code) => `${code} `),
  "in octal": (text) => escaped(text, (code) => `${code.toString(8)} `),
  "as a list of letters": (text) => JSON.stringify(Array.from(text)),
  "as a list of codes": (text) => JSON.stringify(Array.from(text).map((char) => char.charCodeAt(0))),
  "in Base64 in short lines": (text) => btoa(text).replace(/.{8}/g, "$&\r\n"),
  "in Base64 of URLs, behind a letter": (text) => btoa(`x${text}`).replaceAll("+", "-").replaceAll("/", "_"),
  "in Base64, behind two letters": (text) => btoa(`xy${text}z`),
  "in lines that are escaped": (text) => text.replace(/.{5}/g, "$&\\n"),
  "with tags between the letters": (text) => Array.from(text).join("<br>"),
  "with entities between the letters": (text) => Array.from(text).join("&shy;"),
  "as the JSON of its bytes": (text) => JSON.stringify(new TextEncoder().encode(text)),
  "in the notation of Unicode": (text) => escaped(text, (code) => `U+${code.toString(16).padStart(4, "0")} `),
  "in hexadecimal of assemblers": (text) => escaped(text, (code) => `${code.toString(16)}h `),
  "with JSON escapes of every other letter": (text) =>
    text.replace(/(.)(.)/g, (_, one: string, two: string) => `\\u00${one.charCodeAt(0).toString(16)}${two}`),
  "with JSON escapes in capitals": (text) => escaped(text, (code) => `\\U00${code.toString(16)}`),
  "with escapes of JavaScript in capitals": (text) => escaped(text, (code) => `\\X${code.toString(16)}`),
  "with hexadecimal entities in capitals": (text) => escaped(text, (code) => `&#X${code.toString(16)};`),
  "with entities in capitals between the letters": (text) => Array.from(text).join("&SHY;"),
  "with accents": (text) => Array.from(text).join("\u0301"),
  "reversed": (text) => Array.from(text).reverse().join(""),
  "reversed, in Base64": (text) => Array.from(btoa(text)).reverse().join(""),
  "by its first letters": (text) => text.slice(0, 11),
  "by its last letters": (text) => text.slice(-11)
}
