/** The package managers, which are installed in this folder, and how they run without anything of this machine. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs"
import path from "node:path"

const here = "scripts/install"
const modules = path.resolve(here, "node_modules")

export interface Manager {
  /** The name in the table that is printed. */
  readonly name: string
  /** The name in README. */
  readonly inReadme: string
  /** The command that begins its lines. */
  readonly command: string
  /** The file of that command. */
  readonly file: string
  /** What makes an empty folder a project, if it needs one. */
  readonly prepare?: string
  readonly variables?: Readonly<Record<string, string>>
  /** Adds TypeScript to a project whose packages only its own Node.js can load, and begins commands with this one. */
  readonly runner?: string
}

const platform = `${process.platform}-${process.arch}`
const yarn = path.join(modules, "@yarnpkg/cli-dist/bin/yarn.js")

export const managers: ReadonlyArray<Manager> = [
  { name: "npm", inReadme: "npm", command: "npm", file: path.join(modules, "npm/bin/npm-cli.js") },
  { name: "pnpm", inReadme: "pnpm", command: "pnpm", file: path.join(modules, `@pnpm/exe.${platform}/pnpm`) },
  {
    name: "yarn, node_modules",
    inReadme: "Yarn",
    command: "yarn",
    file: yarn,
    prepare: "yarn init",
    variables: { YARN_NODE_LINKER: "node-modules" }
  },
  {
    name: "yarn, Plug'n'Play",
    inReadme: "Yarn",
    command: "yarn",
    file: yarn,
    prepare: "yarn init",
    variables: { YARN_NODE_LINKER: "pnp" },
    runner: "yarn"
  },
  {
    name: "bun",
    inReadme: "Bun",
    command: "bun",
    file: path.join(modules, `@oven/bun-${platform.replace("arm64", "aarch64")}/bin/bun`)
  }
]

/** Not every package manager has a program for every system. */
export const isPresent = ({ file }: Manager): boolean => existsSync(file)

const packageOf = (file: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(path.relative(modules, file))?.[0] ?? ""

/** Those with a package for this system that is not there: npm goes on if it cannot load an optional one. */
const absent = (): ReadonlyArray<string> => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(path.join(here, "package.json"), "utf8")) as {
    readonly dependencies: object
    readonly optionalDependencies: object
  }
  const names = managers.filter((manager) => !isPresent(manager)).map(({ file }) => packageOf(file))
  return [...new Set(names)].filter((name) => name in dependencies || name in optionalDependencies)
}

/** Installs the package managers if they are missing or older. */
export const install = (): void => {
  const installed = path.join(modules, ".package-lock.json")
  const isInstalled = existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(path.join(here, "package-lock.json")).mtimeMs
  if (isInstalled && absent().length === 0) return
  execFileSync("npm", ["ci", "--prefix", here, "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit" })
  const missing = absent()
  if (missing.length > 0) throw new Error(`npm did not install ${missing.join(", ")}`)
}

/** Writes a folder for `PATH` with the commands of all package managers and the Node.js that runs them. */
export const commands = (folder: string, node: string): string => {
  mkdirSync(folder, { recursive: true })
  symlinkSync(node, path.join(folder, "node"))
  const files = new Map(managers.filter(isPresent).map(({ command, file }) => [command, file]))
  for (const [command, file] of files) symlinkSync(file, path.join(folder, command))
  return folder
}

/** The environment of a row: nothing of the user, and the caches below `folder`. */
export const environment = (
  { bin, folder, manager, registry }: {
    readonly bin: string
    readonly folder: string
    readonly manager: Manager
    readonly registry: string
  }
): Readonly<Record<string, string>> => ({
  PATH: [bin, process.env["PATH"] ?? ""].join(path.delimiter),
  HOME: folder,
  TMPDIR: folder,
  XDG_CACHE_HOME: `${folder}/cache`,
  XDG_CONFIG_HOME: `${folder}/config`,
  XDG_DATA_HOME: `${folder}/data`,
  XDG_STATE_HOME: `${folder}/state`,
  DO_NOT_TRACK: "1",
  npm_config_registry: registry,
  npm_config_cache: `${folder}/cache/npm`,
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  pnpm_config_registry: registry,
  pnpm_config_store_dir: `${folder}/cache/pnpm`,
  pnpm_config_update_notifier: "false",
  YARN_NPM_REGISTRY_SERVER: registry,
  YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
  YARN_ENABLE_TELEMETRY: "0",
  YARN_GLOBAL_FOLDER: `${folder}/cache/yarn`,
  BUN_CONFIG_REGISTRY: registry,
  BUN_INSTALL_CACHE_DIR: `${folder}/cache/bun`,
  ...manager.variables
})

/** The lines of a package manager about peer dependencies that are missing or do not fit. */
export const peerProblems = (output: string): ReadonlyArray<string> =>
  output.split("\n").filter((line) => /\bpeer\b|ERESOLVE|YN00(?:02|60|86)/i.test(line))
