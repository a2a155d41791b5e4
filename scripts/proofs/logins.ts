/**
 * Proves on this machine that a login is not lost, whatever happens to the programs that use it. Nothing but loopback is
 * asked. Some of it needs the right to mount file systems, and is skipped by name where that is not allowed.
 *
 *     npm run proof:logins               all of it, in some minutes
 *     npm run proof:logins -- mounted    what has this in its name
 */
import { Console, Duration, Effect } from "effect"
import { bindMount, clock, fullDisk, kill, readOnlyMount, stall, suspend } from "./scenarios.ts"
import { canMount, onStage, type Proof } from "./support.ts"

// Those that mostly wait come first, so that the others run meanwhile.
const proofs: ReadonlyArray<Proof> = [
  suspend(60),
  suspend(30),
  kill(8, 3),
  stall(11),
  fullDisk([0, 1, 2, 3, 4, 6, 8, 10, 12]),
  bindMount,
  readOnlyMount,
  clock(20_000, 20),
  clock(60_000, 20),
  clock(-3_600_000, 20)
]

type Verdict = "holds" | "DOES NOT HOLD" | "SKIPPED"

const report = (name: string, lines: ReadonlyArray<string>, verdict: Verdict, comment: string) =>
  Effect.as(Console.log([name, ...lines, `${verdict} (${comment})`].join("\n  ") + "\n"), verdict)

const prove = ({ name, needsMounts, run }: Proof, mayMount: boolean): Effect.Effect<Verdict> =>
  needsMounts && !mayMount
    ? report(name, [], "SKIPPED", "this process may not mount file systems")
    : Effect.flatMap(Effect.timed(Effect.promise(() => onStage(run))), ([duration, { faults, seen }]) => {
      const lines = [...seen, ...faults.map((fault) => `FAULT: ${fault}`)]
      return report(name, lines, faults.length === 0 ? "holds" : "DOES NOT HOLD", Duration.format(duration))
    })

const [wanted = ""] = process.argv.slice(2)

const verdicts = await Effect.runPromise(Effect.flatMap(
  Effect.sync(canMount),
  (mayMount) =>
    Effect.forEach(
      proofs.filter(({ name }) => name.includes(wanted)),
      (proof) => prove(proof, mayMount),
      { concurrency: 3 }
    )
))

const count = (verdict: Verdict) => verdicts.filter((other) => other === verdict).length
console.log(`${count("holds")} hold, ${count("DOES NOT HOLD")} do not hold, ${count("SKIPPED")} skipped`)
process.exitCode = count("DOES NOT HOLD") === 0 ? 0 : 1
