/**
 * A fleet and one server with a quota, in virtual time: an event loop of its own, without fibers. Answers take no time.
 * Times are milliseconds, and settings and figures are in seconds.
 */
import * as events from "./events.ts"

export interface Outage {
  /** Since the first process started. */
  readonly start: number
  readonly length: number
  /** How many calls the server still answers in each second. */
  readonly quota: number
  /** Whether it throttles all calls with a quota of 0, instead of not answering. */
  readonly throttles?: boolean
}

export interface Setting {
  readonly processes: number
  /** How many calls the server answers in each second. It throttles the rest. */
  readonly quota: number
  readonly life: number
  /** All processes start within this time, at random. */
  readonly start: number
  /** Whether each gets its first key when it starts, whatever the quota. */
  readonly hasKeys: boolean
  readonly outage?: Outage | undefined
  /** The processes are replaced one after the other, and the new ones have no key. */
  readonly restart?: { readonly start: number; readonly length: number } | undefined
  readonly until: number
  readonly seed: number
}

export type Answer = "key" | "throttled" | "none"

/** One process, whose application asks for a key all the time. */
export interface Process {
  /** The application starts. Returns when the process sends its first call. */
  readonly begin: (now: number) => number
  /** Takes the answer to its call. Returns when it sends the next one. */
  readonly answer: (answer: Answer, now: number) => number
  /** When its key expires. */
  readonly expiresAt: () => number
  /** How many calls of `get` failed. */
  readonly errors: () => number
}

/** `life` is that of a key, in milliseconds. */
export type MakeProcess = (life: number, random: () => number) => Process

export interface Figures {
  /** Calls by the second in which they were sent. */
  readonly calls: Float64Array
  readonly throttled: Float64Array
  /** When the last process of the first start got its first key. */
  readonly lastFirstKey: number
  /** The longest time that a process had no key after its start. */
  readonly longestWait: number
  /** Keys that expired before their process had the next one. */
  readonly lostKeys: number
  /** The time that processes had no key after they had one, summed over all processes. */
  readonly secondsWithout: number
  /** Calls of `get` that failed. */
  readonly errors: number
}

/** Random numbers that are the same in every run. */
export const seeded = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Answers as many calls in each second as its quota allows. */
export const makeServer = ({ outage, quota, until }: Pick<Setting, "outage" | "quota" | "until">) => {
  const calls = new Float64Array(Math.ceil(until))
  const throttled = new Float64Array(Math.ceil(until))
  const answered = new Float64Array(Math.ceil(until))
  return {
    calls,
    throttled,
    call: (now: number): Answer => {
      const second = Math.floor(now / 1000)
      calls[second]! += 1
      const isOut = outage !== undefined && now >= outage.start * 1000 && now < (outage.start + outage.length) * 1000
      if (isOut && outage.quota === 0 && outage.throttles !== true) return "none"
      if (answered[second]! >= (isOut ? outage.quota : quota)) {
        throttled[second]! += 1
        return "throttled"
      }
      answered[second]! += 1
      return "key"
    }
  }
}

/** A process and what is known of it. */
interface Member {
  process: Process
  version: number
  begunAt: number
  hasKey: boolean
}

const replaced = -1

interface Turn extends events.Event {
  readonly index: number
  /** Which process of this index it belongs to. */
  readonly version: number
}

export const simulate = (setting: Setting, makeProcess: MakeProcess): Figures => {
  const { hasKeys, life, processes, restart, start } = setting
  const until = setting.until * 1000
  const random = seeded(setting.seed)
  const server = makeServer(setting)
  const queue = events.make<Turn>()
  let lastFirstKey = 0
  let longestWait = 0
  let lostKeys = 0
  let secondsWithout = 0
  let errors = 0

  const begin = (version: number, begunAt: number): Member => ({
    process: makeProcess(life * 1000, random),
    version,
    begunAt,
    hasKey: false
  })

  const noteExpiry = ({ hasKey, process }: Member, now: number): void => {
    if (!hasKey || now <= process.expiresAt()) return
    lostKeys += 1
    secondsWithout += (now - process.expiresAt()) / 1000
  }

  const receive = (member: Member, now: number): number => {
    if (member.hasKey) noteExpiry(member, now)
    else longestWait = Math.max(longestWait, (now - member.begunAt) / 1000)
    if (member.version === 0 && !member.hasKey) lastFirstKey = Math.max(lastFirstKey, now / 1000)
    member.hasKey = true
    return member.process.answer("key", now)
  }

  const call = (member: Member, now: number): number => {
    const answer = server.call(now)
    return answer === "key" ? receive(member, now) : member.process.answer(answer, now)
  }

  const fleet = Array.from({ length: processes }, (_, index) => {
    const now = random() * start * 1000
    const member = begin(0, now)
    const first = member.process.begin(now)
    queue.add({ at: hasKeys ? receive(member, now) : first, index, version: 0 })
    if (restart !== undefined) {
      queue.add({ at: 1000 * (restart.start + restart.length * index / processes), index, version: replaced })
    }
    return member
  })

  for (let event = queue.take(); event !== undefined && event.at < until; event = queue.take()) {
    const { at, index, version } = event
    const member = fleet[index]!
    if (version === replaced) {
      noteExpiry(member, at)
      errors += member.process.errors()
      fleet[index] = begin(member.version + 1, at)
      queue.add({ at: fleet[index].process.begin(at), index, version: member.version + 1 })
    } else if (version === member.version) {
      queue.add({ at: call(member, at), index, version })
    }
  }
  for (const member of fleet) {
    noteExpiry(member, until)
    errors += member.process.errors()
    if (!member.hasKey) longestWait = Infinity
    if (!member.hasKey && member.version === 0) lastFirstKey = Infinity
  }
  return {
    calls: server.calls,
    throttled: server.throttled,
    lastFirstKey,
    longestWait,
    lostKeys,
    secondsWithout,
    errors
  }
}

/** The sum of the seconds from `start` on, and before `end`. */
export const sum = (seconds: Float64Array, start = 0, end = seconds.length): number =>
  seconds.subarray(start, end).reduce((total, count) => total + count, 0)

export const peak = (seconds: Float64Array, start = 0, end = seconds.length): number =>
  seconds.subarray(start, end).reduce((most, count) => Math.max(most, count), 0)
