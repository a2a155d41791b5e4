import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const src = fileURLToPath(new URL("./src", import.meta.url))

/** Tests of what the whole process has: its metrics, or its `Error`. Each file has a thread of its own. */
const isolated = [
  "test/provider/refreshCache.failures.test.ts",
  "test/provider/success.test.ts",
  "test/runtime/openTelemetry.test.ts"
]

/** Tests with packages that are installed only for them: `npm run clients`. */
const clients = "test/clients/**"

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-alicloud-credentials$/, replacement: `${src}/index.ts` },
      { find: /^effect-alicloud-credentials\/testing$/, replacement: `${src}/testing/index.ts` },
      { find: /^effect-alicloud-credentials\/(.*)$/, replacement: `${src}/$1.ts` }
    ]
  },
  test: {
    // Loading the modules anew for each file takes longer than most of the files.
    pool: "forks",
    poolOptions: { forks: { isolate: false } },
    maxWorkers: "100%",
    projects: [
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: [...isolated, clients] } },
      { extends: true, test: { name: "isolated", include: isolated, pool: "threads" } }
    ],
    // A limit for tests that hang. No test is about time on the clock of the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // The command runs in processes of its own.
      exclude: ["src/index.ts", "src/testing/index.ts", "src/command/**"],
      experimentalAstAwareRemapping: true
    }
  }
})
