/**
 * Tests the clients of `docs/clients.md` that are not among the dev dependencies: `npm run clients`. Their packages are
 * installed at the first run, in the versions of their own lock.
 */
import { spawnSync, type SpawnSyncOptions } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"

const folder = "test/clients"
const lock = readFileSync(path.join(folder, "package-lock.json"), "utf8")
const installed = path.join(folder, "node_modules/.installed-lock.json")

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** False also if somebody removed a package since the last run. */
const isInstalled = (): boolean => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8")
  ) as Manifest
  return existsSync(installed) && readFileSync(installed, "utf8") === lock &&
    Object.keys({ ...dependencies, ...devDependencies })
      .every((name) => existsSync(path.join(folder, "node_modules", name, "package.json")))
}

const run = (command: string, words: ReadonlyArray<string>, options: SpawnSyncOptions = {}): boolean =>
  spawnSync(command, words, { stdio: "inherit", ...options }).status === 0

const install = (): boolean => {
  // None of the packages needs its install script for the tests. Effect, a peer of one of them, is that of the root.
  const done = run(
    "npm",
    ["ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", "--loglevel=error"],
    // On Windows, npm is a script of the shell.
    { cwd: folder, shell: process.platform === "win32" }
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

const passed = (isInstalled() || install()) && [types, tests].map((step) => step()).every(Boolean)
process.exitCode = passed ? 0 : 1
