/**
 * A text file of the user that describes credentials: where it is, what it says, and changes to it. It is located, read
 * and parsed here alone.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
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

/** What is wrong with a text, and where in it: never with a value of the file. @internal */
export interface Issue {
  readonly at?: string | undefined
  readonly reason: string
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
  /** How to get the file. */
  readonly hint: string
  readonly parse: (text: string) => Either.Either<Content, Issue>
  /** Whether the text may be the first half of one that is being written. */
  readonly isCutShort: (text: string) => boolean
}

/** @internal */
export interface Document<Content> {
  readonly read: Effect.Effect<Version<Content>, CredentialError>
  /** The version that this document's own changes have made of another. */
  readonly newest: (version: Version<Content>) => Version<Content>
  /** Like `read`, but gives `known` itself if the file is still the same. */
  readonly readUnless: (known: Version<Content>) => Effect.Effect<Version<Content>, CredentialError>
  /** Changes the text under the lock, which other processes wait for, and gives the version that results. */
  readonly update: (edit: Edit<Content>) => Effect.Effect<Version<Content>, CredentialError>
  /**
   * Writes the file as it is, and keeps room for more, so that the next `update` is known to work. Of use inside
   * `exclusively`.
   */
  readonly prepare: Effect.Effect<void, CredentialError>
  /** Holds the lock meanwhile. The updates in `use` are made under that lock; those of other fibers wait for it. */
  readonly exclusively: <A>(use: Effect.Effect<A, CredentialError>) => Effect.Effect<A, CredentialError>
}

/** The new text, made of the file as it is under the lock. @internal */
export type Edit<Content> = (version: Version<Content>) => Either.Either<string, CredentialError>

/** An issue as an error that names the file. @internal */
export const misconfigured = (provider: string, path: string, { at, reason }: Issue): CredentialsMisconfigured =>
  new CredentialsMisconfigured({ provider, at: at === undefined ? path : `${path}: ${at}`, reason })

// Own versions are looked up once a minute at the latest, and a login is renewed far less often.
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
    const holding = FiberRef.unsafeMake<Holding | undefined>(undefined, { join: (mine) => mine })

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
      return next === undefined ? version : newest(next)
    }

    const noteOwn = (before: Version<Content>, after: Version<Content>): void => {
      // A stamp that comes back must not lead round in a circle.
      own.delete(after.stamp)
      if (before.stamp !== after.stamp) own.set(before.stamp, after)
      const [oldest] = own.keys()
      if (own.size > mostOwn && oldest !== undefined) own.delete(oldest)
    }

    /** Undefined if another program changed the file meanwhile. */
    type Attempt = (lock: writeBack.Held) => Effect.Effect<Version<Content> | undefined, CredentialError>

    const versionAfter = (before: Version<Content>, text: string, stamp: Option.Option<string>) =>
      Option.match(stamp, {
        onNone: () => Effect.succeed(undefined),
        onSome: (stamp) => Effect.tap(versionOf(before.path, stamp, text), (after) => noteOwn(before, after))
      })

    const update = (edit: Edit<Content>): Attempt => (lock) =>
      Effect.gen(function*() {
        const before = yield* read
        const text = yield* edit(before)
        if (text === before.text) return before
        const stamp = yield* Effect.mapError(lock.replace(text, before.text), (error) => notWritten(provider, error))
        return yield* versionAfter(before, text, stamp)
      })

    const prepare: Attempt = (lock) =>
      Effect.gen(function*() {
        const before = yield* read
        const stamp = yield* Effect.mapError(lock.prepare(before.text), (error) => notWritten(provider, error))
        return yield* versionAfter(before, before.text, stamp)
      })

    const untilDone = (attempt: Attempt) => (lock: writeBack.Held): Effect.Effect<Version<Content>, CredentialError> =>
      Effect.filterOrFail(attempt(lock), (after) => after !== undefined, () => undefined).pipe(
        Effect.retry({ times: 3, while: (error) => error === undefined }),
        Effect.mapError((error) =>
          error ??
            new CredentialsUnavailable({
              provider,
              reason: `${options.paths.join(", ")}: other programs keep changing the file`
            })
        )
      )

    const isWhole = (text: string) => Either.isRight(parse(text))

    /** Takes the lock, unless the fiber has it. */
    const withLock = <A>(use: (lock: writeBack.Held) => Effect.Effect<A, CredentialError>) =>
      Effect.flatMap(FiberRef.get(holding), (held) =>
        held?.isOver === false
          ? use(held.lock)
          : Effect.flatMap(locate, ({ path: file }) =>
            writeBack.exclusively({ files, path, file, isWhole }, (lock) =>
              Effect.acquireUseRelease(
                Effect.sync((): Holding => ({ lock, isOver: false })),
                (held) => Effect.locally(use(lock), holding, held),
                // A fiber that was started meanwhile may live longer.
                (held) =>
                  Effect.sync(() => {
                    held.isOver = true
                  })
              )).pipe(Effect.catchTag("LockFailure", (error) => Effect.fail(notWritten(provider, error))))))

    return {
      read,
      newest,
      readUnless: (known) =>
        Effect.flatMap(
          locate,
          (place) => place.path === known.path && place.stamp === known.stamp ? Effect.succeed(known) : readAt(place)
        ),
      update: (edit) => withLock(untilDone(update(edit))),
      prepare: Effect.asVoid(withLock(untilDone(prepare))),
      exclusively: (use) => withLock(() => use)
    }
  })

/** The lock, for the fiber that has it and those that it starts. */
interface Holding {
  readonly lock: writeBack.Held
  isOver: boolean
}

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
