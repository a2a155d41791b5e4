import { assert, describe, it } from "@effect/vitest"
import {
  durationWords,
  type Exchange,
  formatInstant,
  isLong,
  isOff,
  parseHttpDate,
  parseInstant,
  parseRetryAfter,
  parseServerDate,
  provenSkew,
  sessionEnd,
  skewAfter
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
      const exchange = { sentAt: now, readAt: now, serverDate: parseServerDate(date, undefined) }
      assert.match(formatInstant(now + provenSkew(exchange)), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }
  })

  for (
    const [what, date, skew] of [
      ["no date", undefined, 0],
      ["a date when it was sent", 0, 0],
      ["a date when it was read, an hour later", hour, 0],
      ["a date that is cut to the second before", -1000, 0],
      ["a date of the second after", hour + 1000, 0],
      ["a date before it was sent", -1001, -1001],
      ["a date after it was read", hour + 1001, hour + 1001]
    ] as const
  ) {
    it(`proves ${skew === 0 ? "no difference" : "a difference"} of the clocks: ${what}`, () => {
      const serverDate = date === undefined ? undefined : now + date
      assert.strictEqual(provenSkew({ sentAt: now, readAt: now + hour, serverDate }), skew)
    })
  }
})

describe("when a session expires", () => {
  const end = (expiration: number, date: number | undefined, more: { longest?: number; readAt?: number } = {}) => {
    const { longest, readAt = 0 } = more
    const exchange = { sentAt: now, readAt: now + readAt, serverDate: date === undefined ? undefined : now + date }
    const { at, isDisputed } = sessionEnd(now + expiration, exchange, longest)
    return [at - now, isDisputed]
  }

  it("is what the server says if the clocks agree", () => {
    assert.deepStrictEqual(end(hour, undefined), [hour, false])
    assert.deepStrictEqual(end(hour, 0), [hour, false])
    assert.deepStrictEqual(end(hour, 0, { readAt: 50 * 60_000 }), [hour, false])
    assert.deepStrictEqual(end(hour, 25 * 60_000, { readAt: 50 * 60_000 }), [hour, false], "answered on the way")
  })

  it("is the earlier reading if both lie in the future", () => {
    assert.deepStrictEqual(end(hour + 25_000, 25_000), [hour, false], "this clock is 25 s behind")
    assert.deepStrictEqual(end(hour, -10 * hour), [hour, false], "the date is wrong by 10 h")
  })

  it("is the one reading that lies in the future, and disputed", () => {
    assert.deepStrictEqual(end(hour, 2 * hour), [hour, true], "the date is wrong by 2 h")
    assert.deepStrictEqual(end(-hour, -2 * hour), [hour, true], "this clock is 2 h ahead")
  })

  it("has expired at the very instant of a reading", () => {
    assert.deepStrictEqual(end(2 * hour, 2 * hour), [2 * hour, true], "by the server")
    assert.deepStrictEqual(end(0, 2 * hour), [0, false], "by both")
  })

  it("is past if both readings are", () => {
    assert.deepStrictEqual(end(hour, 0, { readAt: 2 * hour }), [hour, false])
    assert.deepStrictEqual(end(-hour, 0), [-hour, false])
  })

  it("is never later than what was requested, from when the request was sent", () => {
    assert.deepStrictEqual(end(hour + 25_000, undefined, { longest: hour }), [hour, false])
    assert.deepStrictEqual(end(hour, undefined, { longest: 2 * hour }), [hour, false])
  })
})

describe("a clock that is set back during an exchange", () => {
  const wrong = { sentAt: now, readAt: now - 10 * hour, serverDate: now }

  it("is behind by what the date says now", () => {
    assert.strictEqual(provenSkew(wrong), 10 * hour)
    assert.strictEqual(provenSkew({ ...wrong, serverDate: now - 10 * hour }), 0, "it was ahead, and is right now")
  })

  it("does not make a session last longer", () => {
    const end = (expiration: number, exchange: Exchange, longest?: number) =>
      sessionEnd(expiration, exchange, longest).at - exchange.readAt
    assert.strictEqual(end(now + hour, wrong), hour)
    assert.strictEqual(end(now + hour, { ...wrong, serverDate: undefined }, hour), hour)
    assert.strictEqual(end(now - 9 * hour, { ...wrong, serverDate: now - 10 * hour }), hour)
  })
})

