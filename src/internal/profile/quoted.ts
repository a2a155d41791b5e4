/**
 * Names in messages. Names of profiles, modes and types are not secret, but a file may have a secret in their place.
 */
import { configureCommand } from "../login/configureCommand.ts"
import { isWord } from "../wire/word.ts"
import { nearest } from "./unknownKeys.ts"

/** @internal */
export const isShowable = (name: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}$/u.test(name)

const hidden = "with a name that cannot be shown"

/** A mode or a type. A text that is no known word may be a key that was pasted in its place. @internal */
export const quotedWord = (word: string): string => isWord(word) ? JSON.stringify(word) : "text that cannot be shown"

/** @internal */
export const quoted = (name: string): string => isShowable(name) ? JSON.stringify(name) : hidden

/** `"a" or "b"`, if these are names that can be offered to choose from. @internal */
export const oneOf = (names: ReadonlyArray<string>): string | undefined =>
  names.length === 0 || names.length > offeredAtMost || !names.every(isShowable)
    ? undefined
    : names.map(quoted).join(" or ")

const offeredAtMost = 4

/** The same for the names that may be chosen in place of `wanted`, of which many are cut down to those like it. @internal */
export const choiceFor = (wanted: string, names: ReadonlyArray<string>): string | undefined =>
  oneOf(likeFirst(wanted, names)) ?? oneOf(names.filter((name) => isLike(wanted, name)))

const likeFirst = (wanted: string, names: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...names.filter((name) => isLike(wanted, name)),
  ...names.filter((name) => !isLike(wanted, name))
]

// Two names of one or two letters nearly always differ by no more than a typo.
const typosCountFrom = 3

/** Whether one is the beginning of the other, or they differ by typos only. */
const isLike = (wanted: string, name: string): boolean => {
  const [one, other] = [wanted.toLowerCase(), name.toLowerCase()]
  const shortest = Math.min(one.length, other.length)
  return shortest > 0 && (other.startsWith(one) || one.startsWith(other) ||
    (shortest >= typosCountFrom && nearest(one, [other]) !== undefined))
}

/** The command with which a person configures a profile. @internal */
export const configure = (profile?: string, file?: string): string =>
  configureCommand({ profile: isShowable(profile ?? "") ? profile : undefined, file })

const listedAtMost = 10

/** The names that exist, for the message about one that does not: those like it come first. @internal */
export const listed = (wanted: string, names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "found: none"
  const more = names.length > listedAtMost ? `, and ${names.length - listedAtMost} more` : ""
  return `found: ${likeFirst(wanted, names).slice(0, listedAtMost).map(quoted).join(", ")}${more}`
}
