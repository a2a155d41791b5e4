import { JSONSchema, Schema } from "effect"
import { Case, SigningCase } from "./case.ts"

/** Any value has the same id wherever it occurs, and some validators refuse an id that occurs twice. */
const withoutIds = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "$id" in value ? {} : value

const textOf = (schema: Schema.Schema.Any): string =>
  `${JSON.stringify(JSONSchema.make(Schema.encodedSchema(schema as Schema.Schema<unknown>)), withoutIds, 2)}\n`

/** By the names of their files. */
export const schemas = { "case.schema.json": textOf(Case), "signing.schema.json": textOf(SigningCase) }
