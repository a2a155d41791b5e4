import type { Survivors } from "./index.ts"

/** @internal */
export const files: Survivors = {
  "files/lockFile": [
    {
      why: "the sum of pauses of random lengths does not end at exactly this limit",
      mutants: [
        "waited > patience => waited >= patience",
        "waited - since >= (isEmpty ? emptyAfter : staleAfter) => waited - since > (isEmpty ? emptyAfter : staleAfter)"
      ]
    },
    {
      why: "one millisecond of many seconds: a process pauses for up to 400 of them between two looks",
      mutants: ["10_000 => 10001", "2000 => 2001", "90_000 => 90001"]
    },
    {
      why: "the type, the token of a lock and the time in milliseconds have the same lengths in every lock",
      mutants: ["\"/\" => \"\""]
    },
    {
      why: "of a file that does not exist, only its empty sign is read: it is never stale",
      mutants: ["false => true"]
    },
    {
      why: "undefined counts as false where the result is read",
      mutants: ["Effect.as(removeStale(files, guard), false) => removeStale(files, guard)"]
    }
  ],
  "files/temporaryFile": [
    {
      why: "no file has the new name, so that it is created after opening it has failed",
      mutants: ["isThere => true"]
    }
  ]
}
