/**
 * `Profiles` over one large `config.json`.
 *
 * Each run writes a file and gets the credentials of its profiles one after the other. The reads of the file are counted in the file system, and its parses at
 * `JSON.parse`. A parse by itself is beside it. Time is for all profiles. A file with 10,000 profiles has 1.9 MB; of that
 * one, a single profile is used.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import { ConfigProvider, Effect, Layer } from "effect"
import { CredentialProvider, Profiles } from "effect-alicloud-credentials"
import type { Row, Table } from "./report.ts"
import type { Subject } from "./subject.ts"

const profileOf = (index: number) => ({
  name: `client${index}`,
  mode: "AK",
  access_key_id: `LTAI5tExample${String(index).padStart(8, "0")}`,
  access_key_secret: "ExampleSecret0123456789ExampleS",
  region_id: "cn-hangzhou",
  output_format: "json",
  language: "en"
})

const textOf = (count: number): string =>
  JSON.stringify({ current: "client0", profiles: Array.from({ length: count }, (_, index) => profileOf(index)) })

const large = 50_000

/** How often the file was read and parsed. */
class Counts {
  reads = 0
  parses = 0
}

const countParses = (counts: Counts) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const parse = JSON.parse
      JSON.parse = (text, reviver) => {
        if (text.length > large) counts.parses += 1
        return parse(text, reviver)
      }
      return parse
    }),
    (parse) =>
      Effect.sync(() => {
        JSON.parse = parse
      })
  )

const countReads = (counts: Counts, file: string) =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (files) => ({
      ...files,
      readFile: (path) =>
        Effect.suspend(() => {
          if (path === file) counts.reads += 1
          return files.readFile(path)
        })
    } satisfies FileSystem.FileSystem))
  )

const get = (profile: string) => Effect.provide(CredentialProvider.get, Profiles.get(profile))

const run = (count: number, used: number) =>
  Effect.gen(function*() {
    const counts = new Counts()
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    const file = `${folder}/config.json`
    const text = textOf(count)
    yield* files.writeFileString(file, text)
    const start = performance.now()
    JSON.parse(text)
    const parse = performance.now() - start
    yield* countParses(counts)
    const layer = Profiles.layer({ configFile: file, credentialsFile: `${folder}/none` }).pipe(
      Layer.provideMerge(countReads(counts, file))
    )
    const all = Effect.gen(function*() {
      const start = performance.now()
      const exits = yield* Effect.forEach(
        Array.from({ length: used }, (_, index) => `client${count - used + index}`),
        (name) => Effect.exit(get(name))
      )
      return { millis: performance.now() - start, answered: exits.filter(({ _tag }) => _tag === "Success").length }
    })
    const { answered, millis } = yield* Effect.provide(all, layer)
    return [answered, text.length / 1e6, millis, parse, counts.reads, counts.parses]
  }).pipe(Effect.scoped)

const row = (name: string, count: number, used: number, target: Row["target"]) =>
  Effect.map(run(count, used), (values): Row => ({ name, values, target }))

const table = Effect.gen(function*() {
  yield* run(100, 100) // warms up
  const parses = { column: "parses", most: 1 }
  const rows = [
    yield* row("1,000 profiles, all used", 1000, 1000, parses),
    yield* row("10,000 profiles, one used", 10_000, 1, undefined)
  ]
  return {
    title: "Profiles over one config.json",
    rowsAre: "file",
    columns: ["answered", "MB", "ms", "ms of one parse", "reads", "parses"],
    rows
  } satisfies Table
}).pipe(
  Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layerUndici)),
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HOME", "/nonexistent"]])))
)

export const subject: Subject = { run: async () => [await Effect.runPromise(table)] }
