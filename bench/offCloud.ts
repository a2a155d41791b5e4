/**
 * How long a search takes on a machine that is not in the cloud, where the metadata service is not there.
 *
 * It runs in a network namespace that has no way out, so no request can reach a real service. There, the address of the
 * metadata service refuses connections, is unreachable, or drops packets, as a firewall does. Each search is the first
 * one of a process without variables and without files, and ends with an error. The figures are medians of three
 * processes, and with dropped packets that of one.
 *
 * This needs Linux, `unshare` (util-linux) and `ip` (iproute2). Where namespaces are not allowed, it is skipped.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Case } from "./offCloud/inside.ts"
import type { Row, Table } from "./report.ts"
import { median } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const address = "100.100.100.200"
const device = "bench0"

interface Network {
  readonly name: string
  /** Commands of a shell in the namespace, in which only loopback exists. */
  readonly commands: ReadonlyArray<string>
  readonly processes: number
}

const networks: ReadonlyArray<Network> = [
  { name: "refused", commands: [`ip addr add ${address}/32 dev lo`], processes: 3 },
  { name: "unreachable", commands: [`ip route add unreachable ${address}/32`], processes: 3 },
  {
    name: "dropped",
    // Both ends of the cable are in the namespace, and nobody reads at the other one.
    commands: [
      `ip link add ${device} type veth peer name ${device}-end`,
      `ip link set ${device}-end up`,
      `ip link set ${device} up`,
      `ip addr add 192.0.2.1/24 dev ${device}`,
      `ip neigh add ${address} lladdr 02:00:00:00:00:01 dev ${device}`,
      `ip route add ${address}/32 dev ${device}`
    ],
    processes: 1
  }
]

/** Runs a command in a namespace. Its output, or the reason why it failed. */
const inNamespace = (commands: ReadonlyArray<string>, command: string) => {
  const script = ["set -e", "ip link set lo up", ...commands, `exec ${command}`].join("\n")
  const { error, status, stderr, stdout } = spawnSync("unshare", [
    "--user",
    "--map-root-user",
    "--net",
    "sh",
    "-c",
    script
  ], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" }
  })
  return status === 0 ? { output: stdout } : { reason: (error?.message ?? stderr).trim().split("\n").at(-1) ?? "" }
}

const cases: ReadonlyArray<readonly [name: string, which: Case]> = [
  ["default chain", "chain"],
  ["EcsRamRole", "role"],
  ["@alicloud/credentials, default chain", "official"]
]

const measure = (network: Network, which: Case): Pick<Row, "values" | "skipped"> => {
  const inside = fileURLToPath(new URL("inside.js", import.meta.url))
  const found: Array<number> = []
  for (let count = 0; count < network.processes; count++) {
    const { output, reason } = inNamespace(network.commands, `'${process.execPath}' '${inside}' ${which}`)
    if (output === undefined) return { values: [], skipped: `${network.name} in a namespace (${reason})` }
    found.push(Number(output))
  }
  return { values: [median(found)] }
}

export const subject: Subject = {
  run: async () => {
    const isLinux = process.platform === "linux" && existsSync("/proc/self/ns/net")
    const trial = isLinux ? inNamespace([], "true") : { reason: "not on Linux" }
    const skipped = trial.output === undefined ? `network namespaces are not allowed (${trial.reason})` : undefined
    const tables = networks.map((network): Table => ({
      title: `Not in the cloud, the metadata service is ${network.name}`,
      rowsAre: "search",
      columns: ["ms"],
      rows: cases.map(([name, which]) => ({
        name,
        ...skipped === undefined ? measure(network, which) : { values: [], skipped }
      }))
    }))
    return tables
  }
}
