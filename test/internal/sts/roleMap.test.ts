import { assert, describe, it } from "@effect/vitest"
import { Duration, FastCheck } from "effect"
import type { Role } from "../../../src/internal/sts/role.ts"
import { fieldsOf, make } from "../../../src/internal/sts/roleMap.ts"

const fields = ["roleArn", "roleSessionName", "policy", "externalId", "duration"] as const

// Few values, so that many roles differ in one field only, and lone halves of surrogate pairs.
const text = FastCheck.oneof(FastCheck.constantFrom("", "a", "b", "ab", "\ud800", "\udc00"), FastCheck.string())

const optional = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })

const anyRole: FastCheck.Arbitrary<Role> = FastCheck.record({
  roleArn: text,
  roleSessionName: optional(text),
  policy: optional(text),
  externalId: optional(text),
  duration: optional(FastCheck.oneof(FastCheck.constantFrom(0, 1, 900_000), FastCheck.nat()))
})

/** What a map of roles has to be like, in the simplest way. */
const model = () => {
  const values = new Map<string, number>()
  const textOf = (role: Role) =>
    JSON.stringify(fields.map((field) => role[field] ?? (field === "duration" ? null : "")))
  return {
    get: (role: Role) => values.get(textOf(role)),
    set: (role: Role, value: number) => void values.set(textOf(role), value),
    delete: (role: Role) => void values.delete(textOf(role))
  }
}

describe("a map of roles", () => {
  it("takes two roles for the same only if all their fields are", () => {
    FastCheck.assert(
      FastCheck.property(anyRole, anyRole, FastCheck.subarray([...fields]), (one, other, same) => {
        // Otherwise two random roles would hardly ever be alike.
        const mixed = { ...other, ...Object.fromEntries(same.map((field) => [field, one[field]])) }
        const isSame = fields.every((field) => (one[field] ?? "") === (mixed[field] ?? ""))
        const map = make<string>()
        map.set(fieldsOf(one), "one")
        assert.strictEqual(map.get(mixed), isSame ? "one" : undefined)
        map.set(fieldsOf(mixed), "mixed")
        assert.strictEqual(map.get(one), isSame ? "mixed" : "one")
        assert.strictEqual(map.get({ ...mixed }), "mixed")
      }),
      { numRuns: 2000 }
    )
  })

  it("has the value that was last set, whatever was set and deleted before", () => {
    const step = FastCheck.tuple(FastCheck.constantFrom("set", "delete"), FastCheck.nat(19))
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(anyRole, { minLength: 20, maxLength: 20 }),
        FastCheck.array(step, { maxLength: 100 }),
        (roles, steps) => {
          const map = make<number>()
          const expected = model()
          steps.forEach(([kind, at], value) => {
            const role = fieldsOf(roles[at]!)
            for (const one of [map, expected]) {
              if (kind === "set") one.set(role, value)
              else one.delete(role)
            }
            for (const role of roles) assert.strictEqual(map.get(role), expected.get(role))
          })
        }
      ),
      { numRuns: 300 }
    )
  })

  it("takes the same time in another form for the same duration, and a missing one for none of them", () => {
    const map = make<string>()
    const role = { roleArn: "a" }
    map.set(fieldsOf({ ...role, duration: [900, 0] }), "900 seconds")
    for (const duration of ["15 minutes", 900_000, 900_000_000_000n, Duration.minutes(15), [900, 0]] as const) {
      assert.strictEqual(map.get({ ...role, duration }), "900 seconds")
    }
    assert.isUndefined(map.get(role))
    assert.isUndefined(map.get({ ...role, duration: "16 minutes" }))
  })

  it("keeps the role as it was", () => {
    const map = make<string>()
    const duration: [number, number] = [900, 0]
    const role = { roleArn: "a", duration }
    map.set(fieldsOf(role), "900 seconds")
    duration[0] = 1000
    assert.isUndefined(map.get(role))
  })

  it("takes no policy that is not a text for a missing one", () => {
    for (const policy of [[], [""], {}, 0, false, () => ""]) {
      const role = { roleArn: "a", policy } as unknown as Role
      const map = make<string>()
      map.set({ roleArn: "a", policy: "" }, "without a policy")
      assert.isUndefined(map.get(role))
      assert.isUndefined(map.get(fieldsOf(role)))
    }
  })
})
