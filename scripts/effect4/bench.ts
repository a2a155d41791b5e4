/** Builds both editions, and compares them in one process of a Node.js that runs both. */
import { execFileSync } from "node:child_process"
import { bundle } from "../../bench/bundle.ts"
import { newerNode } from "./node.ts"

const npm = (script: string): void =>
  void execFileSync("npm", ["run", "--silent", script], { stdio: "inherit", shell: process.platform === "win32" })

npm("build")
npm("build:v4")
await bundle(["bench/edition.ts", "bench/server.ts", "scripts/effect4/compare.ts"], ".bench")
await bundle(["v4/build/bench/edition.ts"], "v4/build/.bench")
execFileSync(newerNode, [".bench/compare.js"], { stdio: "inherit" })
