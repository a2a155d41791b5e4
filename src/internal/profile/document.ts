/**
 * A text file of the user that describes credentials: where it is, its content, and changes to it. Only this module
 * locates, reads and parses it.
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

/** What is wrong with a text, and where: never with a value of the file. @internal */
export interface Issue {
  readonly at?: string | undefined
  readonly reason: string
}

/** The file at one point in time. @internal */
export interface Version<Content> {
  readonly path: string
  /** Changes whenever the file is written. */
  readonly stamp: string
  readonly text: string
  readonly content: Content
}

/** @internal */
export interface Options<Content> {
  /** The provider that errors name. */
  readonly provider: string
  /** The first of them that exists is used. */
  readonly paths: Arr.NonEmptyReadonlyArray<string>
  /** Whether an option or a variable names the file, so that a missing file is a misconfiguration. */
  readonly named: boolean
  /** What to do if the file is missing. */
  readonly hint: string
  readonly parse: (text: string) => Either.Either<Content, Issue>
  /** Whether the text may be incomplete because a program is writing it. */
  readonly isCutShort: (text: string) => boolean
}

/** @internal */
export interface Document<Content> {
  readonly read: Effect.Effect<Version<Content>, CredentialError>
  /** The version after all own updates of the given one. */
  readonly newest: (version: Version<Content>) => Version<Content>
  /** Like `read`, but returns `known` itself if the file has not changed. */
  readonly readUnless: (known: Version<Content>) => Effect.Effect<Version<Content>, CredentialError>
  /** Changes the text while holding the lock, and returns the new version. */
  readonly update: (edit: Edit<Content>) => Effect.Effect<Version<Content>, CredentialError>
  /** Holds the lock while `use` runs; updates in `use` do not take it again. */
  readonly exclusively: <A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>
}

/** Computes the new text from the file as it is once the lock is held. @internal */
export type Edit<Content> = (version: Version<Content>) => Either.Either<string, CredentialError>

/** An issue as an error that names the file. @internal */
export const misconfigured = (provider: string, path: string, { at, reason }: Issue): CredentialsMisconfigured =>
  new CredentialsMisconfigured({ provider, at: at === undefined ? path : `${path}: ${at}`, reason })

/** The locks that a fiber holds, by document: fibers that hold none wait, as other processes do. */
class HeldLocks extends Context.Reference<HeldLocks>()<
  "effect-alicloud-credentials/HeldLocks",
  ReadonlyMap<unknown, writeBack.Held>
>("effect-alicloud-credentials/HeldLocks", { defaultValue: () => new Map() }) {}

// A reader looks its version up at least once a minute, and logins are renewed far less often.
const mostOwn = 8

/** @internal */
export const make = <Content>(
  options: Options<Content>
): Effect.Effect<Document<Content>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const { isCutShort, parse, provider } = options
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const own = new Map<string, Version<Content>>()

    const versionOf = (path: string, stamp: string, text: string): Either.Either<Version<Content>, CredentialError> =>
      Either.mapBoth(parse(text), {
        onLeft: (issue) => misconfigured(provider, path, issue),
        onRight: (content) => ({ path, stamp, text, content })
      })

    const readAt = ({ path, stamp }: Place): Effect.Effect<Version<Content>, CredentialError> =>
      Effect.flatMap(
        textFile.readWhole(files, provider, path, isCutShort),
        (text) => versionOf(path, stamp, text)
      )

    const locate = locateFirst(files, options)
    const read = Effect.flatMap(locate, readAt)

    const newest = (version: Version<Content>): Version<Content> => {
      const next = own.get(version.stamp)
      return next === undefined ? version : next.stamp === version.stamp ? next : newest(next)
    }

    const noteOwn = (before: Version<Content>, after: Version<Content>): void => {
      // A stamp may come back, which must not close a circle.
      own.delete(after.stamp)
      own.set(before.stamp, after)
      const [oldest] = own.keys()
      if (own.size > mostOwn && oldest !== undefined) own.delete(oldest)
    }

    /** Undefined if another program has changed the file in between. */
    const updateOnce = (
      lock: writeBack.Held,
      edit: Edit<Content>
    ): Effect.Effect<Version<Content> | undefined, CredentialError> =>
      Effect.gen(function*() {
        const before = yield* read
        const text = yield* edit(before)
        if (text === before.text) return before
        const stamp = yield* Effect.mapError(lock.replace(text, before.stamp), (error) => notWritten(provider, error))
        if (Option.isNone(stamp)) return undefined
        const after = yield* versionOf(before.path, stamp.value, text)
        noteOwn(before, after)
        return after
      })

    const updateWith = (lock: writeBack.Held, edit: Edit<Content>): Effect.Effect<Version<Content>, CredentialError> =>
      Effect.filterOrFail(updateOnce(lock, edit), (after) => after !== undefined, () => undefined).pipe(
        Effect.retry({ times: 3, while: (error) => error === undefined }),
        Effect.mapError((error) =>
          error ??
            new CredentialsUnavailable({
              provider,
              reason: `${options.paths.join(", ")}: other programs keep changing the file`
            })
        )
      )

    const withLock = <A>(use: (lock: writeBack.Held) => Effect.Effect<A, CredentialError>) =>
      Effect.flatMap(locate, ({ path: file }) =>
        Effect.catchTag(
          writeBack.exclusively({ files, path, file }, use),
          "LockFailure",
          (error) => Effect.fail(notWritten(provider, error))
        ))

    /** Runs `use` with the lock that the fiber holds, or acquires it. */
    const locked = <A>(use: (lock: writeBack.Held) => Effect.Effect<A, CredentialError>) =>
      Effect.flatMap(HeldLocks, (locks) => {
        const held = locks.get(options)
        return held === undefined
          ? withLock((lock) => Effect.provideService(use(lock), HeldLocks, new Map([...locks, [options, lock]])))
          : use(held)
      })

    return {
      read,
      newest,
      readUnless: (known) =>
        Effect.flatMap(
          locate,
          (place) => place.path === known.path && place.stamp === known.stamp ? Effect.succeed(known) : readAt(place)
        ),
      update: (edit) => locked((lock) => updateWith(lock, edit)),
      exclusively: (use) => locked(() => use)
    }
  })

interface Place {
  readonly path: string
  readonly stamp: string
}

const locateFirst = <Content>(
  files: FileSystem.FileSystem,
  { hint, named, paths, provider }: Options<Content>
): Effect.Effect<Place, CredentialError> =>
  Effect.gen(function*() {
    for (const path of paths) {
      const stamp = yield* textFile.stamp(files, provider, path)
      if (Option.isSome(stamp)) return { path, stamp: stamp.value }
    }
    const absent = `no such file: ${paths.join(", ")}`
    return yield* Effect.fail<CredentialError>(
      named
        ? new CredentialsMisconfigured({ provider, reason: absent, hint })
        : new CredentialsNotConfigured({ provider, reason: absent })
    )
  })

const notWritten = (provider: string, { busy, reason }: LockFailure): CredentialError =>
  busy
    ? new CredentialsUnavailable({ provider, reason })
    : new CredentialsMisconfigured({ provider, reason })
