import { JSONSchema, Schema } from "effect"
import { Case, SigningCase } from "./case.ts"

const textOf = (schema: Schema.Schema.Any): string =>
  `${JSON.stringify(JSONSchema.make(Schema.encodedSchema(schema as Schema.Schema<unknown>)), null, 2)}\n`

/** By the names of their files. */
export const schemas = { "case.schema.json": textOf(Case), "signing.schema.json": textOf(SigningCase) }
