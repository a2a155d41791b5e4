const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Whether a value has all that a part of it has. */
export const isPart = (part: unknown, whole: unknown): boolean =>
  isRecord(part)
    ? isRecord(whole) && Object.entries(part).every(([key, value]) => isPart(value, whole[key]))
    : part === whole

/** The paths of a case, as paths in a folder. */
export const withPlaces = (text: string, paths: ReadonlyArray<string>, root: string): string => {
  const longest = [...new Set(paths)].sort((one, other) => other.length - one.length)
  const pattern = new RegExp(
    `(?<![\\w/.:])(?:${longest.map((one) => one.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?![\\w-])`,
    "g"
  )
  return text.replaceAll(pattern, (found) => root + found)
}
