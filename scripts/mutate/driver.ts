import { test } from "vitest"

// The runner tries the mutants in place of this test, after it saw all others.
test("mutants", () => {})
