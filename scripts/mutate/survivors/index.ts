/**
 * Mutants that no test can notice, or that none should, and why. A mutant is named as the report of `npm run mutate` does:
 * what stands in the source, ` => `, and what the mutant puts there.
 */
import { differing, type Mutant } from "../mutants.ts"
import { cache } from "./cache.ts"
import { chain } from "./chain.ts"
import { deadlines } from "./deadlines.ts"
import { files } from "./files.ts"
import { instance } from "./instance.ts"
import { messages } from "./messages.ts"
import { serverText } from "./serverText.ts"
import { signing } from "./signing.ts"
import { sts } from "./sts.ts"
import { time } from "./time.ts"

/** @internal */
export interface Survivor {
  readonly why: string
  readonly mutants: ReadonlyArray<string>
}

/** By the file below `src/internal`, without its extension. @internal */
export type Survivors = Readonly<Record<string, ReadonlyArray<Survivor>>>

/** @internal */
export const survivors: Survivors = {
  ...time,
  ...deadlines,
  ...signing,
  ...serverText,
  ...cache,
  ...chain,
  ...messages,
  ...instance,
  ...sts,
  ...files
}

/** @internal */
export const titleOf = ({ after, before }: Mutant): string => differing(before, after).join(" => ")

const nameOf = (file: string): string => file.replace(/^src\/internal\/|\.ts$/g, "")

/** Why no test notices a mutant. @internal */
export const reasonOf = (mutant: Mutant): string | undefined =>
  survivors[nameOf(mutant.file)]?.find(({ mutants }) => mutants.includes(titleOf(mutant)))?.why
