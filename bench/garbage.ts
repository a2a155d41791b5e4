/**
 * The garbage collector, which Node.js hides without a flag.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")

export const collectGarbage = runInNewContext("gc") as () => void

/** Bytes in use after a collection. */
export const bytesInUse = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
