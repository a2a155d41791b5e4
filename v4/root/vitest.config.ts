import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const build = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "")

export default defineConfig({
  root: build,
  resolve: {
    alias: [
      { find: /^effect-alicloud-credentials$/, replacement: `${build}/src/index.ts` },
      { find: /^effect-alicloud-credentials\/testing$/, replacement: `${build}/src/testing/index.ts` },
      { find: /^effect-alicloud-credentials\/(.*)$/, replacement: `${build}/src/$1.ts` }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // A limit for tests that hang. No test is about time on the clock of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
