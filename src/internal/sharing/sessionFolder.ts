/**
 * Texts with leases in a folder: a file for each name, which has both. It is read without the lock, since it is replaced
 * atomically.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { isAbsent, kindOf, maxBytes, textOf } from "../files/textFile.ts"
import * as writeBack from "../files/writeBack.ts"
import { hashing } from "../wire/hash.ts"
import { decodeJson } from "../wire/json.ts"
import type { StoreProblem } from "./storeProblem.ts"

const Lease = Schema.Struct({ owner: Schema.String, since: Schema.Number, millis: Schema.Number })

const Content = Schema.Struct({
  lease: Schema.optionalWith(Lease, { exact: true }),
  text: Schema.optionalWith(Schema.String, { exact: true })
})

type Content = typeof Content.Type

const decode = decodeJson(Content)

/** A file that is empty or damaged has nothing in it, and is replaced by the next change. */
const parse = (text: string): Content => {
  const content = decode("", text)
  return content._tag === "Right" ? content.right : {}
}

const isWhole = (text: string): boolean => decode("", text)._tag === "Right"

/**
 * Whether the lease is still valid. A clock that was set back by more than the duration of the lease ends it, or it
 * would last until the clock is there again.
 */
const ownerAt = ({ lease }: Content, now: number): string | undefined =>
  lease !== undefined && Math.abs(now - lease.since) < lease.millis ? lease.owner : undefined

interface Change<A> {
  readonly result: A
  /** Undefined if the file stays as it is. */
  readonly content?: Content
}

