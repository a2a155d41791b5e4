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
  ],
  "files/writeBack": [
    {
      why: "more space than the next text needs, by an amount that no document names",
      mutants: ["16 => 17", "1024 => 1025"]
    },
    {
      why: "an error of this library is not one of the file system, so that the first part is for the compiler",
      mutants: ["error._tag !== \"HalfWritten\" && before !== undefined => before !== undefined"]
    },
    {
      why: "no file has the new name, so that it is created after opening it has failed (`isThere`)",
      mutants: ["room !== undefined => true", "false => true"]
    },
    {
      why: "nobody reads the stamp of a replacement that another process began",
      mutants: ["\"\" => \"mutated\""]
    },
    {
      why: "nobody reads the results that are discarded",
      mutants: ["true => false"]
    },
    {
      why: "a part of the first page: 1024 characters with and without the change, or 819",
      mutants: ["4096 => 4097", "4 => 5"]
    }
  ]
}
