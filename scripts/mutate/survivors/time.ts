import type { Survivors } from "./index.ts"

/** @internal */
export const time: Survivors = {
  "wire/time": [
    {
      why: "NaN is in the list with and without it, and NaN is never off",
      mutants: ["serverDate ?? readAt => serverDate"]
    }
  ]
}
