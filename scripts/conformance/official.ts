/**
 * Runs the cases of `conformance/cases` on the official tool for Node.js, `@alicloud/credentials`, each in a process of
 * its own: `npm run conformance`. With names of cases it runs only these, and with `--write` it writes the results to
 * `docs/conformance.md`.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { certificateFor } from "../../test/support/certificate.ts"
import { casesIn, groups } from "./cases.ts"
import type { Outcome } from "./outcome.ts"
import { writeDocument } from "./report.ts"

const words = process.argv.slice(2)
const names = words.filter((word) => !word.startsWith("--"))
const chosen = groups.flatMap((group) => casesIn(group)).filter(({ name }) =>
  names.length === 0 || names.includes(name)
)

const unknown = names.filter((name) => chosen.every((one) => one.name !== name))
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; the cases are in conformance/cases`)
  process.exit(1)
}

const folder = mkdtempSync(path.join(tmpdir(), "conformance-"))
const { cert, key } = certificateFor("localhost")
writeFileSync(path.join(folder, "key.pem"), key, { mode: 0o600 })
writeFileSync(path.join(folder, "cert.pem"), cert)

const limit = 120_000

const run = (file: string): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        "--import",
        "tsx",
        "scripts/conformance/officialCase.ts",
        file,
        path.join(folder, "key.pem"),
        path.join(folder, "cert.pem")
      ],
      {
        timeout: limit,
        killSignal: "SIGKILL",
        // A tool may ask for any host, and each of its requests is seen.
        env: { PATH: process.env["PATH"] ?? "", NODE_TLS_REJECT_UNAUTHORIZED: "0" }
      },
      (error, output) => {
        const last = output.trim().split("\n").at(-1) ?? ""
        if (last.startsWith("{")) return resolve(JSON.parse(last) as Outcome)
        const why = error?.killed === true ? "no result within two minutes" : "the process ends without a result"
        return resolve({ result: "fails", why })
      }
    )
  })

const version = (JSON.parse(readFileSync("node_modules/@alicloud/credentials/package.json", "utf8")) as {
  readonly version: string
}).version

const results = new Map<string, Outcome>()
const queue = [...chosen]
const work = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const outcome = await run(next.file)
    results.set(next.file, outcome)
    console.log(`${outcome.result.padEnd(9)} ${next.group}/${next.name}${"why" in outcome ? `: ${outcome.why}` : ""}`)
  }
}
await Promise.all([work(), work()])
rmSync(folder, { recursive: true, force: true })

if (words.includes("--write")) writeDocument(results, version)
const counts = (result: Outcome["result"]) =>
  [...results.values()].filter((outcome) => outcome.result === result).length
console.log(
  `@alicloud/credentials ${version}: passes ${counts("passes")}, works otherwise ${counts("otherwise")}, fails ${
    counts("fails")
  }, cannot run ${counts("cannot")} of ${results.size} cases`
)
