import type { Survivors } from "./index.ts"

const onlySpeed = "only a matter of speed"
const forTheCompiler = "only the compiler needs it"

/** @internal */
export const serverText: Survivors = {
  "wire/codes": [
    {
      why: `${forTheCompiler}: no pattern matches "undefined"`,
      mutants: ["code === undefined => false"]
    }
  ],
  "wire/disguise": [
    {
      why: `${onlySpeed}: a reading that has a longer form has its runs too, which are looked for anyway`,
      mutants: [
        "form !== \"\" && form.length < run => form !== \"\"",
        "form.length < run => form.length <= run"
      ]
    },
    {
      why:
        `${onlySpeed}: a larger table has fewer steps to a free place, and another hash of the same runs other collisions`,
      mutants: [
        "0 => 1",
        "32 => 33",
        "2 => 3",
        "31 => 32",
        "Math.imul(hash, base) + text.charCodeAt(end) | 0 => Math.imul(hash, base) + text.charCodeAt(end) & 0"
      ]
    },
    {
      why: `${onlySpeed}: the set of runs gives the same answer as the table and the set`,
      mutants: ["table[slotOf(table, hash)] === hash && isKnown(runAt(text, at)) => isKnown(runAt(text, at))"]
    },
    {
      why: "another order of places: more than half of the table is free, so each order finds a free place",
      mutants: ["slot + 1 => slot - 1", "1 => 2"]
    },
    {
      why: "the code of a letter before the first is NaN, of which Math.imul makes zero",
      mutants: ["end >= run => true"]
    },
    {
      why: "a fourth layer only hides more, and no text has to be shown because of its escapes",
      mutants: ["layer < 3 => layer <= 3", "3 => 4"]
    },
    {
      why: `${forTheCompiler}: each match has one of the groups`,
      mutants: ["hex ?? hexEntity ?? \"\" => hex ?? hexEntity", "\"\" => \"mutated\""]
    }
  ],
  "wire/lost": [
    {
      why: "no pattern matches this text either",
      mutants: ["\"\" => \"mutated\""]
    }
  ],
  "wire/serverText": [
    {
      why: `${forTheCompiler}: \`quotable\` answers undefined for what is no text, and that is no code`,
      mutants: [
        "typeof text === \"string\" && /^[a-z][\\w.:-]{0,79}$/i.test(text) => /^[a-z][\\w.:-]{0,79}$/i.test(text)"
      ]
    }
  ]
}
