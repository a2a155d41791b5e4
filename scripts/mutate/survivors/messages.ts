import type { Survivors } from "./index.ts"

/** @internal */
export const messages: Survivors = {
  "diagnosis/verdict": [
    {
      why: "an error without the field has no code either; the compiler needs the check",
      mutants: ["\"code\" in error && error.code !== undefined => error.code !== undefined"]
    }
  ]
}
