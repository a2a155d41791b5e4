/**
 * The provider that a file of the user describes. A change of the file is noticed without a restart, and a change for
 * the worse takes nothing away: the credentials at hand stay in use.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { type CredentialError, CredentialsMisconfigured, CredentialsNotConfigured } from "../../CredentialError.ts"
import type * as CredentialProvider from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as textFile from "../files/textFile.ts"
import * as credentialsOf from "../provider/credentials.ts"
import { isOver } from "../provider/deadlines.ts"
import * as errors from "../provider/errors.ts"
import { within } from "../provider/names.ts"
import * as Peek from "../provider/peek.ts"
import { mapService } from "../provider/service.ts"
import * as singleFlight from "../provider/singleFlight.ts"
import * as telemetry from "../provider/telemetry.ts"

/** What a text asks for. @internal */
export interface Plan<R> {
  /** Everything of the text that matters to the provider: while it is the same, the provider stays. */
  readonly identity: string
  /** `rewritten` is to be told the new text when the provider itself has changed the file. */
  readonly build: (
    rewritten: (text: string) => void
  ) => Effect.Effect<CredentialProvider.Service, CredentialError, R | Scope.Scope>
}

/** @internal */
export interface Options<R> {
  /** The name that stands before that of the provider described. */
  readonly provider: string
  readonly module: string
  /** The first of them that exists is the one. */
  readonly paths: Arr.NonEmptyReadonlyArray<string>
  /** Whether an option or a variable names the file, so that its absence is a mistake. */
  readonly named: boolean
  /** How to come by the file. */
  readonly hint: string
  readonly plan: (path: string, text: string) => Either.Either<Plan<R>, CredentialError>
  /** Whether the text may be the first half of one that is just being written. */
  readonly isCutShort: (text: string) => boolean
}

interface Loaded {
  readonly path: string
  readonly service: CredentialProvider.Service
  readonly peek: Peek.Peek
  readonly scope: Scope.CloseableScope
  stamp: string
  identity: string
}

const interval = 60_000

/**
 * The file is touched at the first `get`. After that it is looked at once a minute while its credentials work, and at
 * once when there are none or a server refused them.
 *
 * @internal
 */
export const make = <R>(
  options: Options<R>
): Effect.Effect<CredentialProvider.Service, never, R | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const { module, provider } = options
    const files = yield* FileSystem.FileSystem
    const clock = yield* Effect.clock
    const scope = yield* Effect.scope
    const context = yield* Effect.context<R>()
    let current: Loaded | undefined = undefined
    let lookAt = 0
    let doubted = false
    let warned = ""

    const open = (path: string, stamp: string, plan: Plan<R>): Effect.Effect<Loaded, CredentialError> =>
      Effect.gen(function*() {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const rewritten = (text: string): void => {
          const again = options.plan(path, text)
          if (Either.isRight(again)) loaded.identity = again.right.identity
        }
        const service = yield* plan.build(rewritten).pipe(
          Scope.extend(own),
          Effect.provide(context),
          Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
        )
        const outward = mapService(service, {
          credentials: (credentials) => credentialsOf.prefixed(provider, credentials),
          error: (error) => errors.prefixed(provider, error)
        })
        const loaded: Loaded = {
          path,
          scope: own,
          stamp,
          identity: plan.identity,
          service: outward,
          peek: Peek.of(outward)
        }
        return loaded
      })

    const look: Effect.Effect<Loaded, CredentialError> = Effect.gen(function*() {
      const before: Loaded | undefined = current
      const { path, stamp } = yield* locate(files, options)
      if (before?.path === path && before.stamp === stamp) return before
      const plan = yield* Effect.flatMap(
        textFile.readWhole(files, provider, path, options.isCutShort),
        (text) => options.plan(path, text)
      )
      if (before?.path !== path || before.identity !== plan.identity) return yield* open(path, stamp, plan)
      before.stamp = stamp
      return before
    })

    const close = (loaded: Loaded | undefined): Effect.Effect<void> =>
      loaded === undefined ? Effect.void : Scope.close(loaded.scope, Exit.void)

    const keep = (held: Credentials, error: CredentialError, what: string): Effect.Effect<Credentials> => {
      if (what === warned) return Effect.succeed(held)
      warned = what
      return Effect.as(
        Effect.logWarning(
          `what the file says now does not work, the credentials at hand stay in use: ${error.message}`
        ),
        held
      )
    }

    const load: Effect.Effect<Credentials, CredentialError> = Effect.gen(function*() {
      lookAt = clock.unsafeCurrentTimeMillis() + interval
      doubted = false
      const before: Loaded | undefined = current
      const found = yield* Effect.either(look)
      if (Either.isRight(found) && found.right === before) return yield* before.service.get
      const given = yield* Effect.either(Either.isLeft(found) ? Effect.fail(found.left) : found.right.service.get)
      const held = before === undefined ? undefined : atHand(before)
      if (Either.isLeft(given) && held !== undefined) {
        if (Either.isLeft(found)) return yield* keep(held, given.left, given.left.message)
        yield* close(found.right)
        return yield* keep(held, given.left, found.right.identity)
      }
      if (Either.isRight(found)) {
        current = found.right
        warned = ""
        yield* close(before)
      }
      return yield* given
    })

    const flight = yield* singleFlight.make((caller) =>
      load.pipe(
        telemetry.annotated(module, provider),
        telemetry.rootSpan(`${module}.load`, provider, caller)
      )
    )

    const peek: Peek.Peek = () => {
      if (current === undefined || doubted) return undefined
      const exit = current.peek()
      if (exit === undefined || Exit.isFailure(exit)) return undefined
      const now = clock.unsafeCurrentTimeMillis()
      if (isOver(now, lookAt, interval)) {
        lookAt = now + interval
        flight.start()
      }
      return exit
    }

    return Peek.attach(
      {
        get name() {
          return current === undefined ? provider : within(provider, current.service.name)
        },
        get: Effect.suspend(() => peek() ?? flight.join),
        invalidate: (refused) =>
          Effect.suspend(() => {
            if (current === undefined) return Effect.void
            const held = atHand(current)
            doubted = doubted || (held !== undefined && credentialsOf.isSame(held, refused))
            return current.service.invalidate(refused)
          })
      },
      peek
    )
  })

const atHand = (loaded: Loaded): Credentials | undefined => {
  const exit = loaded.peek()
  return exit === undefined || Exit.isFailure(exit) ? undefined : exit.value
}

const locate = <R>(
  files: FileSystem.FileSystem,
  { hint, named, paths, provider }: Options<R>
): Effect.Effect<{ readonly path: string; readonly stamp: string }, CredentialError> =>
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
