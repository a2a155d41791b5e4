import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const src = fileURLToPath(new URL("./src", import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-alicloud-credentials$/, replacement: `${src}/index.ts` },
      { find: /^effect-alicloud-credentials\/testing$/, replacement: `${src}/testing/index.ts` },
      { find: /^effect-alicloud-credentials\/(.*)$/, replacement: `${src}/$1.ts` }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // A limit for tests that hang. No test is about time on the clock of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/index.ts", "src/testing/index.ts"],
      experimentalAstAwareRemapping: true
    }
  }
})
