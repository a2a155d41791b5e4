/**
 * A text file of the user that describes credentials: where it is, what it says, and changes to it. It is located and
 * read here alone.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import {
  type CredentialError,
  CredentialsMisconfigured,
  CredentialsNotConfigured,
  CredentialsUnavailable
} from "../../CredentialError.ts"
import type { LockFailure } from "../files/lockFile.ts"
import * as textFile from "../files/textFile.ts"
import * as writeBack from "../files/writeBack.ts"
import { toEffect } from "../wire/result.ts"
import * as SharedFile from "./sharedFile.ts"

/** What is wrong with a text, and where in it: never with a value of the file. @internal */
export interface Issue {
  /** The line of what `at` names. */
  readonly line?: number | undefined
  readonly at?: string | undefined
  readonly reason: string
  /** How to fix it. */
  readonly hint?: string | undefined
}

/** The file as it was at one time. @internal */
export interface Version<Content> {
  readonly path: string
  /** The same as long as nothing writes to the file. */
  readonly stamp: string
  readonly text: string
  readonly content: Content
}

/** @internal */
export interface Options<Content> {
  /** The provider that errors name. */
  readonly provider: string
  /** The first of them that exists counts. */
  readonly paths: Arr.NonEmptyReadonlyArray<string>
  /** Whether an option or a variable names the file, so that its absence is a mistake. */
  readonly named: boolean
  /** The variable that names it, if one does. */
  readonly variable?: string | undefined
  /** How to get the file. */
  readonly hint: string
  /** Where people put the file by mistake. */
  readonly neighbors?: ReadonlyArray<string> | undefined
  readonly parse: (text: string, path: string) => Either.Either<Content, Issue>
  /** Whether the text may be the first half of one that is being written. */
  readonly isCutShort: (text: string) => boolean
  /** What the documents of one file share, made with the same `parse`. */
  readonly shared?: Shared<Content> | undefined
}

/** @internal */
export type Shared<Content> = SharedFile.SharedFile<Either.Either<Content, Issue>>

/** @internal */
export interface Document<Content> {
  /** The file as it is now. */
  readonly read: Effect.Effect<Version<Content>, CredentialError>
  /** Like `read`, but also for a file system that hides a change. */
  readonly reread: Effect.Effect<Version<Content>, CredentialError>
  /** The version that was read or written last. */
  readonly last: () => Version<Content> | undefined
  /** The version that this document's own changes have made of another. */
  readonly newest: (version: Version<Content>) => Version<Content>
  /** Changes the text under the lock, which other processes wait for, and gives the version that results. */
  readonly update: (edit: Edit<Content>) => Effect.Effect<Version<Content>, CredentialError>
  /**
   * Replaces the file with its own content, and reserves space for more, so that the next `update` is known to work. Used
   * inside `exclusively`.
   */
  readonly prepare: Effect.Effect<void, CredentialError>
  /** Holds the lock meanwhile. The updates in `use` are made under that lock; those of other fibers wait for it. */
  readonly exclusively: <A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>
}

/** The new text, made of the file as it is under the lock. @internal */
export type Edit<Content> = (version: Version<Content>) => Either.Either<string, CredentialError>

/** An issue as an error that names the file. @internal */
export const misconfigured = (provider: string, path: string, issue: Issue): CredentialsMisconfigured =>
  new CredentialsMisconfigured({ provider, at: placeOf(path, issue), reason: issue.reason, hint: issue.hint })

/** Where in a file: `FILE:12: profile "p"`. @internal */
export const placeOf = (path: string, { at, line }: Pick<Issue, "at" | "line">): string =>
  `${path}${line === undefined ? "" : `:${line}`}${at === undefined ? "" : `: ${at}`}`

