/**
 * The commands of Redis that the store of sessions sends, with their meaning.
 */
import { scripts } from "../../src/internal/sharing/redis.ts"

export interface FakeRedis {
  readonly command: (args: ReadonlyArray<string>) => Promise<unknown>
  readonly keys: () => ReadonlyArray<string>
  /** All commands that were sent. */
  readonly received: ReadonlyArray<ReadonlyArray<string>>
}

export const fakeRedis = (now: () => number): FakeRedis => {
  const entries = new Map<string, { readonly value: string; readonly until: number }>()
  const received: Array<ReadonlyArray<string>> = []

  const get = (key: string): string | null => {
    const entry = entries.get(key)
    if (entry !== undefined && now() >= entry.until) entries.delete(key)
    return entries.get(key)?.value ?? null
  }

  const put = (key: string, value: string, millis: string): void => {
    const time = Number(millis)
    if (!Number.isInteger(time) || time <= 0) throw new Error("ERR invalid expire time in 'set' command")
    entries.set(key, { value, until: now() + time })
  }

  const evaluate = (script: string, [lease = "", other = ""]: ReadonlyArray<string>, args: ReadonlyArray<string>) => {
    const [owner = "", first = "", second = ""] = args
    const held = get(lease)
    if (script === scripts.acquire && held === null) {
      put(lease, owner, first)
      return 1
    }
    if (held === null || held !== owner) return 0
    switch (script) {
      case scripts.acquire:
        put(lease, owner, first)
        return 1
      case scripts.release:
        return entries.delete(lease) ? 1 : 0
      case scripts.write:
        put(other, first, second)
        return 1
      default:
        throw new Error("ERR Error compiling script")
    }
  }

  const run = ([command, ...args]: ReadonlyArray<string>): unknown => {
    const [key = "", value = ""] = args
    if (command === "GET" && args.length === 1) return get(key)
    if (command === "EVAL") {
      const count = Number(value)
      return evaluate(key, args.slice(2, 2 + count), args.slice(2 + count))
    }
    throw new Error(`ERR wrong command ${command}`)
  }

  return {
    received,
    command: async (args) => {
      received.push(args)
      return run(args)
    },
    keys: () => [...entries.keys()].filter((key) => get(key) !== null).sort()
  }
}
