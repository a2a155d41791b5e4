/**
 * Proves on this machine that a login is not lost, whatever happens to the programs that use it. Nothing but loopback is
 * asked. Some of it needs the right to mount file systems, and is skipped by name where that is not allowed.
 *
 *     npm run proof:logins               all of it, in some minutes
 *     npm run proof:logins -- mounted    what has this in its name
 */
import { bindMount, clock, fullDisk, kill, readOnlyMount, stall, suspend } from "./scenarios.ts"
import { canMount, onStage, type Proof } from "./support.ts"

const proofs: ReadonlyArray<Proof> = [
  bindMount,
  readOnlyMount,
  clock(20_000, 20),
  clock(60_000, 20),
  clock(-3_600_000, 20),
  stall(12),
  suspend(30),
  suspend(60),
  kill(8, 4),
  fullDisk([0, 1, 2, 3, 4, 6, 8, 10, 12])
]

const [wanted = ""] = process.argv.slice(2)
const mayMount = canMount()
let failed = 0
let skipped = 0

for (const { name, needsMounts, run } of proofs.filter(({ name }) => name.includes(wanted))) {
  console.log(`\n${name}`)
  if (needsMounts && !mayMount) {
    skipped += 1
    console.log("  SKIPPED: this process may not mount file systems")
    continue
  }
  const start = performance.now()
  const { faults, seen } = await onStage(run)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  for (const line of seen) console.log(`  ${line}`)
  for (const fault of faults) console.log(`  FAULT: ${fault}`)
  failed += faults.length > 0 ? 1 : 0
  console.log(`  ${faults.length === 0 ? "holds" : "DOES NOT HOLD"} (${seconds} s)`)
}

console.log(`\n${failed} failed, ${skipped} skipped`)
process.exitCode = failed === 0 ? 0 : 1