/** @internal */
export const make = <Content>(
  options: Options<Content>
): Effect.Effect<Document<Content>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const reader = makeReader(files, options)
    const history = makeHistory<Content>()
    const locked = makeLocked({ files, path, options, locate: reader.locate })
    const write = makeWrite(options, reader, history)
    return {
      read: reader.read,
      reread: reader.reread,
      last: reader.last,
      newest: history.newest,
      update: (edit) =>
        locked(write(edit, (lock, text, before) =>
          text === before.text ? Effect.succeedSome(before.stamp) : lock.replace(text, before.text))),
      prepare: Effect.asVoid(locked(write(unlessTooLong(options.provider), (lock, text) =>
        lock.prepare(text)))),
      exclusively: (use) => locked(() => use)
    }
  })

/** A file that is too long to be read again must not grow. */
const unlessTooLong =
  (provider: string) => <Content>({ path, text }: Version<Content>): Either.Either<string, CredentialError> =>
    textFile.bytesOf(text) + writeBack.slack > textFile.maxBytes
      ? Either.left(misconfigured(provider, path, {
        reason: `so close to ${textFile.maxMiB} MiB that no login can be stored in it`
      }))
      : Either.right(text)

interface Reader<Content> extends Pick<Document<Content>, "read" | "reread" | "last"> {
  readonly locate: Effect.Effect<SharedFile.Place, CredentialError>
  /** The version that this document has written. */
  readonly wrote: (place: SharedFile.Place, text: string) => Either.Either<Version<Content>, CredentialError>
}

const makeReader = <Content>(files: FileSystem.FileSystem, options: Options<Content>): Reader<Content> => {
  const { isCutShort, parse, provider, shared = SharedFile.make(parse) } = options
  const source: SharedFile.Source<CredentialError> = {
    locate: locateFirst(files, options),
    textOf: (path) => textFile.readWhole(files, provider, path, isCutShort)
  }
  let last: Version<Content> | undefined = undefined
  const versionOf = (
    { parsed, path, stamp, text }: SharedFile.Reading<Either.Either<Content, Issue>>
  ): Either.Either<Version<Content>, CredentialError> =>
    Either.mapBoth(parsed, {
      onLeft: (issue) => misconfigured(provider, path, issue),
      onRight: (content) => last = { path, stamp, text, content }
    })
  return {
    locate: source.locate,
    read: Effect.flatMap(shared.read(source), (reading) => toEffect(versionOf(reading))),
    reread: Effect.flatMap(shared.reread(source), (reading) => toEffect(versionOf(reading))),
    wrote: (place, text) => versionOf(shared.wrote(place, text)),
    last: () => last
  }
}

// A reader looks its version up at least once a minute, and logins are renewed far less often.
const mostOwn = 8

interface History<Content> extends Pick<Document<Content>, "newest"> {
  readonly add: (before: Version<Content>, after: Version<Content>) => void
}

/** The versions that the changes of this document have made. */
const makeHistory = <Content>(): History<Content> => {
  const own = new Map<string, Version<Content>>()
  const newest = (version: Version<Content>): Version<Content> => {
    const next = own.get(version.stamp)
    return next === undefined ? version : next.stamp === version.stamp ? next : newest(next)
  }
  return {
    newest,
    add: (before, after) => {
      // A stamp may come back, which must not close a circle.
      own.delete(after.stamp)
      own.set(before.stamp, after)
      const [oldest] = own.keys()
      if (own.size > mostOwn && oldest !== undefined) own.delete(oldest)
    }
  }
}

type Locked<A> = (lock: writeBack.Held) => Effect.Effect<A, CredentialError>

/** Writes the text that `edit` makes of the file, and starts again if another program changed the file meanwhile. */
const makeWrite =
  <Content>({ paths, provider }: Options<Content>, { read, wrote }: Reader<Content>, history: History<Content>) =>
  (
    edit: Edit<Content>,
    put: (lock: writeBack.Held, text: string, before: Version<Content>) => writeBack.Result
  ): Locked<Version<Content>> =>
  (lock) => {
    const attempt = Effect.gen(function*() {
      const before = yield* read
      const text = yield* toEffect(edit(before))
      const stamp = yield* Effect.mapError(put(lock, text, before), (error) => notWritten(provider, error))
      if (Option.isNone(stamp)) return undefined
      const after = yield* toEffect(wrote({ path: before.path, stamp: stamp.value, isProof: false }, text))
      history.add(before, after)
      return after
    })
    return Effect.filterOrFail(attempt, (after) => after !== undefined, () => undefined).pipe(
      Effect.retry({ times: 3, while: (error) => error === undefined }),
      Effect.mapError((error) =>
        error ??
          new CredentialsUnavailable({ provider, reason: `${paths.join(", ")}: other programs keep changing the file` })
      )
    )
  }

