/** Schemas that are written in another way in Effect 4. */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** Text that is decoded and encoded by functions. What decodes to nothing is not valid. @internal */
export const parsed = <A, I>(
  to: Schema.Schema<A, I>,
  decode: (text: string) => I | undefined,
  encode: (value: I) => string
): Schema.Schema<A, string> =>
  Schema.transformOrFail(Schema.String, to, {
    strict: true,
    decode: (text, _, ast) => {
      const value = decode(text)
      return value === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(value)
    },
    encode: (value) => ParseResult.succeed(encode(value))
  })

/** A schema whose input is what a function makes of a record. @internal */
export const mapped = <A, I>(
  to: Schema.Schema<A, I>,
  change: (fields: { readonly [key: string]: unknown }) => { readonly [key: string]: unknown }
): Schema.Schema<A, { readonly [key: string]: unknown }> => {
  const fields = Schema.Record({ key: Schema.String, value: Schema.Unknown })
  const changed = Schema.transform(fields, Schema.typeSchema(fields), {
    strict: true,
    decode: change,
    encode: (fields) => fields
  })
  return Schema.compose(changed, to, { strict: false })
}

/** A text that may be absent or null, and is then empty. @internal */
export const textOrEmpty = Schema.optionalWith(Schema.String, { default: () => "", nullable: true })
