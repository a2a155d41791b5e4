import { assert, describe, it } from "@effect/vitest"
import { localExpiration } from "../../../src/internal/wire/session.ts"
import {
  formatInstant,
  parseHttpDate,
  parseInstant,
  parseRetryAfter,
  parseServerDate,
  skew
} from "../../../src/internal/wire/time.ts"
import { hour } from "../../support/clock.ts"

const now = Date.parse("2026-01-02T03:04:05Z")

describe("the Date header of a response", () => {
  it("is used only in the HTTP format", () => {
    assert.strictEqual(parseHttpDate("Fri, 02 Jan 2026 03:04:05 GMT"), now)
    for (
      const text of [
        "+275760-09-13T00:00:00Z",
        "-271821-04-20T00:00:00Z",
        "0",
        "2026",
        "",
        "Fri, 99 Foo 2026 03:04:05 GMT"
      ]
    ) {
      assert.isUndefined(parseHttpDate(text), text)
    }
  })

  it("never causes a timestamp that cannot be formatted", () => {
    for (const date of ["Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0001 00:00:00 GMT"]) {
      assert.match(
        formatInstant(now + skew(now, parseServerDate(date, undefined))),
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
      )
    }
  })

  it("converts an expiration to the local clock, unless no session could last that long", () => {
    const stated = now + hour
    assert.strictEqual(localExpiration(stated, now, now - 2 * hour), now + 3 * hour)
    assert.strictEqual(localExpiration(stated + 2 * hour, now, now + 2 * hour), stated)
    assert.strictEqual(localExpiration(stated, now, Date.UTC(1970, 0)), stated)
  })
})

describe("parsing of times", () => {
  it("accepts the formats of the protocols", () => {
    assert.strictEqual(parseInstant("2026-01-02T03:04:05Z"), Date.UTC(2026, 0, 2, 3, 4, 5))
    assert.strictEqual(parseInstant("2026-01-02T03:04:05.678+0530"), Date.UTC(2026, 0, 1, 21, 34, 5, 678))
    for (const text of ["", "2026-01-02", "2026-01-02T03:04:05", "02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05.Z"]) {
      assert.isUndefined(parseInstant(text), text)
    }
    assert.strictEqual(formatInstant(Date.UTC(2024, 1, 29, 23, 59, 59, 999)), "2024-02-29T23:59:59Z")
  })

  it("accepts HTTP dates", () => {
    assert.strictEqual(parseHttpDate("Fri, 02 Jan 2026 03:04:05 GMT"), Date.UTC(2026, 0, 2, 3, 4, 5))
    assert.isUndefined(parseHttpDate(undefined))
    assert.isUndefined(parseHttpDate("yesterday"))
  })

  it("adds the Age of a cached response to its date", () => {
    const date = "Thu, 01 Jan 1970 00:01:00 GMT"
    assert.strictEqual(parseServerDate(date, undefined), 60_000)
    assert.strictEqual(parseServerDate(date, "30"), 90_000)
    assert.strictEqual(parseServerDate(date, "-30"), 60_000)
    assert.strictEqual(parseServerDate(date, "a while"), 60_000)
    assert.isUndefined(parseServerDate(undefined, "30"))
  })

  it("ignores clock differences up to 30 s", () => {
    assert.strictEqual(skew(1_000_000, undefined), 0)
    assert.strictEqual(skew(1_000_000, 1_030_000), 0)
    assert.strictEqual(skew(1_000_000, 970_000), 0)
    assert.strictEqual(skew(1_000_000, 1_030_001), 30_001)
    assert.strictEqual(skew(1_000_000, 969_999), -30_001)
  })

  it("accepts Retry-After in seconds or as a date", () => {
    assert.strictEqual(parseRetryAfter("7", 0), 7000)
    assert.strictEqual(parseRetryAfter(" 7 ", 0), 7000)
    assert.strictEqual(parseRetryAfter("Thu, 01 Jan 1970 00:00:09 GMT", 2000), 7000)
    assert.strictEqual(parseRetryAfter("Thu, 01 Jan 1970 00:00:01 GMT", 2000), 0)
    assert.isUndefined(parseRetryAfter(undefined, 0))
    assert.isUndefined(parseRetryAfter("soon", 0))
  })
})
