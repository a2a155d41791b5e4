/**
 * Names in messages. Names of profiles, modes and types are not secret, but a file may have a secret in their place.
 */
import { configureCommand } from "../login/configureCommand.ts"
import { isWord } from "../wire/word.ts"

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

/** The command with which a person configures a profile. @internal */
export const configure = (profile?: string, file?: string): string =>
  configureCommand({ profile: isShowable(profile ?? "") ? profile : undefined, file })

const listedAtMost = 10

/** The names that exist, for the message about one that does not. @internal */
export const listed = (names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "found: none"
  const more = names.length > listedAtMost ? `, and ${names.length - listedAtMost} more` : ""
  return `found: ${names.slice(0, listedAtMost).map(quoted).join(", ")}${more}`
}
