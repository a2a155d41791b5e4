/** Packs both editions of one commit: `3.y.z` for Effect 3 and `4.y.z` for Effect 4. */
import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"

const run = (command: string, ...args: ReadonlyArray<string>): void =>
  void execFileSync(command, args, { stdio: "inherit", shell: process.platform === "win32" })

mkdirSync("tarballs", { recursive: true })
run("npm", "pack", "--pack-destination", "tarballs")
run("npm", "run", "--silent", "build:v4")
run("npm", "pack", "./v4/build", "--pack-destination", "tarballs")
