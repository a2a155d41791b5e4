import type { Survivors } from "./index.ts"

/** @internal */
export const deadlines: Survivors = {
  "provider/deadlines": [
    {
      why:
        "the division needs a window above zero: for a window of 1 ms the share is all of the time that is left, with both, unless less than a second is left, and then the pause is a second",
      mutants: ["1 => 2"]
    },
    {
      why: "a minute is the limit after six refusals already",
      mutants: ["16 => 17"]
    },
    {
      why: "the pauses have reached their limits long before, which are an hour at most",
      mutants: ["30 => 31"]
    }
  ]
}
