/** Versions of packages, and their order. Pure functions. */

interface Parsed {
  readonly numbers: ReadonlyArray<number>
  readonly prerelease: string | undefined
}

const parse = (version: string): Parsed => {
  const [, numbers = "", prerelease] = /^(\d+\.\d+\.\d+)(?:-([^+]+))?/.exec(version) ?? []
  return { numbers: numbers.split(".").map(Number), prerelease }
}

/** Negative if `one` is the older version. Pre-releases of one version are equal. */
export const compareVersions = (one: string, other: string): number => {
  const [a, b] = [parse(one), parse(other)]
  const differences = a.numbers.map((number, index) => number - (b.numbers[index] ?? 0))
  const difference = differences.find((difference) => difference !== 0)
  return difference ?? Number(b.prerelease !== undefined) - Number(a.prerelease !== undefined)
}

export const isRelease = (version: string): boolean => parse(version).prerelease === undefined
