/** The registry on loopback, in front of another one on loopback. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Packument } from "../../scripts/install/packument.ts"
import { type Packed, serve } from "../../scripts/install/registry.ts"

const date = "2026-06-01T00:00:00Z"

const packed: ReadonlyArray<Packed> = [["effect3", "3.1.0"], ["latest", "4.1.0"]].map(([tag = "", version = ""]) => ({
  tag,
  manifest: { name: "mine", version, exports: {}, peerDependencies: { effect: "^3.0.0" }, publishConfig: { tag } },
  tarball: Buffer.from(`tarball of ${version}`)
}))

/** A registry with one package of another scope, and the paths that it was asked for. */
const upstream = Effect.acquireRelease(
  Effect.async<{ readonly address: string; readonly paths: Array<string>; readonly close: () => void }>((resume) => {
    const paths: Array<string> = []
    const server = createServer((request, response) => {
      const path = request.url ?? ""
      paths.push(path)
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const version = (version: string) => ({ version, dist: { tarball: `${address}/files/${version}` } })
      if (path.startsWith("/files/")) return response.end(`file ${path}`)
      if (path !== "/@other%2fthing") return response.writeHead(404).end("{}")
      return response.end(JSON.stringify({
        name: "@other/thing",
        "dist-tags": { latest: "2.0.0" },
        versions: { "1.0.0": version("1.0.0"), "2.0.0": version("2.0.0") },
        time: { "1.0.0": "2026-05-01T00:00:00Z", "2.0.0": "2026-07-01T00:00:00Z" }
      }))
    })
    server.listen(0, "127.0.0.1", () => {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      resume(Effect.succeed({ address, paths, close: () => void server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const start = (date: string | undefined) =>
  Effect.gen(function*() {
    const other = yield* upstream
    const { address } = yield* serve({ upstream: other.address, date, packed })
    const ask = (path: string) =>
      Effect.promise(async () => {
        const response = await fetch(path.startsWith("http") ? path : `${address}${path}`)
        return { status: response.status, text: await response.text() }
      })
    const document = (path: string) => Effect.map(ask(path), ({ text }) => JSON.parse(text) as Packument)
    return { ask, document, paths: other.paths }
  })

describe("the registry", () => {
  it.scoped("has both editions of this package, with their tags, and asks nobody for them", () =>
    Effect.gen(function*() {
      const { ask, document, paths } = yield* start(date)
      const mine = yield* document("/mine")
      assert.deepEqual(mine["dist-tags"], { effect3: "3.1.0", latest: "4.1.0" })
      const tarball = mine.versions["4.1.0"]?.dist.tarball ?? ""
      assert.strictEqual((yield* ask(tarball)).text, "tarball of 4.1.0")
      assert.deepStrictEqual(paths, [])
    }))

  it.scoped("passes on other packages as they were at the date, and asks once", () =>
    Effect.gen(function*() {
      const { ask, document, paths } = yield* start(date)
      const other = yield* document("/@other%2fthing")
      assert.deepEqual(other["dist-tags"], { latest: "1.0.0" })
      assert.deepStrictEqual(Object.keys(other.versions), ["1.0.0"])
      const tarball = other.versions["1.0.0"]?.dist.tarball ?? ""
      assert.strictEqual((yield* ask(tarball)).text, "file /files/1.0.0")
      yield* ask(tarball)
      yield* document("/@other%2fthing")
      assert.deepStrictEqual(paths, ["/@other%2fthing", "/files/1.0.0"])
    }))

  it.scoped("passes on all versions without a date", () =>
    Effect.gen(function*() {
      const { document } = yield* start(undefined)
      const other = yield* document("/@other%2fthing")
      assert.deepEqual(other["dist-tags"], { latest: "2.0.0" })
    }))

  it.scoped("passes on that a package does not exist, and knows no other paths", () =>
    Effect.gen(function*() {
      const { ask, paths } = yield* start(date)
      assert.strictEqual((yield* ask("/nothing")).status, 404)
      assert.strictEqual((yield* ask("/-/v1/search")).status, 404)
      assert.deepStrictEqual(paths, ["/nothing"])
    }))
})
