/**
 * Sessions whose id says what is true of them, whatever the program believes that they get.
 */

/** Times are epoch milliseconds by a clock that is right. */
export interface Issued {
  readonly serial: number
  readonly issuedAt: number
  /** Until when it is valid, even if the `Date` of its answer is believed. */
  readonly sureUntil: number
  readonly endsAt: number
}

export const idOf = ({ endsAt, issuedAt, serial, sureUntil }: Issued): string =>
  `STS.${serial}-${issuedAt}-${sureUntil}-${endsAt}`

export const issuedOf = (id: string): Issued => {
  const [serial, issuedAt, sureUntil, endsAt] = id.slice("STS.".length).split("-").map(Number)
  if (serial === undefined || issuedAt === undefined || sureUntil === undefined || endsAt === undefined) {
    throw new Error(`${id} is not the id of a session of this server`)
  }
  return { serial, issuedAt, sureUntil, endsAt }
}
