/**
 * Tokens of the metadata service that are not stored: each one says when it expires, by the wall clock and by the monotonic
 * clock, with a signature of this server. So no number of tokens fills the memory, and nobody can push out the token of
 * another client.
 */
import type * as Clock from "effect/Clock"
import * as Pause from "../provider/pause.ts"
import { hashing } from "../wire/hash.ts"
import { isSame } from "./secret.ts"

const longest = 21_600

/** How long a client wants its token, in seconds, or undefined if that is not allowed. @internal */
export const parseTtl = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined
  const seconds = Number(text)
  return seconds >= 1 && seconds <= longest ? seconds : undefined
}

const sign = (key: string, text: string): string => hashing().hmacSha256(key, text)

/** `nonce` makes tokens of the same time differ. @internal */
export const issue = (key: string, { until, untilNanos }: Pause.Pause, nonce: string): string => {
  const text = `${until.toString(16)}.${untilNanos.toString(16)}.${nonce}`
  return `${text}.${sign(key, text)}`
}

/** @internal */
export const isValid = (key: string, token: string, clock: Clock.Clock): boolean => {
  const [, text = "", until = "0", untilNanos = "0", signature = ""] =
    /^(([0-9a-f]{1,12})\.([0-9a-f]{1,16})\.[\w-]{1,64})\.([0-9a-f]{64})$/.exec(token) ?? []
  const life = { until: parseInt(until, 16), untilNanos: BigInt(`0x${untilNanos}`) }
  return isSame(sign(key, text), signature) && !Pause.isOver(clock, life, clock.unsafeCurrentTimeMillis())
}
