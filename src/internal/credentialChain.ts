/**
 * The search of a chain: which link is at hand, when the links are asked, and what is told of it.
 */
import * as Arr from "effect/Array"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { CredentialChainError, type CredentialError, isNotConfigured } from "../CredentialError.ts"
import * as CredentialProvider from "../CredentialProvider.ts"
import type { Credentials } from "../Credentials.ts"
import * as RefreshPolicy from "../RefreshPolicy.ts"
import * as names from "./provider/names.ts"
import * as Pause from "./provider/pause.ts"
import * as Peek from "./provider/peek.ts"
import * as singleFlight from "./provider/singleFlight.ts"
import * as telemetry from "./provider/telemetry.ts"
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
    const states = Arr.map(links, makeState)
    let selected: Selected<R> | undefined = undefined
    let failed: { readonly state: LinkState<R>; readonly error: CredentialError } | undefined = undefined

    const ask = (state: LinkState<R>): Effect.Effect<Credentials, CredentialError, R> =>
      Effect.flatMap(state.service(scope), (service) => service.get)

    const search = Effect.gen(function*() {
      const attempts: Array<CredentialError> = []
      const known = failed
      failed = undefined
      for (const state of states) {
        const result = known?.state === state ? Either.left(known.error) : yield* Effect.either(ask(state))
        if (result._tag === "Right") {
          yield* select(state, attempts)
          return result.right
        }
        yield* Effect.logDebug(result.left.message)
        attempts.push(result.left)
        if (options.stopWhen?.(result.left) === true) break
      }
      return yield* new CredentialChainError({
        attempts: attempts as unknown as Arr.NonEmptyArray<CredentialError>,
        asked: links.map((link) => link.isNamed ? link.name : undefined),
        notAsked: states.slice(attempts.length).map((state) => state.name)
      })
    })

    const select = (state: LinkState<R>, passed: ReadonlyArray<CredentialError>): Effect.Effect<void> => {
      const service = state.built
      if (service === undefined) return Effect.void
      const before = selected?.state
      selected = {
        state,
        service,
        peek: Peek.of(service),
        recheck: passed.some((error) => error.isTransient) ? Pause.start(clock, interval) : undefined
      }
      if (before === state) return Effect.void
      const warnings = passed.filter((error) => !isNotConfigured(error)).map((error) =>
        Effect.logWarning(`${state.name} is used although a provider before it is set up: ${error.message}`)
      )
      return Effect.zipRight(
        Effect.all(warnings, { discard: true }),
        before === undefined
          ? Effect.logDebug(`${state.name} is used`)
          : Effect.logWarning(`${state.name} is used from now on, in place of ${before.name}`)
      )
    }

    const flight = yield* singleFlight.make<Credentials, CredentialError, R>((caller) =>
      search.pipe(
        // What was said while the search ran is not news to the next one.
        Effect.ensuring(Effect.sync(() => {
          failed = undefined
        })),
        telemetry.annotated("CredentialChain", names.chain),
        telemetry.rootSpan("CredentialChain.search", names.chain, caller)
      )
    )

    const peek: Peek.Peek = () => {
      const current = selected
      if (current === undefined) return undefined
      if (current.recheck !== undefined && Pause.isOver(clock, current.recheck, clock.unsafeCurrentTimeMillis())) {
        current.recheck = Pause.start(clock, interval)
        flight.start()
      }
      const exit = current.peek()
      return exit !== undefined && Exit.isSuccess(exit) ? exit : undefined
    }

    const slow = Effect.suspend(() => selected === undefined ? flight.join : askSelected(selected))

    const askSelected = ({ state, service }: Selected<R>) =>
      Effect.catchAll(service.get, (error) => {
        // The search need not ask it again.
        failed = { state, error }
        return flight.join
      })

    const invalidate = (refused: Credentials): Effect.Effect<void> =>
      Effect.forEach(states, (state) => state.built?.invalidate(refused) ?? Effect.void, { discard: true })

    return Peek.attach(
      { name: names.chain, get: Effect.suspend(() => peek() ?? slow), invalidate },
      peek
    )
  })

/** A link, and its service once it was built. */
interface LinkState<R> {
  readonly name: string
  built: CredentialProvider.Service | undefined
  readonly service: (scope: Scope.Scope) => Effect.Effect<CredentialProvider.Service, CredentialError, R>
}

interface Selected<R> {
  readonly state: LinkState<R>
  readonly service: CredentialProvider.Service
  readonly peek: Peek.Peek
  /** How long the links before it are left alone, if one of them may work again. */
  recheck: Pause.Pause | undefined
}

const makeState = <R>({ layer, name }: ChainLink<R>): LinkState<R> => {
  const state: LinkState<R> = {
    name,
    built: undefined,
    service: (scope) => Effect.suspend(() => state.built === undefined ? build(scope) : Effect.succeed(state.built))
  }
  // A memo map of its own for each attempt: a shared one would keep the failure of a link for good.
  const build = (scope: Scope.Scope) =>
    Layer.buildWithScope(layer, scope).pipe(
      Effect.map((context) => {
        const service = Context.get(context, CredentialProvider.CredentialProvider)
        state.built = service
        return service
      }),
      Effect.mapError((error) => ConfigError.isConfigError(error) ? variables.toCredentialError(name)(error) : error)
    )
  return state
}
