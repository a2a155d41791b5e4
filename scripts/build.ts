/**
 * Writes `dist`: the library without a type of Node.js in sight, so that none of it can be used by mistake, and then the
 * one entry point that may.
 */
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"

rmSync("dist", { recursive: true, force: true })
for (const project of ["tsconfig.build.json", "tsconfig.build.node.json"]) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project], { stdio: "inherit" })
}
