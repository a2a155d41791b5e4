import { assert, describe, it } from "@effect/vitest"
import * as connections from "../../../src/internal/server/connections.ts"

const made = () => {
  let listener = () => {}
  const connection = {
    isOpen: true,
    destroy: () => {
      connection.isOpen = false
      listener()
    },
    once: (_: "close", then: () => void) => void (listener = then)
  }
  return connection
}

describe("connections", () => {
  it("of too many without a request, the oldest ends", () => {
    const open = connections.make(1)
    const [asking, waiting, newer, newest] = [made(), made(), made(), made()]
    open.opened(asking)
    open.asked(asking)
    open.opened(waiting)
    open.opened(newer)
    assert.deepStrictEqual([asking, waiting, newer].map(({ isOpen }) => isOpen), [true, false, true])
    open.asked(newer)
    open.opened(newest)
    assert.deepStrictEqual([asking, newer, newest].map(({ isOpen }) => isOpen), [true, true, true])
  })

  it("drain when the last request is answered", () => {
    const open = connections.make(9)
    const [asking, waiting] = [made(), made()]
    for (const connection of [asking, waiting]) open.opened(connection)
    open.asked(asking)
    let calls = 0
    open.drain(() => void calls++)
    assert.deepStrictEqual([asking.isOpen, waiting.isOpen, calls], [true, false, 0])
    asking.destroy()
    assert.strictEqual(calls, 1)
  })

  it("end at once without requests, and all of them if told so", () => {
    const open = connections.make(9)
    let calls = 0
    open.drain(() => void calls++)
    assert.strictEqual(calls, 1)
    const later = made()
    open.opened(later)
    open.asked(later)
    open.destroy()
    assert.isFalse(later.isOpen)
  })
})
