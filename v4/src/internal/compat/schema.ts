/** Schemas that are written in another way in Effect 4. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** Text that is decoded and encoded by functions. What decodes to nothing is not valid. @internal */
export const parsed = <A, I>(
  to: Schema.Codec<A, I>,
  decode: (text: string) => I | undefined,
  encode: (value: I) => string
): Schema.Codec<A, string> =>
  Schema.String.pipe(Schema.decodeTo(to, {
    decode: SchemaGetter.transformEffect((text: string) => {
      const value = decode(text)
      return value === undefined
        ? Effect.fail(new SchemaIssue.InvalidValue(undefined, text, { reportInput: true }))
        : Effect.succeed(value)
    }) as SchemaGetter.Getter<I, string>,
    encode: SchemaGetter.transform(encode)
  }))

/** A schema whose input is what a function makes of a record. @internal */
export const mapped = <A, I>(
  to: Schema.Codec<A, I>,
  change: (fields: { readonly [key: string]: unknown }) => { readonly [key: string]: unknown }
): Schema.Codec<A, { readonly [key: string]: unknown }> => {
  const fields = Schema.Record(Schema.String, Schema.Unknown)
  return fields.pipe(Schema.decodeTo(
    to,
    SchemaTransformation.transform({
      decode: (value: { readonly [key: string]: unknown }) => change(value) as I,
      encode: (value: I) => value as { readonly [key: string]: unknown }
    })
  ))
}

/** A text that may be absent or null, and is then empty. @internal */
export const textOrEmpty = Schema.optionalKey(Schema.NullOr(Schema.String)).pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transformOptional((text: Option.Option<string | null>) =>
      Option.some(Option.getOrUndefined(text) ?? "")
    ),
    encode: SchemaGetter.transformOptional((text: Option.Option<string>): Option.Option<string | null> => text)
  })
)
