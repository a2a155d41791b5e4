/**
 * Where and when figures were measured.
 */
import { cpus, loadavg } from "node:os"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
  /** Year, month and day. */
  readonly date: string
  /** The load average of the last minute when the run began. */
  readonly load: number
}

export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  load: Number(loadavg()[0]?.toFixed(1) ?? 0)
})

export const describe = ({ cores, cpu, date, load, node }: Machine): string =>
  `${cpu}, ${cores} cores, Node.js ${node}, ${date}, load ${load} at the start`
