/**
 * Times of answers and of headers: each text is rejected, or gives a time that a program can hold.
 */
import { assert } from "@effect/vitest"
import { DateTime, FastCheck } from "effect"
import {
  durationWords,
  formatInstant,
  parseHttpDate,
  parseInstant,
  parseRetryAfter,
  parseServerDate,
  sessionEnd,
  skewAfter
} from "../../../src/internal/wire/time.ts"
import { damaged, wordsOf } from "../damage.ts"
import { target } from "../target.ts"

const texts = FastCheck.oneof(
  damaged(FastCheck.constantFrom(
    "2030-01-02T03:04:05Z",
    "2030-01-02T03:04:05.123456789+08:00",
    "0000-01-01T00:00:00-2359",
    "9999-12-31T23:59:59.999-23:59",
    "Wed, 02 Jan 2030 03:04:05 GMT",
    "Fri, 31 Dec 9999 23:59:60 GMT",
    "120"
  )),
  wordsOf(
    "2030",
    "-01",
    "-31",
    "T",
    "24:00:00",
    ":60",
    ".5",
    "Z",
    "+08:00",
    "-0800",
    "Mon, ",
    "31 ",
    "Feb ",
    " GMT",
    "9"
  )
)

const isTime = (millis: number): void => {
  assert.isTrue(Number.isFinite(millis))
  assert.isString(DateTime.formatIso(DateTime.unsafeMake(millis)))
}

// To the end of the year 9999, the last one that the formats can write.
const millis = FastCheck.integer({ min: 0, max: 253_402_300_799_999 })

const parsers: ReadonlyArray<(text: string, other: string) => number | undefined> = [
  parseInstant,
  parseHttpDate,
  parseServerDate,
  (text) => parseRetryAfter(text, 0)
]

export const anyTimes = target({
  name: "times",
  share: 10,
  inputs: FastCheck.tuple(texts, texts),
  check: ([text, other]) => {
    for (const parse of parsers) {
      const found = parse(text, other)
      if (found === undefined) continue
      isTime(found)
      assert.isString(durationWords(found))
    }
  }
})

export const writtenTimes = target({
  name: "writtenTimes",
  share: 10,
  inputs: FastCheck.tuple(millis, millis, FastCheck.nat(999_999_999)),
  check: ([time, now, seconds]) => {
    const date = new Date(time)
    const second = Math.floor(time / 1000) * 1000
    assert.strictEqual(parseInstant(date.toISOString()), time)
    assert.strictEqual(parseInstant(formatInstant(time)), second)
    assert.strictEqual(parseHttpDate(date.toUTCString()), second)
    assert.strictEqual(parseServerDate(date.toUTCString(), String(seconds)), second + seconds * 1000)
    assert.strictEqual(parseRetryAfter(String(seconds), now), seconds * 1000)
    assert.strictEqual(parseRetryAfter(date.toUTCString(), now), Math.max(0, second - now))
    for (const serverDate of [undefined, time, now]) {
      const exchange = { sentAt: now, readAt: now + seconds, serverDate }
      for (const longest of [undefined, 1, 3_600_000]) isTime(sessionEnd(time, exchange, longest).at)
      assert.isTrue(Number.isFinite(skewAfter(seconds, exchange)))
    }
  }
})
