import { assert, describe, it } from "@effect/vitest"
import * as Pause from "../../../src/internal/provider/pause.ts"
import { handClock } from "../../support/handClock.ts"

const machine = () => {
  const { clock, now, pass, set } = handClock()
  return { clock, pass, set, isOver: (pause: Pause.Pause) => Pause.isOver(clock, pause, now()) }
}

describe("a pause", () => {
  it("is over after its time", () => {
    const { clock, isOver, pass } = machine()
    const pause = Pause.start(clock, 1000)
    pass(999)
    assert.isFalse(isOver(pause))
    pass(1)
    assert.isTrue(isOver(pause))
  })

  it("lasts as long when the clock is set back", () => {
    const { clock, isOver, pass, set } = machine()
    const pause = Pause.start(clock, 1000)
    set(-3_600_000)
    assert.isFalse(isOver(pause))
    pass(999)
    assert.isFalse(isOver(pause))
    pass(1)
    assert.isTrue(isOver(pause))
  })

  it("lasts no longer when the clock is set back by a part of it", () => {
    const { clock, isOver, pass, set } = machine()
    const pause = Pause.start(clock, 1000)
    pass(800)
    set(-700)
    pass(199)
    assert.isFalse(isOver(pause))
    pass(1)
    assert.isTrue(isOver(pause))
  })

  it("is over after a machine slept for its time", () => {
    const { clock, isOver, set } = machine()
    const pause = Pause.start(clock, 1000)
    set(1000)
    assert.isTrue(isOver(pause))
  })

  it("may be without an end", () => {
    const { clock, isOver, pass } = machine()
    const pause = Pause.start(clock, Infinity)
    pass(1_000_000_000)
    assert.isFalse(isOver(pause))
  })
})
