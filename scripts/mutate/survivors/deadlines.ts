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
      why: "a pause that doubled thirty times is over its limit of an hour, unless it began with a few milliseconds",
      mutants: ["30 => 31"]
    }
  ]
}
