/**
 * Medians, percentiles and ratios.
 */
export const percentile = (values: ReadonlyArray<number>, percent: number): number => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? Number.NaN
}

/** For an even number of values, the higher of the two in the middle. */
export const median = (values: ReadonlyArray<number>): number => percentile(values, 50)

/** The median of the ratios of each round. */
export const ratio = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number =>
  median(one.map((value, round) => value / (other[round] ?? Number.NaN)))

/** What one has more than the other, in each round. */
export const difference = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): ReadonlyArray<number> =>
  one.map((value, round) => value - (other[round] ?? Number.NaN))
