import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as lockFile from "../../../src/internal/files/lockFile.ts"

describe("a lock file", () => {
  it.scopedLive("can be read and written by its owner alone", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/config.json.lock`
      yield* lockFile.acquire(files, path)
      const { mode } = yield* files.stat(path)
      assert.strictEqual((mode & 0o777).toString(8), "600")
    }).pipe(Effect.provide(NodeContext.layer)))
})
