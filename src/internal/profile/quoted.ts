/**
 * Names as they may be shown. Those of profiles, modes and types are no secrets, but what stands in their place may be.
 */
import { isWord } from "../wire/word.ts"

/** @internal */
export const isShowable = (name: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}$/u.test(name)

const hidden = "with a name that cannot be shown"

/** A mode or a type, of which there are few: where it is none, a key may have been pasted in its place. @internal */
export const quotedWord = (word: string): string => isWord(word) ? JSON.stringify(word) : hidden

/** @internal */
export const quoted = (name: string): string => isShowable(name) ? JSON.stringify(name) : hidden

const listedAtMost = 10

/** What there is in place of a name that is not there. @internal */
export const listed = (names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "there are none"
  const more = names.length > listedAtMost ? `, and ${names.length - listedAtMost} more` : ""
  return `there ${names.length === 1 ? "is" : "are"} ${names.slice(0, listedAtMost).map(quoted).join(", ")}${more}`
}
