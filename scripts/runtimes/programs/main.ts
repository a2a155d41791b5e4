/** All programs, on a runtime that has files, processes and variables. */
import { Effect } from "effect"
import { chain } from "./chain.ts"
import { configJson, ini, systemHome, tokenFile } from "./files.ts"
import { proxies } from "./proxies.ts"
import { portable, run } from "./run.ts"

await Effect.runPromise(run({ ...portable, configJson, ini, tokenFile, systemHome, chain, proxies }))
