import { assert, describe, it } from "@effect/vitest"
import * as Pause from "../../../src/internal/provider/pause.ts"
import * as metadataToken from "../../../src/internal/server/metadataToken.ts"
import * as secret from "../../../src/internal/server/secret.ts"
import * as tokenBucket from "../../../src/internal/server/tokenBucket.ts"
import { handClock } from "../../support/handClock.ts"

describe("a limit of requests", () => {
  const rate = { burst: 2, perSecond: 4 }
  const take = (left: number, at: number, now: number) => tokenBucket.take(rate, { left, at }, now)

  it("fills with time, up to its size", () => {
    assert.deepStrictEqual(tokenBucket.full(rate, 5), { left: 2, at: 5 })
    assert.deepStrictEqual(take(2, 0, 0), { wait: 0, bucket: { left: 1, at: 0 } })
    assert.deepStrictEqual(take(0, 0, 125), { wait: 125, bucket: { left: 0.5, at: 125 } })
    assert.deepStrictEqual(take(0, 0, 250), { wait: 0, bucket: { left: 0, at: 250 } })
    assert.deepStrictEqual(take(0, 0, 1e9), { wait: 0, bucket: { left: 1, at: 1e9 } })
  })

  it("is not filled by a clock that is set back, and goes on with it", () => {
    assert.deepStrictEqual(take(0, 1e9, 5), { wait: 250, bucket: { left: 0, at: 5 } })
    assert.deepStrictEqual(take(0, 5, 255).wait, 0)
  })
})

describe("tokens of the metadata service", () => {
  it("are good until they expire, and only as they were made", () => {
    const { clock, pass } = handClock()
    const life = Pause.start(clock, 1000)
    const token = metadataToken.issue("key", life, "nonce")
    assert.isFalse(metadataToken.isValid("other", token, clock))
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === "0" ? "1" : "0") + token.slice(at + 1)
      assert.isFalse(metadataToken.isValid("key", changed, clock), changed)
    }
    assert.notStrictEqual(metadataToken.issue("key", life, "other"), token)
    pass(999)
    assert.isTrue(metadataToken.isValid("key", token, clock))
    pass(1)
    assert.isFalse(metadataToken.isValid("key", token, clock))
  })

  it("expire also if the clock is set back, and early if it is set forward", () => {
    const { clock, pass, set } = handClock()
    const token = metadataToken.issue("key", Pause.start(clock, 1000), "nonce")
    set(1000)
    assert.isFalse(metadataToken.isValid("key", token, clock))
    set(-500_000)
    assert.isTrue(metadataToken.isValid("key", token, clock))
    pass(1000)
    assert.isFalse(metadataToken.isValid("key", token, clock))
  })
})

describe("secrets", () => {
  it("have 256 random bits, and are the same only if they are equal", () => {
    const [one, other] = [secret.random(), secret.random()]
    assert.match(one, /^[\w-]{43}$/)
    assert.isTrue(secret.isSame(one, String(one)))
    for (const wrong of [other, "", `${one}A`, one.slice(1)]) assert.isFalse(secret.isSame(one, wrong))
  })
})
