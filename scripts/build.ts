/**
 * Writes `dist`. The library is compiled without the types of Node.js, so that it cannot use them by mistake. Only the
 * entry point for Node.js is compiled with them. The command is one file.
 */
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { bundleCommand } from "./command.ts"

rmSync("dist", { recursive: true, force: true })
for (const project of ["tsconfig.build.json", "tsconfig.build.node.json"]) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project], { stdio: "inherit" })
}

await bundleCommand("dist")
