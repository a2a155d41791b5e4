/**
 * JSON from servers, programs and files: parsed without exceptions, and decoded with errors that quote no value.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CredentialsMalformed } from "../../CredentialError.ts"
import { describeIssues, ownWords } from "./issues.ts"
import { backslash, isClosing, isOpening, quote } from "./jsonChars.ts"

/** @internal */
export const parseJson = (text: string): Option.Option<unknown> =>
  isDeep(text) ? Option.none() : Option.liftThrowable(JSON.parse as (text: string) => unknown)(text)

// Decoding recurses into the value, and a megabyte of brackets would overflow the stack.
const deepest = 200

// One pass over the characters: an expression that matches whole texts keeps its state on the stack.
const isDeep = (text: string): boolean => {
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (isQuoted) {
      if (char === backslash) at += 1
      else if (char === quote) isQuoted = false
    } else if (char === quote) isQuoted = true
    else if (isOpening(char)) depth += 1
    else if (isClosing(char)) depth -= 1
    if (depth > deepest) return true
  }
  return false
}

/** What {@link decodeJson} says of a body, before more is known of the answer. @internal */
export const bodyIsNotJson = "the body is not JSON"

/**
 * Decodes a JSON text, or names the fields that are wrong and why. The errors of Schema quote what they reject, so only
 * paths and kinds are kept. `whole` names the text in the error.
 *
 * @internal
 */
export const decodeJson = <A, I>(
  schema: Schema.Schema<A, I>,
  whole = "the body"
): (provider: string, text: string) => Either.Either<A, CredentialsMalformed> => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  const malformed = (provider: string, issues: ReadonlyArray<string>) =>
    Either.left(new CredentialsMalformed({ provider, issues }))
  return (provider, text) =>
    Option.match(parseJson(text), {
      onNone: () => malformed(provider, [`${whole} is not JSON`]),
      onSome: (json) =>
        Either.orElse(decode(json), (error) => malformed(provider, describeIssues(error, { whole, words: ownWords })))
    })
}
