/**
 * A limit of requests: so many at once, and so many in a second after that.
 */

/** @internal */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** What is left, and when that was counted, in milliseconds. @internal */
export interface Bucket {
  readonly left: number
  readonly at: number
}

/** @internal */
export const full = ({ burst }: Rate, now: number): Bucket => ({ left: burst, at: now })

/**
 * Takes one request from the bucket. `wait` is 0 if there was one, or after how many milliseconds there is one. A clock
 * that was set back fills nothing.
 *
 * @internal
 */
export const take = (
  rate: Rate,
  { at, left }: Bucket,
  now: number
): { readonly wait: number; readonly bucket: Bucket } => {
  const filled = Math.min(rate.burst, left + Math.max(0, now - at) / 1000 * rate.perSecond)
  return filled >= 1
    ? { wait: 0, bucket: { left: filled - 1, at: now } }
    : { wait: Math.ceil((1 - filled) / rate.perSecond * 1000), bucket: { left: filled, at: now } }
}
