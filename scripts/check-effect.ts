/**
 * Runs the diagnostics of the Effect language service, of the project that is named. Also fails if it checked no file:
 * without its plugin in the tsconfig, the language service exits with success.
 */
import { spawnSync } from "node:child_process"

const project = process.argv[2] ?? "tsconfig.json"

const { status, stderr, stdout } = spawnSync(
  process.execPath,
  [
    "node_modules/@effect/language-service/cli.js",
    "diagnostics",
    "--project",
    project,
    "--strict",
    "--format",
    "text"
  ],
  { encoding: "utf8" }
)
const output = `${stdout}${stderr}`
const checked = /Checked (\d+) files out of (\d+)/.exec(output)
const complete = checked !== null && checked[1] !== "0" && checked[1] === checked[2]
console.log(status === 0 && complete ? checked[0] : output)
process.exitCode = status === 0 && complete ? 0 : 1
