/**
 * What no policy can beat, whoever coordinates it, as long as it renews within the last quarter of the life of a key.
 */
import type { Setting } from "./simulation.ts"

/** How many seconds before the expiration of a key it may be renewed. */
export const windowOf = ({ life }: Pick<Setting, "life">): number => life / 4

/** The renewals of keys that are given out within `start` seconds fit into this time, and no longer one. */
export const calmPeak = (setting: Setting): number => setting.processes / (setting.start + windowOf(setting))

/** The server answers one call of each process, and so many in each second. */
export const coldSeconds = ({ processes, quota, start }: Setting): number => Math.max(start, processes / quota)

/** Each process sends its first call when it starts. Those that are throttled need one more call at least. */
export const coldThrottled = ({ processes, quota, start }: Setting): number => {
  const throttled = Math.max(0, processes - quota * start)
  return throttled / (processes + throttled)
}

/** When each process has its first key, in order. */
const issued = ({ hasKeys, processes, quota, start }: Setting): ReadonlyArray<number> =>
  Array.from(
    { length: processes },
    (_, index) => hasKeys ? index * start / processes : Math.max(index * start / processes, index / quota)
  )

const quotaIn = ({ outage, quota }: Setting, second: number): number =>
  outage !== undefined && second >= outage.start && second < outage.start + outage.length ? outage.quota : quota

/**
 * The fewest keys that expire before the next one: in each second the server answers as many calls as it can, for the
 * keys that expire first among those that may be renewed.
 */
export const lostKeys = (setting: Setting): number => {
  const { life } = setting
  const keys = issued(setting)
  let next = 0
  let lost = 0
  for (let second = Math.floor(life - windowOf(setting)); next < keys.length; second++) {
    for (; next < keys.length && keys[next]! + life <= second; next++) lost += 1
    for (let answers = quotaIn(setting, second); answers > 0 && next < keys.length; answers--) {
      if (keys[next]! + life - windowOf(setting) > second + 1) break
      next += 1
    }
  }
  return lost
}
