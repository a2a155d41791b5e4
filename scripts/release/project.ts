/** The files of the repository that a release reads and writes, and the commands that it runs. */
import { execFileSync, spawnSync } from "node:child_process"
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import type { Answer } from "./publication.ts"

const needsShell = process.platform === "win32"

export const run = (command: string, ...args: ReadonlyArray<string>): void =>
  void execFileSync(command, args, { stdio: "inherit", shell: needsShell })

export const outputOf = (command: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(command, args, { encoding: "utf8", shell: needsShell, stdio: ["ignore", "pipe", "inherit"] })

/** The output of a command that may fail. */
export const answerOf = (command: string, ...args: ReadonlyArray<string>): Answer =>
  spawnSync(command, args, { encoding: "utf8", shell: needsShell, stdio: ["ignore", "pipe", "ignore"] })

export interface Manifest extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly version: string
}

export const manifest = (): Manifest => JSON.parse(readFileSync("package.json", "utf8")) as Manifest

export const changeFile = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, "utf8")))

/** Values for the other jobs of a workflow. */
export const setOutputs = (outputs: Readonly<Record<string, boolean>>): void => {
  const text = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`).join("")
  const file = process.env["GITHUB_OUTPUT"]
  if (file !== undefined && existsSync(file)) appendFileSync(file, text)
  process.stdout.write(text)
}
