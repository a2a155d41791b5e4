/**
 * Values as people paste them and as tools wrap them: with the line break of a file, the blanks of a form, the quotes of
 * an env file. Signing with such a value fails at the server, which does not say why.
 */

/** A value without the blanks and line breaks around it, which no value begins or ends with. @internal */
export const trimmed = (text: string): string => text.trim()

const inQuotes = "has quotes around it"
const broken = "holds a line break or another control character"

/** All that {@link pasteIssue} can say. @internal */
export const pasteIssues: ReadonlyArray<string> = [inQuotes, broken]

/** What {@link pasteIssue} says, of several values. @internal */
export const pasteIssueOfSeveral = (issue: string): string =>
  issue === inQuotes ? "have quotes around them" : "hold a line break or another control character"

/** How to fix what {@link pasteIssue} says; `why` is where quotes come from. @internal */
export const pasteHint = (issue: string, why = ""): string =>
  issue === inQuotes ? `Remove the quotes${why}` : "Copy the value again, as one line"

/** Why a value cannot be meant as it is. @internal */
export const pasteIssue = (text: string): string | undefined =>
  /^["'“‘].*["'”’]$/s.test(text) ? inQuotes : /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) ? broken : undefined
