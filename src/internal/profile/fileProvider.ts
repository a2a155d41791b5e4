/**
 * The provider that a file of the user describes. A change of the file is noticed without a restart, and a change for
 * the worse takes nothing away: the credentials at hand stay in use.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type * as CredentialProvider from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as credentialsOf from "../provider/credentials.ts"
import { isOver } from "../provider/deadlines.ts"
import * as errors from "../provider/errors.ts"
import { within } from "../provider/names.ts"
import * as Peek from "../provider/peek.ts"
import { mapService } from "../provider/service.ts"
import * as singleFlight from "../provider/singleFlight.ts"
import * as telemetry from "../provider/telemetry.ts"
import type { Document, Version } from "./document.ts"

/** What a version of the file asks for. @internal */
export interface Plan<R> {
  /** Everything in the text that matters to the provider: while it is the same, the provider stays. */
  readonly identity: string
  readonly build: Effect.Effect<CredentialProvider.Service, CredentialError, R | Scope.Scope>
}

/** @internal */
export interface Options<Content, R> {
  /** The name that stands before that of the described provider. */
  readonly provider: string
  readonly module: string
  readonly document: Document<Content>
  readonly plan: (version: Version<Content>) => Either.Either<Plan<R>, CredentialError>
}

interface Loaded<Content> {
  version: Version<Content>
  readonly identity: string
  readonly service: CredentialProvider.Service
  readonly peek: Peek.Peek
  readonly scope: Scope.CloseableScope
}

const interval = 60_000

/**
 * The file is first read at the first `get`. After that it is looked at once a minute while its credentials work, and at
 * once if there are none or a server refused them.
 *
 * @internal
 */
export const make = <Content, R>(
  options: Options<Content, R>
): Effect.Effect<CredentialProvider.Service, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { document, module, plan, provider } = options
    const clock = yield* Effect.clock
    const scope = yield* Effect.scope
    const context = yield* Effect.context<R>()
    let current: Loaded<Content> | undefined = undefined
    let lookAt = 0
    let doubted = false
    let warned = ""

    const open = (
      version: Version<Content>,
      { build, identity }: Plan<R>
    ): Effect.Effect<Loaded<Content>, CredentialError> =>
      Effect.gen(function*() {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const inner = yield* build.pipe(
          Scope.extend(own),
          Effect.provide(context),
          Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
        )
        const service = mapService(inner, {
          credentials: (credentials) => credentialsOf.prefixed(provider, credentials),
          error: (error) => errors.prefixed(provider, error)
        })
        return { version, identity, service, peek: Peek.of(service), scope: own }
      })

    const look: Effect.Effect<Loaded<Content>, CredentialError> = Effect.gen(function*() {
      const before: Loaded<Content> | undefined = current
      if (before === undefined) {
        const version = yield* document.read
        return yield* open(version, yield* plan(version))
      }
      // What this program wrote itself is no news.
      const known = document.newest(before.version)
      const version = yield* document.readUnless(known)
      if (version !== known) {
        const next = yield* plan(version)
        if (!isPlanned(known, version.path, next.identity)) return yield* open(version, next)
      }
      before.version = version
      return before
    })

    const isPlanned = (known: Version<Content>, path: string, identity: string): boolean => {
      const planned = known.path === path ? Either.getOrUndefined(plan(known)) : undefined
      return planned?.identity === identity
    }

    const close = (loaded: Loaded<Content> | undefined): Effect.Effect<void> =>
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
      const before: Loaded<Content> | undefined = current
      const found = yield* Effect.either(look)
      if (Either.isRight(found) && found.right === before) return yield* before.service.get
      const given = yield* Effect.either(Either.isLeft(found) ? Effect.fail(found.left) : found.right.service.get)
      const held = before === undefined ? undefined : cachedOf(before)
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
            const held = cachedOf(current)
            doubted = doubted || (held !== undefined && credentialsOf.isSame(held, refused))
            return current.service.invalidate(refused)
          })
      },
      peek
    )
  })

const cachedOf = (loaded: { readonly peek: Peek.Peek }): Credentials | undefined => {
  const exit = loaded.peek()
  return exit === undefined || Exit.isFailure(exit) ? undefined : exit.value
}
