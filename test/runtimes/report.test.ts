import { assert, describe, it } from "@effect/vitest"
import { isOk, outcomes, report, type Row } from "../../scripts/runtimes/report.ts"

const line = (program: string, failure?: string) => JSON.stringify({ program, failure })

const rowOf = (found: Row["outcomes"]): Row => ({
  runtime: "Bun",
  version: "1.4.5",
  edition: "Effect 3",
  outcomes: found
})

describe("what the programs printed", () => {
  it("is ok if each worked and the runtime exited with 0", () => {
    const found = outcomes({ code: 0, stdout: `noise\n${line("one")}\n`, stderr: line("two") }, ["one", "two"])
    assert.deepStrictEqual([...found], [["one", undefined], ["two", undefined]])
    assert.isTrue(isOk(rowOf(found)))
  })

  it("has the failure of a program", () => {
    const found = outcomes({ code: 0, stdout: `${line("one", "why")}\n${line("two")}`, stderr: "" }, ["one", "two"])
    assert.deepStrictEqual([...found], [["one", "why"], ["two", undefined]])
    assert.isFalse(isOk(rowOf(found)))
  })

  it("has a failure where a program printed nothing", () => {
    const found = outcomes({ code: 1, stdout: line("one"), stderr: "crashed" }, ["one", "two"])
    assert.deepStrictEqual([...found], [["one", undefined], ["two", "no result, exit code 1: crashed\n" + line("one")]])
  })

  it("has a failure if the runtime did not end, or not well", () => {
    const hung = outcomes({ code: null, stdout: line("one"), stderr: "" }, ["one"])
    assert.deepStrictEqual([...hung.keys()], ["one", "exit"])
    assert.isFalse(isOk(rowOf(hung)))
    assert.isFalse(isOk(rowOf(outcomes({ code: 3, stdout: line("one"), stderr: "" }, ["one"]))))
  })
})

describe("the table", () => {
  it("has a column for each program, and the failures after it", () => {
    const text = report([
      rowOf(new Map([["one", undefined], ["two", "why"]])),
      { ...rowOf(new Map([["one", undefined]])), runtime: "workerd" }
    ])
    assert.deepStrictEqual(text.split("\n").map((line) => line.trim()), [
      "Runtime  Version  Edition   one  two",
      "-------  -------  --------  ---  ------",
      "Bun        1.4.5  Effect 3  ok   FAILED",
      "workerd    1.4.5  Effect 3  ok   -",
      "",
      "Bun, Effect 3, two: why"
    ])
  })
})
