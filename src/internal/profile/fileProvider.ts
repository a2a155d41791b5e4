/**
 * The provider that a file of the user describes. A change of the file is noticed without a restart, and a change for
 * the worse takes nothing away: the cached credentials stay in use.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import type * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type * as CredentialProvider from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as credentialsOf from "../provider/credentials.ts"
import { DryRun } from "../provider/dryRun.ts"
import * as errors from "../provider/errors.ts"
import * as Monitor from "../provider/monitor.ts"
import { within } from "../provider/names.ts"
import * as Pause from "../provider/pause.ts"
import * as Peek from "../provider/peek.ts"
import { mapService } from "../provider/service.ts"
import * as Signal from "../provider/signal.ts"
import * as singleFlight from "../provider/singleFlight.ts"
import * as telemetry from "../provider/telemetry.ts"
import { toEffect } from "../wire/result.ts"
import type { Document, Version } from "./document.ts"

/** What a version of the file asks for. @internal */
export interface Plan<R> {
  /** Everything in the text that matters to the provider: while it is the same, the provider stays. */
  readonly identity: string
  readonly build: Effect.Effect<CredentialProvider.Service, CredentialError, R | Scope.Scope>
  /** What a person should know about a text that works. */
  readonly remarks: ReadonlyArray<Remark>
}

/** A line for the log. @internal */
export interface Remark {
  readonly level: LogLevel.LogLevel
  readonly text: string
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
  readonly monitor: Monitor.Monitor
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
    const { document, module, provider } = options
    const clock = yield* Effect.clock
    const { close, look } = yield* makeLook(options)
    let current: Loaded<Content> | undefined = undefined
    let nextLook = Pause.start(clock, interval)
    let doubted = false
    let warned = ""
    /** Of the last look at the file, if what it says does not work. */
    let failure: Monitor.Failure | undefined = undefined
    const signal = Signal.make()

    const fail = (error: CredentialError): void => {
      failure = { error, at: clock.unsafeCurrentTimeMillis() }
    }

    const keep = (held: Credentials, error: CredentialError, what: string): Effect.Effect<Credentials> => {
      fail(error)
      if (what === warned) return Effect.succeed(held)
      warned = what
      return Effect.as(
        Effect.logWarning(
          `the file was changed and does not work now; the cached credentials stay in use: ${errors.inOneLine(error)}`
        ),
        held
      )
    }

    /** Takes what the file describes now, unless it fails while what it described before still works. */
    const replaceBy = (found: Loaded<Content>, held: Credentials | undefined) =>
      Effect.matchEffect(found.service.get, {
        onSuccess: (credentials) => Effect.as(accept(found), credentials),
        onFailure: (error) =>
          held === undefined
            ? Effect.zipRight(accept(found), Effect.fail(error))
            : Effect.zipRight(close(found), keep(held, error, found.identity))
      })

    const accept = (found: Loaded<Content>): Effect.Effect<void> => {
      const before = current
      current = found
      warned = ""
      found.monitor.signal.listen(signal.emit)
      signal.emit()
      return before === undefined ? Effect.void : close(before)
    }

    const load: Effect.Effect<Credentials, CredentialError> = Effect.suspend(() => {
      nextLook = Pause.start(clock, interval)
      const read = doubted ? document.reread : document.read
      doubted = false
      failure = undefined
      const before = current
      return Effect.matchEffect(look(before, read), {
        onFailure: (error) => {
          const held = cachedOf(before)
          return held === undefined ? Effect.fail(error) : keep(held, error, error.message)
        },
        onSuccess: (found) =>
          found === before ? found.service.get : Effect.suspend(() => replaceBy(found, cachedOf(before)))
      })
    })

    const flight = yield* singleFlight.make((caller) =>
      load.pipe(
        Effect.tapError((error) => Effect.sync(() => fail(error))),
        telemetry.annotated(module, provider),
        telemetry.rootSpan(`${module}.load`, provider, caller)
      )
    )

    const peek: Peek.Peek = (seen) => {
      if (current === undefined || doubted) return undefined
      const exit = current.peek(seen)
      if (exit === undefined || Exit.isFailure(exit)) return undefined
      if (Pause.isOver(clock, nextLook, clock.unsafeCurrentTimeMillis())) {
        nextLook = Pause.start(clock, interval)
        flight.start()
      }
      return exit
    }

    const status = (now: number): Monitor.Status => {
      const inner = current?.monitor.status(now) ?? Monitor.nothing
      return {
        ...inner,
        isRefused: inner.isRefused || (doubted && inner.credentials !== undefined),
        isRenewing: inner.isRenewing || flight.isRunning(),
        failure: failure ?? inner.failure
      }
    }

    const service = {
      get name() {
        return current === undefined ? provider : within(provider, current.service.name)
      },
      get: Peek.attach(Effect.suspend(() => peek() ?? flight.join), peek),
      invalidate: (refused: Credentials) =>
        Effect.suspend(() => {
          const held = cachedOf(current)
          if (held !== undefined && credentialsOf.isSame(held, refused)) {
            doubted = true
            signal.emit()
          }
          return current?.service.invalidate(refused) ?? Effect.void
        })
    }
    return Monitor.attach(service, { status, signal })
  })

interface Look<Content> {
  /** What was loaded before, if the file still says so, else what it describes now. */
  readonly look: (
    before: Loaded<Content> | undefined,
    read: Effect.Effect<Version<Content>, CredentialError>
  ) => Effect.Effect<Loaded<Content>, CredentialError>
  readonly close: (loaded: Loaded<Content>) => Effect.Effect<void>
}

const makeLook = <Content, R>(
  { document, plan, provider }: Options<Content, R>
): Effect.Effect<Look<Content>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const context = yield* Effect.context<R>()

    const open = Effect.fnUntraced(function*(version: Version<Content>, planned: Plan<R>) {
      const { build, identity } = planned
      yield* remark(version, planned)
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
      const { monitor } = Monitor.observed(service)
      return { version, identity, service, peek: Peek.of(service.get), monitor, scope: own }
    })

    let remarked = ""

    // A version that does not work is opened again and again.
    const remark = ({ path, stamp }: Version<Content>, { remarks }: Plan<R>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const version = `${path} ${stamp}`
        if (version === remarked) return Effect.void
        remarked = version
        return Effect.forEach(
          remarks,
          ({ level, text }) =>
            Effect.flatMap(DryRun, (observer) =>
              observer === undefined
                ? Effect.logWithLevel(level, text)
                : observer.remark({ text, isWarning: level._tag === "Warning" })),
          { discard: true }
        )
      })

    const isPlanned = (known: Version<Content>, path: string, identity: string): boolean => {
      const planned = known.path === path ? Either.getOrUndefined(plan(known)) : undefined
      return planned?.identity === identity
    }

    const look = Effect.fnUntraced(function*(
      before: Loaded<Content> | undefined,
      read: Effect.Effect<Version<Content>, CredentialError>
    ) {
      const version = yield* read
      if (before === undefined) return yield* open(version, yield* toEffect(plan(version)))
      // What this program wrote itself is no news.
      const known = document.newest(before.version)
      if (version.path !== known.path || version.text !== known.text) {
        const next = yield* toEffect(plan(version))
        if (!isPlanned(known, version.path, next.identity)) return yield* open(version, next)
      }
      before.version = version
      return before
    })

    return { look, close: (loaded) => Scope.close(loaded.scope, Exit.void) }
  })

const cachedOf = (loaded: { readonly peek: Peek.Peek } | undefined): Credentials | undefined => {
  const exit = loaded?.peek()
  return exit === undefined || Exit.isFailure(exit) ? undefined : exit.value
}