/** The lock of a fiber, and of the fibers that it starts. */
interface Holding {
  readonly lock: writeBack.Held
  isOver: boolean
}

/** The locks that a fiber holds, by document: fibers that hold none wait, as other processes do. */
class HeldLocks extends Context.Reference<HeldLocks>()<
  "effect-alicloud-credentials/HeldLocks",
  ReadonlyMap<unknown, Holding>
>("effect-alicloud-credentials/HeldLocks", { defaultValue: () => new Map() }) {}

interface LockOptions<Content> {
  readonly files: FileSystem.FileSystem
  readonly path: Path.Path
  readonly options: Options<Content>
  readonly locate: Effect.Effect<SharedFile.Place, CredentialError>
}

/** Runs an effect with the lock that the fiber holds, or acquires it. */
const makeLocked = <Content>({ files, locate, options, path }: LockOptions<Content>) => {
  const hold = (lock: writeBack.Held) =>
    Effect.acquireRelease(
      Effect.sync((): Holding => ({ lock, isOver: false })),
      // A fiber that `use` starts may run longer.
      (holding) =>
        Effect.sync(() => {
          holding.isOver = true
        })
    )

  const acquired = <A>(use: Locked<A>, locks: ReadonlyMap<unknown, Holding>): Effect.Effect<A, CredentialError> =>
    Effect.flatMap(
      locate,
      ({ path: file }) =>
        writeBack.exclusively(
          { files, path, file, isWhole: (text) => Either.isRight(options.parse(text, file)) },
          (lock) =>
            Effect.scoped(Effect.flatMap(hold(lock), (holding) =>
              Effect.provideService(use(lock), HeldLocks, new Map([...locks, [options, holding]]))))
        ).pipe(
          Effect.catchTag("LockFailure", (error) =>
            Effect.fail(notWritten(options.provider, error)))
        )
    )

  return <A>(use: Locked<A>): Effect.Effect<A, CredentialError> =>
    Effect.flatMap(HeldLocks, (locks) => {
      const held = locks.get(options)
      return held?.isOver === false ? use(held.lock) : acquired(use, locks)
    })
}

const locateFirst = <Content>(
  files: FileSystem.FileSystem,
  { hint, named, neighbors = [], paths, provider, variable }: Options<Content>
): Effect.Effect<SharedFile.Place, CredentialError> =>
  Effect.gen(function*() {
    for (const path of paths) {
      const stamp = yield* textFile.stamp(files, provider, path)
      if (Option.isSome(stamp)) return { path, ...stamp.value }
    }
    const reason = `no such file: ${paths.join(", ")}`
    if (named) {
      const isShort = paths.some((path) => path.startsWith("~"))
      return yield* new CredentialsMisconfigured({
        provider,
        at: variable,
        reason,
        hint: isShort ? "Write the full path: nothing expands ~ here" : hint
      })
    }
    const [misplaced] = yield* Effect.filter(neighbors, (path) => isFile(files, path))
    return yield* new CredentialsNotConfigured({
      provider,
      reason,
      hint: misplaced === undefined ? undefined : `Copy ${misplaced} to ${paths[0]}`
    })
  })

const isFile = (files: FileSystem.FileSystem, path: string): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.map(files.stat(path), ({ type }) => type === "File"), () => false)

const notWritten = (provider: string, { busy, reason }: LockFailure): CredentialError =>
  busy
    ? new CredentialsUnavailable({ provider, reason })
    : new CredentialsMisconfigured({ provider, reason })
