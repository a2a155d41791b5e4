import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const build = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "")

/** Tests of what the whole process has: its metrics, or its `Error`. Each file has a thread of its own. */
const isolated = [
  "test/provider/refreshCache.failures.test.ts",
  "test/provider/success.test.ts",
  "test/runtime/openTelemetry.test.ts"
]

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
    // Tests of Effect 4 have the default logger, which prints.
    silent: "passed-only",
    // Loading the modules anew for each file takes longer than most of the files.
    pool: "forks",
    maxWorkers: "100%",
    projects: [
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: isolated, isolate: false } },
      { extends: true, test: { name: "isolated", include: isolated } }
    ],
    // A limit for tests that hang. No test is about time on the clock of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
