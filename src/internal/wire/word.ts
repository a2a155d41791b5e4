/**
 * Words of others that may be shown: what stands in the place of a name may be a secret that was pasted there.
 */

const word = /^[a-z]+(?:[_-][a-z]+)*\d{0,3}$/i

const longest = 40

// Letters that were drawn by lot hold about one vowel in five.
const suspicious = 16

/** Whether a text looks like a name that a person would give: letters, and at most a number at its end. @internal */
export const isWord = (text: string): boolean =>
  text.length <= longest && word.test(text) &&
  (text.length < suspicious || (text.match(/[aeiouy]/gi)?.length ?? 0) * 4 >= text.length)
