/**
 * The search of a chain: which link is in use, and when the links are asked.
 */
import * as Arr from "effect/Array"
import type * as Clock from "effect/Clock"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { CredentialChainError, type CredentialError, isNotConfigured } from "../CredentialError.ts"
import * as CredentialProvider from "../CredentialProvider.ts"
import type { Credentials } from "../Credentials.ts"
import * as RefreshPolicy from "../RefreshPolicy.ts"
import { isConfigError } from "./compat/configError.ts"
import * as surroundings from "./diagnosis/surroundings.ts"
import { buildAnew } from "./provider/build.ts"
import { inOneLine } from "./provider/errors.ts"
import * as Monitor from "./provider/monitor.ts"
import * as names from "./provider/names.ts"
import * as Pause from "./provider/pause.ts"
import * as Peek from "./provider/peek.ts"
import * as Signal from "./provider/signal.ts"
import * as singleFlight from "./provider/singleFlight.ts"
import * as telemetry from "./provider/telemetry.ts"
import { impatient, patience } from "./throttling.ts"
import * as variables from "./variables.ts"

/** @internal */
// `any` lets links with different requirements be elements of one array.
// oxlint-disable-next-line typescript/no-explicit-any
export interface ChainLink<R = any> {
  readonly name: string
  readonly layer: Layer.Layer<CredentialProvider.CredentialProvider, CredentialError | ConfigError.ConfigError, R>
  /** Whether the user gave the name. Otherwise it says the place of the link. */
  readonly isNamed: boolean
}

/** @internal */
export interface Options {
  readonly stopWhen?: Predicate.Predicate<CredentialError> | undefined
  readonly interval?: Duration.DurationInput | undefined
}

/** @internal */
export const make = <R>(
  links: Arr.NonEmptyReadonlyArray<ChainLink<R>>,
  options: Options
): Effect.Effect<CredentialProvider.Service, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const clock = yield* Effect.clock
    const interval = Duration.toMillis(options.interval ?? RefreshPolicy.defaults.interval)
    const signal = Signal.make()
    const states = Arr.map(links, (link) => makeState(link, signal))
    const search = makeSearch(links, states, options.stopWhen, scope)
    let selected: Selected<R> | undefined = undefined
    let failed: Failed<R> | undefined = undefined
    /** Of the last search, if it failed. */
    let failure: Monitor.Failure | undefined = undefined

    const select = ({ passed, service, state }: Found<R>): Effect.Effect<void> => {
      const before = selected?.state
      selected = {
        state,
        service,
        peek: Peek.of(service.get),
        recheck: passed.some((error) => error.isTransient) ? Pause.start(clock, interval) : undefined
      }
      failure = undefined
      if (before === state) return Effect.void
      signal.emit()
      return logSelection(state.name, before?.name, passed)
    }

    const searchAndSelect = Effect.suspend(() => Effect.tap(inSharedTime(clock, search(failed)), select)).pipe(
      Effect.tapErrorCause((cause) =>
        Effect.sync(() => {
          failure = Monitor.failureOf(names.chain, cause, clock.unsafeCurrentTimeMillis()) ?? failure
        })
      ),
      Effect.map(({ credentials }) => credentials),
      // A failure that was reported while the search ran is older than the search.
      Effect.ensuring(Effect.sync(() => {
        failed = undefined
      }))
    )

    const flight = yield* singleFlight.make<Credentials, CredentialError, R>((caller) =>
      searchAndSelect.pipe(
        telemetry.annotated("CredentialChain", names.chain),
        telemetry.rootSpan("CredentialChain.search", names.chain, caller)
      ), impatient)

    const peek: Peek.Peek = (seen) => {
      const current = selected
      if (current === undefined) return undefined
      if (current.recheck !== undefined && Pause.isOver(clock, current.recheck, clock.unsafeCurrentTimeMillis())) {
        current.recheck = Pause.start(clock, interval)
        flight.start()
      }
      const exit = current.peek(seen)
      return exit !== undefined && Exit.isSuccess(exit) ? exit : undefined
    }

    const askSelected = ({ service, state }: Selected<R>) =>
      Effect.catchAll(service.get, (error) => {
        // The search need not ask it again.
        failed = { state, error }
        return flight.join
      })

    const slow = Effect.suspend(() => selected === undefined ? flight.join : askSelected(selected))

    const invalidate = (refused: Credentials): Effect.Effect<void> =>
      Effect.forEach(states, (state) => state.built?.invalidate(refused) ?? Effect.void, { discard: true })

    // While the selected link works, a search that failed before says nothing.
    const status = (now: number): Monitor.Status => {
      const inner = selected?.state.monitor?.status(now) ?? Monitor.nothing
      return {
        ...inner,
        isRenewing: inner.isRenewing || flight.isRunning(),
        failure: inner.credentials === undefined ? failure ?? inner.failure : inner.failure
      }
    }

    const get = Peek.attach(Effect.suspend(() => peek() ?? slow), peek)
    return Monitor.attach({ name: names.chain, get, invalidate }, { status, signal })
  })

