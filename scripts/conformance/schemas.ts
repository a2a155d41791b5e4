/** Writes the JSON schemas of `conformance/`, from the schemas of the runner: `tsx scripts/conformance/schemas.ts`. */
import { writeFileSync } from "node:fs"
import { schemas } from "../../test/conformance/jsonSchemas.ts"

for (const [file, text] of Object.entries(schemas)) writeFileSync(`conformance/${file}`, text)
