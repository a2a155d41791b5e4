/**
 * What an entry point adds to a bundle.
 *
 * esbuild bundles and minifies the entry point with everything that it exports. "Own code" is that of this package alone:
 * Effect and noble are left out. The next column has noble, which signs. "With Effect" is the whole bundle; most
 * applications have much of that already. KB are 1,000 bytes, gz is gzip at its best.
 */
import { gzipSync } from "node:zlib"
import * as chart from "./chart.ts"
import * as entries from "./entries.ts"
import type { Row } from "./report.ts"
import { column, type Subject } from "./subject.ts"

const kilobytes = (bytes: number): number => bytes / 1000

const gz = (code: Uint8Array): number => kilobytes(gzipSync(code, { level: 9 }).byteLength)

const row = async (entry: string): Promise<Row> => {
  const own = await entries.bundle(entry, entries.everything)
  const withNoble = await entries.bundle(entry, entries.effect)
  const whole = await entries.bundle(entry, ["@effect/platform-node", "node:*"])
  return {
    name: entry,
    values: [gz(own.code), kilobytes(own.code.byteLength), gz(withNoble.code), gz(whole.code)],
    target: entry === "CredentialsUri"
      ? { column: "own code, KB gz", most: 7 }
      : entries.sources.includes(entry)
      ? { column: "own code, KB gz", most: 10 }
      : undefined
  }
}

export const subject: Subject = {
  run: async () => {
    const rows: Array<Row> = []
    for (const entry of [...entries.sources, ...entries.others]) rows.push(await row(entry))
    return [{
      title: "What an entry point adds to a bundle",
      rowsAre: "entry point",
      columns: ["own code, KB gz", "own code, KB", "with noble, KB gz", "with Effect, KB gz"],
      rows
    }]
  },
  chart: {
    alternative: "Kilobytes that each entry point adds to a bundle, minified and compressed",
    draw: ([table]) =>
      chart.bars({
        title: "What an entry point adds to a bundle",
        description: "The code of this package alone, minified and compressed.",
        measure: "kilobytes, minified and compressed, without Effect",
        unit: "KB",
        isLogarithmic: false,
        bars: column(table, "own code, KB gz").map(([name, value]) => ({ name, value, isOurs: true }))
      })
  }
}
