/**
 * Tests the clients of `docs/clients.md` that are not among the dev dependencies: `npm run clients`. Their packages are
 * installed at the first run, in the versions of their own lock.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

const folder = "test/clients"
const lock = readFileSync(path.join(folder, "package-lock.json"), "utf8")
const installed = path.join(folder, "node_modules/.installed-lock.json")
const isInstalled = existsSync(installed) && readFileSync(installed, "utf8") === lock

const run = (command: string, words: ReadonlyArray<string>, cwd = "."): boolean =>
  spawnSync(command, words, { stdio: "inherit", cwd, shell: process.platform === "win32" }).status === 0

const install = (): boolean => {
  // None of the packages needs its install script for the tests. Effect, a peer of one of them, is that of the root.
  const done = run(
    "npm",
    ["ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", "--loglevel=error"],
    folder
  )
  if (done) writeFileSync(installed, lock)
  return done
}

const types = () => run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder])
const tests = () =>
  run(process.execPath, [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    `${folder}/vitest.config.ts`,
    ...process.argv.slice(2)
  ])

const passed = (isInstalled || install()) && [types, tests].map((step) => step()).every(Boolean)
process.exitCode = passed ? 0 : 1
