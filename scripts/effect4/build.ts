/** Rewrites the sources for Effect 4 and compiles them to `v4/build/dist`. The command is that of both editions. */
import { execFileSync } from "node:child_process"
import { bundleCommand } from "../command.ts"
import "./install.ts"

execFileSync(process.execPath, ["--import", "tsx", "scripts/effect4/index.ts"], { stdio: "inherit" })
for (const project of ["tsconfig.build.json", "tsconfig.build.node.json"]) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", `v4/build/${project}`], { stdio: "inherit" })
}
await bundleCommand("v4/build/dist")