/** The links of a search share the time for which its caller waits. */
const inSharedTime = <A, E, R>(clock: Clock.Clock, search: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const start = clock.unsafeCurrentTimeNanos()
    const elapsed = () => Number(clock.unsafeCurrentTimeNanos() - start) / 1_000_000
    return Effect.locallyWith(search, patience, (outer) => (own) => Math.max(0, outer(own) - elapsed()))
  })

/** A link that just failed, so that the next search need not ask it again. */
interface Failed<R> {
  readonly state: LinkState<R>
  readonly error: CredentialError
}

/** The first link that gave credentials, and the errors of those before it. */
interface Found<R> {
  readonly state: LinkState<R>
  readonly service: CredentialProvider.Service
  readonly credentials: Credentials
  readonly passed: ReadonlyArray<CredentialError>
}

const makeSearch = <R>(
  links: Arr.NonEmptyReadonlyArray<ChainLink<R>>,
  states: Arr.NonEmptyReadonlyArray<LinkState<R>>,
  stopWhen: Predicate.Predicate<CredentialError> | undefined,
  scope: Scope.Scope
) => {
  const ask = (state: LinkState<R>) =>
    Effect.flatMap(
      state.service(scope),
      (service) => Effect.map(service.get, (credentials) => ({ state, service, credentials }))
    )

  return Effect.fnUntraced(function*(known: Failed<R> | undefined) {
    const attempts: Array<CredentialError> = []
    for (const state of states) {
      const result = yield* Effect.either(known?.state === state ? Effect.fail(known.error) : ask(state))
      if (result._tag === "Right") return { ...result.right, passed: attempts }
      yield* Effect.logDebug(inOneLine(result.left))
      attempts.push(result.left)
      if (stopWhen?.(result.left) === true) break
    }
    return yield* new CredentialChainError({
      attempts: attempts as unknown as Arr.NonEmptyArray<CredentialError>,
      asked: links.map((link) => link.isNamed ? link.name : undefined),
      notAsked: states.slice(attempts.length).map((state) => state.name),
      surroundings: yield* surroundings.look
    })
  })
}

const logSelection = (
  name: string,
  before: string | undefined,
  passed: ReadonlyArray<CredentialError>
): Effect.Effect<void> => {
  const warnings = passed.filter((error) => !isNotConfigured(error)).map((error) =>
    Effect.logWarning(`${name} is used although a provider before it is configured: ${inOneLine(error)}`)
  )
  return Effect.zipRight(
    Effect.all(warnings),
    before === undefined
      ? Effect.logDebug(`${name} is used`)
      : Effect.logWarning(`${name} is used from now on, instead of ${before}`)
  )
}

/** A link, and its service once it is built. */
interface LinkState<R> {
  readonly name: string
  built?: CredentialProvider.Service
  monitor?: Monitor.Monitor
  readonly service: (scope: Scope.Scope) => Effect.Effect<CredentialProvider.Service, CredentialError, R>
}

interface Selected<R> {
  readonly state: LinkState<R>
  readonly service: CredentialProvider.Service
  readonly peek: Peek.Peek
  /** How long the links before it are left alone, if one of them may work again. */
  recheck: Pause.Pause | undefined
}

const makeState = <R>({ layer, name }: ChainLink<R>, signal: Signal.Signal): LinkState<R> => {
  const state: LinkState<R> = {
    name,
    service: (scope) => Effect.suspend(() => state.built === undefined ? build(scope) : Effect.succeed(state.built))
  }
  const build = (scope: Scope.Scope) =>
    buildAnew(layer, scope).pipe(
      Effect.map((context) => {
        const { monitor, service } = Monitor.observed(Context.get(context, CredentialProvider.CredentialProvider))
        state.built = service
        state.monitor = monitor
        monitor.signal.listen(signal.emit)
        return service
      }),
      Effect.mapError((error) => isConfigError(error) ? variables.toCredentialError(name)(error) : error)
    )
  return state
}