/** @internal */
export const make = (files: FileSystem.FileSystem, path: Path.Path, given: string) => {
  const problem = problemOf(given)
  const folder = problem === undefined ? path.resolve(given) : ""
  const fileOf = (name: string): string => path.join(folder, `${hashing().sha256(name)}.json`)

  const failed = (error: PlatformError): StoreProblem => ({
    reason: `${folder}: ${kindOf(error)}`,
    hint: "set folder to one that this user can create and write"
  })

  let user: Option.Option<number> | undefined

  /** The user of this process, as the owner of a file that it creates. */
  const findUser: Effect.Effect<Option.Option<number>, StoreProblem> = Effect.suspend(() => {
    if (user !== undefined) return Effect.succeed(user)
    const probe = path.join(folder, `.${crypto.randomUUID()}.owner`)
    return Effect.scoped(Effect.flatMap(files.open(probe, { flag: "wx", mode: 0o600 }), (file) => file.stat)).pipe(
      Effect.ensuring(Effect.ignore(files.remove(probe))),
      Effect.map(({ uid }) => user = uid),
      Effect.mapError(failed)
    )
  })

  const checkInfo = (info: FileSystem.File.Info): Effect.Effect<void, StoreProblem> => {
    if (info.type !== "Directory") {
      return Effect.fail({ reason: `${folder} is not a folder`, hint: "set folder to another path" })
    }
    // Windows has no such modes.
    if (path.sep !== "\\" && (info.mode & othersMayWrite) !== 0) {
      return Effect.fail({ reason: `others can write the folder ${folder}`, hint: `run chmod 700 ${folder}` })
    }
    return Effect.flatMap(
      findUser,
      (user) =>
        Option.getOrUndefined(user) === Option.getOrUndefined(info.uid) ? Effect.void : Effect.fail({
          reason: `the folder ${folder} belongs to another user`,
          hint: "set folder to a folder of the user that runs this program"
        })
    )
  }

  /** False if there is no folder. */
  const check: Effect.Effect<boolean, StoreProblem> = Effect.suspend(() =>
    problem === undefined ? Effect.option(files.readLink(folder)) : Effect.fail(problem)
  ).pipe(
    Effect.filterOrFail(Option.isNone, () => ({
      reason: `${folder} is a symbolic link`,
      hint: "set folder to the folder that it links to"
    })),
    Effect.zipRight(Effect.matchEffect(files.stat(folder), {
      onFailure: (error) => isAbsent(error) ? Effect.succeed(false) : Effect.fail(failed(error)),
      onSuccess: (info) => Effect.as(checkInfo(info), true)
    }))
  )

  const create = Effect.mapError(files.makeDirectory(folder, { recursive: true, mode: 0o700 }), failed)

  const removeIfUnused = (name: string, now: number) => {
    const file = path.join(folder, name)
    return Effect.flatMap(
      files.stat(file),
      ({ mtime }) =>
        Option.exists(mtime, (time) => now - time.getTime() > unusedAfter) ? files.remove(file) : Effect.void
    )
  }

  /** Sessions of settings that nobody has any more. */
  const removeUnused = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const names = yield* files.readDirectory(folder)
    yield* Effect.forEach(
      names.filter((name) => ours.test(name)),
      (name) => Effect.ignore(removeIfUnused(name, now)),
      { discard: true }
    )
  }).pipe(Effect.ignore)

  const createFile = (file: string) =>
    Effect.scoped(files.open(file, { flag: "wx", mode: 0o600 })).pipe(
      Effect.zipRight(removeUnused),
      Effect.catchAll((error) =>
        error._tag === "SystemError" && error.reason === "AlreadyExists" ? Effect.void : Effect.fail(failed(error))
      )
    )

  /**
   * Whether only this user can have written and read the file. Others may have put something else there while they could
   * write the folder: a link to another file of this user, a file that they still have open, a pipe.
   */
  const isPrivate = (file: string): Effect.Effect<boolean, PlatformError> =>
    Effect.zipWith(
      Effect.option(files.readLink(file)),
      files.stat(file),
      (link, { mode, nlink, size, type, uid }) =>
        Option.isNone(link) && type === "File" && size <= maxBytes &&
        Option.getOrElse(nlink, () => 1) <= 1 &&
        Option.getOrUndefined(uid) === Option.getOrUndefined(user ?? uid) &&
        // Windows has no such modes.
        (path.sep === "\\" || (mode & ofOthers) === 0)
    )

  const ensureFile = (file: string) =>
    Effect.gen(function*() {
      yield* createFile(file)
      // A link to nothing cannot be followed.
      if (yield* Effect.orElseSucceed(isPrivate(file), () => false)) return
      yield* Effect.catchIf(files.remove(file), isAbsent, () => Effect.void)
      yield* createFile(file)
      if (yield* isPrivate(file)) return
      return yield* Effect.fail({
        reason: `${file} cannot be kept from other users`,
        hint: "set folder to a file system that has owners and modes"
      })
    }).pipe(Effect.mapError((error) => "_tag" in error ? failed(error) : error))

  const read = (file: string) =>
    Effect.if(isPrivate(file), {
      onTrue: () => Effect.map(textOf(files, file), parse),
      onFalse: () => Effect.succeed<Content>({})
    })

  const update = <A>(
    name: string,
    change: (content: Content, now: number) => Change<A>
  ): Effect.Effect<A, StoreProblem> => {
    const file = fileOf(name)
    return Effect.gen(function*() {
      if (!(yield* check)) yield* Effect.zipRight(create, check)
      yield* ensureFile(file)
      return yield* writeBack.exclusively({ files, path, file, isWhole }, (held) =>
        Effect.gen(function*() {
          const before = yield* Effect.mapError(textOf(files, file), failed)
          const { content, result } = change(parse(before), yield* Clock.currentTimeMillis)
          if (content === undefined) return result
          const stamp = yield* held.replace(JSON.stringify(content), before)
          return Option.isSome(stamp) ? result : yield* Effect.fail({
            reason: `${file}: another program changed it`
          })
        }))
    }).pipe(Effect.mapError(({ reason, ...rest }) => ({ reason, hint: "hint" in rest ? rest.hint : undefined })))
  }

  return {
    read: (name: string) =>
      Effect.flatMap(check, (isThere) =>
        isThere
          ? Effect.matchEffect(read(fileOf(name)), {
            onFailure: (error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(failed(error)),
            onSuccess: ({ text }) => Effect.succeed(Option.fromNullable(text))
          })
          : Effect.succeedNone),
    write: (name: string, text: string, owner: string) =>
      update(name, (content, now): Change<boolean> =>
        ownerAt(content, now) === owner
          ? { result: true, content: { ...content, text } }
          : { result: false }),
    acquire: (name: string, owner: string, millis: number) =>
      update(name, (content, now): Change<boolean> =>
        [undefined, owner].includes(ownerAt(content, now))
          ? { result: true, content: { ...content, lease: { owner, since: now, millis } } }
          : { result: false }),
    release: (name: string, owner: string) =>
      update(
        name,
        ({ lease, ...rest }): Change<void> =>
          lease?.owner === owner ? { result: undefined, content: rest } : { result: undefined }
      )
  }
}

/** A path that was surely meant in another way. Files in the working directory would be a surprise. */
const problemOf = (given: unknown): StoreProblem | undefined => {
  if (typeof given !== "string" || given.trim() === "") return { reason: "folder is empty", hint: "set it to a path" }
  return /^~|\$\{?\w/.test(given)
    ? {
      reason: `folder is ${given}, but variables and ~ are not expanded`,
      hint: "read the variable with Config, and put the path together"
    }
    : undefined
}

const othersMayWrite = 0o022

const ofOthers = 0o077

// No session lasts that long, so its file would have been replaced meanwhile.
const unusedAfter = 2 * 24 * 3_600_000

/** Also the locks and the other files of processes that died. */
const ours = /^(?:\.?[\da-f]{64}\.json(?:\.|$)|\.[\da-f-]{36}\.owner$)/
