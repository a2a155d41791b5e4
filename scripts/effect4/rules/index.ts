import type { Rule } from "../rule.ts"
import { calls } from "./calls.ts"
import { shapes } from "./shapes.ts"
import { tests } from "./tests.ts"

export const rules: ReadonlyArray<Rule> = [...shapes, ...calls, ...tests]
