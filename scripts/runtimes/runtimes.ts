/** The runtimes, and how each of them runs the programs. */
import { type Edition, effect3, effect4, main, worker } from "./editions.ts"

export interface Runtime {
  /** In arguments, and in the manifest. */
  readonly name: string
  readonly title: string
  readonly editions: ReadonlyArray<Edition>
  /** Whether it is among those that each change is tested on. */
  readonly isUsual: boolean
  readonly args: ReadonlyArray<string>
  /** The names of the programs that it runs. */
  readonly programs: ReadonlyArray<string>
}

const portable = ["environment", "oidc", "uri", "ecs", "openApi", "errors"]

const withFiles = [...portable, "configJson", "ini", "tokenFile", "systemHome", "chain", "proxies"]

const both = [effect3, effect4]

/** What a program on Deno has to be allowed: hosts, variables, files, and who the user is, which tells the home folder. */
export const permissionsOfDeno = [
  "--allow-net=127.0.0.1,0.0.0.0",
  "--allow-env",
  "--allow-read",
  "--allow-sys=uid,gid,username"
]

export const configOfWorkerd = "config.capnp"

const node = (major: number, isUsual: boolean, editions = both): Runtime => ({
  name: `node${major}`,
  title: "Node.js",
  editions,
  isUsual,
  args: [main],
  programs: withFiles
})

export const runtimes: ReadonlyArray<Runtime> = [
  node(20, true, [effect3]),
  node(22, false),
  node(24, true),
  node(26, false),
  { name: "bun", title: "Bun", editions: both, isUsual: true, args: ["--no-install", main], programs: withFiles },
  {
    name: "deno",
    title: "Deno",
    editions: both,
    isUsual: true,
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-remote",
      "--no-config",
      "--node-modules-dir=manual",
      ...permissionsOfDeno,
      main
    ],
    programs: withFiles
  },
  {
    name: "workerd",
    title: "workerd",
    editions: both,
    isUsual: true,
    args: ["test", configOfWorkerd],
    programs: portable
  }
]

/** The configuration of a worker that reaches this machine and nothing else. */
export const workerdConfig = (variables: Readonly<Record<string, string>>): string =>
  `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "programs", worker = .programs),
    (name = "internet", network = (allow = ["local"]))
  ]
);

const programs :Workerd.Worker = (
  modules = [(name = "${worker}", esModule = embed "${worker}")],
  # From the next day on, variables are also in the environment.
  compatibilityDate = "2026-08-03",
  bindings = [
${
    Object.entries(variables).map(([name, value]) => `    (name = "${name}", text = ${JSON.stringify(value)})`).join(
      ",\n"
    )
  }
  ]
);
`
