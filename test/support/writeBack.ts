/**
 * A file of the real file system in a folder of its own.
 */
import { FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect } from "effect"
import * as writeBack from "../../src/internal/files/writeBack.ts"
import { type CountedFiles, countFiles } from "./countedFiles.ts"
import { watchSleeps } from "./sleeps.ts"

export const text = "{\"old\": true}"

export interface Here {
  readonly file: string
  readonly folder: string
  readonly files: FileSystem.FileSystem
  readonly place: writeBack.Place
  readonly counted: CountedFiles
}

export const here = <A, E, R>(use: (here: Here) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    yield* watchSleeps
    const counted = countFiles(yield* FileSystem.FileSystem)
    const { files } = counted
    const path = yield* Path.Path
    const folder = yield* files.makeTempDirectoryScoped()
    const file = `${folder}/config.json`
    yield* files.writeFileString(file, text, { mode: 0o600 })
    return yield* use({ counted, file, folder, files, place: { file, files, path, isWhole: () => true } })
  })).pipe(Effect.provide(NodeContext.layer))

export const replaceBy = (place: writeBack.Place, next: string) =>
  writeBack.exclusively(place, ({ replace }) => replace(next))

export const modeOf = ({ files }: Here, file: string) => Effect.map(files.stat(file), ({ mode }) => mode & 0o777)
