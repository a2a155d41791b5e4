import type { Survivors } from "./index.ts"

/** @internal */
export const chain: Survivors = {
  credentialChain: [
    {
      why: "Effect.tap of Effect 3 takes any other value for an effect that does nothing",
      mutants: ["Effect.void => undefined"]
    },
    {
      why:
        "a link in use has given credentials, and no provider of this library gives them and has a failure cached later; one of another version may",
      mutants: ["exit !== undefined && Exit.isSuccess(exit) => exit !== undefined"]
    },
    {
      why: "only the type says that nothing is returned",
      mutants: ["true => false"]
    },
    {
      why: "less than 90 microseconds of 90 seconds, and patience is counted in milliseconds",
      mutants: ["1_000_000 => 1000001"]
    },
    {
      why:
        "a server that throttles is left alone for at least a second, so a patience of one millisecond is too short for it",
      mutants: ["0 => 1"]
    }
  ]
}
