/**
 * Measures one subject in this process. bench/index.ts compiles and starts it.
 */
import { thisMachine } from "./machine.ts"
import { text } from "./report.ts"
import * as results from "./results.ts"
import { subjects } from "./subjects.ts"

const [name = ""] = process.argv.slice(2)
const load = subjects[name]
if (load === undefined) throw new Error(`no subject is named ${name}`)

const machine = thisMachine()
const { subject: { chart, run } } = await load()
const tables = await run()
results.write({ subject: name, machine, chart: chart?.alternative, tables }, chart?.draw(tables))
console.log(tables.map(text).join("\n"))
process.exit() // some of the clients keep connections open
