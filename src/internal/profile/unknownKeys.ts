/**
 * Keys of a file that no tool knows, and the known key that was probably meant.
 */
import { isWord } from "../wire/word.ts"

/**
 * How many characters have to be inserted, removed, replaced or swapped with their neighbor to make one word of the
 * other.
 *
 * @internal
 */
export const distance = (one: string, other: string): number => {
  let beforeLast: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity
      ))
    }
    beforeLast = last
    last = current
  }
  return at(last, other.length)
}

const at = (row: ReadonlyArray<number>, column: number): number => row[column] ?? Infinity

// With two typos, a word of four letters is another word.
const mostTypos = (word: string): number => word.length < 6 ? 1 : 2

/** The known key that differs from an unknown one by typos only. @internal */
export const nearest = (key: string, known: Iterable<string>): string | undefined => {
  let found: { readonly candidate: string; readonly typos: number } | undefined = undefined
  for (const candidate of known) {
    const limit = mostTypos(candidate)
    if (Math.abs(candidate.length - key.length) > limit) continue
    const typos = distance(key, candidate)
    if (typos <= limit && (found === undefined || typos < found.typos)) found = { candidate, typos }
  }
  return found?.candidate
}

/** A secret can stand in the place of a key. @internal */
export const shownKey = (key: string): string => isWord(key) ? key : "a name that cannot be shown"

const question = (suggestion: string): string => `(did you mean ${suggestion}?)`

/** The unknown keys of a list, each with the known key that was probably meant. @internal */
export const listed = (keys: ReadonlyArray<string>, known: Iterable<string>): string => {
  const candidates = [...known]
  return keys.map((key) => {
    const suggestion = nearest(key, candidates)
    return suggestion === undefined ? shownKey(key) : `${shownKey(key)} ${question(suggestion)}`
  }).join(", ")
}

/** What to add to an error about missing keys: those that look like a known one. @internal */
export const suspects = (keys: ReadonlyArray<string>, known: Iterable<string>): ReadonlyArray<string> =>
  typosOf(keys, known).map(({ key, meant }) => `${shownKey(key)} is unknown ${question(meant)}`)

/** An unknown key, and the known one that was probably meant. @internal */
export interface Typo {
  readonly key: string
  readonly meant: string
}

/** The unknown keys that look like a known one. @internal */
export const typosOf = (keys: ReadonlyArray<string>, known: Iterable<string>): ReadonlyArray<Typo> => {
  const candidates = [...known]
  return keys.flatMap((key) => {
    const meant = nearest(key, candidates)
    return meant === undefined ? [] : [{ key, meant }]
  })
}

/** What to say about typos if some keys are missing, and how to fix those that stand in the place of one. @internal */
export const explain = (
  typos: ReadonlyArray<Typo>,
  missing: ReadonlyArray<string>
): { readonly issues: ReadonlyArray<string>; readonly hint: string | undefined } => {
  const isFixed = ({ key, meant }: Typo) => isWord(key) && missing.includes(meant)
  const fixed = typos.filter(isFixed).map(({ key, meant }) => `${key} to ${meant}`)
  return {
    issues: typos.map((typo) => `${shownKey(typo.key)} is unknown${isFixed(typo) ? "" : ` ${question(typo.meant)}`}`),
    hint: fixed.length === 0 ? undefined : `Rename ${fixed.join(", and ")}`
  }
}
