/** Installs a runtime when it is needed for the first time, at the version and with the checksum of the lock. */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { isForLibc, type Lock, type Manifest, partFor, pinOf } from "./manifest.ts"

const folder = "scripts/runtimes"
const json = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), "utf8"))

export const manifest = json("package.json") as Manifest

export interface Installed {
  readonly version: string
  readonly program: string
}

const end = process.platform === "win32" ? ".exe" : ""

/** Where the packages of the runtimes have their programs. */
const places = ["bin/node", "bin/bun", "deno", "bin/workerd"].map((place) => `${place}${end}`)

const programIn = (installed: string): string | undefined =>
  places.map((place) => path.resolve(installed, place)).find((file) => existsSync(file))

const versionIn = (installed: string): string | undefined => {
  const file = path.join(installed, "package.json")
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version : undefined
}

const report = process.report.getReport() as unknown as { readonly header: { readonly glibcVersionRuntime?: string } }
const libc = report.header.glibcVersionRuntime === undefined ? "musl" : "glibc"

/** Undefined if no package has this runtime for this machine. */
export const install = async (runtime: string, signal: AbortSignal): Promise<Installed | undefined> => {
  const pin = pinOf(manifest, runtime, `${process.platform}-${process.arch}`)
  if (pin === undefined) return undefined
  const place = path.join(folder, "node_modules", runtime)
  const installed = path.join(place, "node_modules", pin.name)
  if (versionIn(installed) !== pin.version) {
    const part = partFor(pin.name, manifest, json("package-lock.json") as Lock)
    mkdirSync(place, { recursive: true })
    writeFileSync(path.join(place, "package.json"), JSON.stringify(part.manifest))
    writeFileSync(path.join(place, "package-lock.json"), JSON.stringify(part.lock))
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: place,
      shell: process.platform === "win32",
      signal
    })
  }
  const program = programIn(installed)
  if (program !== undefined) return { program, version: pin.version }
  // npm also goes on if it cannot load an optional package.
  if (isForLibc(json("package-lock.json") as Lock, pin.name, libc)) throw new Error(`npm did not install ${pin.name}`)
  return undefined
}