describe("what is known about the clock of a server", () => {
  it("stays true as long as an exchange does not refute it", () => {
    const slept = { sentAt: now, readAt: now + hour, serverDate: now - 9 * hour }
    assert.strictEqual(skewAfter(-10 * hour, slept), -10 * hour)
    assert.strictEqual(skewAfter(0, slept), -9 * hour)
    assert.strictEqual(skewAfter(-10 * hour, { sentAt: now, readAt: now, serverDate: now }), 0)
    assert.strictEqual(skewAfter(-10 * hour, { sentAt: now, readAt: now, serverDate: undefined }), -10 * hour)
  })
})

describe("a refused timestamp", () => {
  it("is off if it is more than a minute from the present or from the date of the answer", () => {
    const exchange = { sentAt: now, readAt: now, serverDate: now }
    assert.isFalse(isOff(now, exchange))
    assert.isFalse(isOff(now - 60_000, exchange))
    assert.isTrue(isOff(now - 60_001, exchange))
    assert.isTrue(isOff(now, { ...exchange, serverDate: now + 60_001 }))
    assert.isFalse(isOff(now, { ...exchange, serverDate: undefined }))
  })
})

describe("an exchange", () => {
  it("is long if it took more than a minute", () => {
    assert.isFalse(isLong({ sentAt: now, readAt: now + 60_000, serverDate: undefined }))
    assert.isTrue(isLong({ sentAt: now, readAt: now + 60_001, serverDate: undefined }))
  })
})

describe("parsing of times", () => {
  it("accepts the formats of the protocols", () => {
    assert.strictEqual(parseInstant("2026-01-02T03:04:05Z"), Date.UTC(2026, 0, 2, 3, 4, 5))
    assert.strictEqual(parseInstant("2026-01-02T03:04:05.678+0530"), Date.UTC(2026, 0, 1, 21, 34, 5, 678))
    for (
      const text of [
        "",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "02 Jan 2026 03:04:05 GMT",
        "2026-01-02T03:04:05.Z",
        "2026-13-02T03:04:05Z",
        "on 2026-01-02T03:04:05Z",
        "+002026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z\u0000",
        "2026-01-02T03:04:05Z (UTC)"
      ]
    ) {
      assert.isUndefined(parseInstant(text), text)
    }
    assert.strictEqual(formatInstant(Date.UTC(2024, 1, 29, 23, 59, 59, 999)), "2024-02-29T23:59:59Z")
  })

  it("accepts HTTP dates", () => {
    assert.strictEqual(parseHttpDate("Fri, 02 Jan 2026 03:04:05 GMT"), Date.UTC(2026, 0, 2, 3, 4, 5))
    assert.strictEqual(parseHttpDate(" Fri, 02 Jan 2026 03:04:05 GMT "), Date.UTC(2026, 0, 2, 3, 4, 5))
    assert.isUndefined(parseHttpDate("Fri, 02 Jan 2026 03:04:05 GMT (UTC)"))
    assert.isUndefined(parseHttpDate("on Fri, 02 Jan 2026 03:04:05 GMT"))
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

  it("accepts Retry-After in seconds or as a date", () => {
    assert.strictEqual(parseRetryAfter("7", 0), 7000)
    assert.strictEqual(parseRetryAfter(" 7 ", 0), 7000)
    assert.strictEqual(parseRetryAfter("Thu, 01 Jan 1970 00:00:09 GMT", 2000), 7000)
    assert.strictEqual(parseRetryAfter("Thu, 01 Jan 1970 00:00:01 GMT", 2000), 0)
    assert.isUndefined(parseRetryAfter(undefined, 0))
    assert.isUndefined(parseRetryAfter("7 s", 0))
    assert.isUndefined(parseRetryAfter("soon", 0))
  })
})

describe("a duration in words", () => {
  it("has whole units, and milliseconds if it has no whole seconds", () => {
    for (
      const [millis, words] of [
        [60_000, "1 minute"],
        [1000, "1 second"],
        [90_000, "1 minute 30 seconds"],
        [7_205_000, "2 hours 5 seconds"],
        [250, "250 ms"],
        [1500, "1500 ms"],
        [0, "0 ms"]
      ] as const
    ) assert.strictEqual(durationWords(millis), words)
  })
})
