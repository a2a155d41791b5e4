/** Installs the dependencies of Effect 4, which are not those of the repository, if they are missing or older. */
import { execFileSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"

const installed = "v4/node_modules/.package-lock.json"

const isInstalled = existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync("v4/package-lock.json").mtimeMs

if (!isInstalled) {
  // Errors only: this Node.js may be older than what Effect 4 asks for, and is not the one that runs it.
  execFileSync("npm", ["ci", "--prefix", "v4", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: "inherit",
    shell: process.platform === "win32"
  })
}
