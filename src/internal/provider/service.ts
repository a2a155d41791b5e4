/**
 * The services that this library makes: a fixed answer, a cache around a fetch, or another service whose credentials or errors are changed.
 * Each can be peeked at, and has a monitor.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { CredentialError } from "../../CredentialError.ts"
import type { Service } from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as fetched from "./fetched.ts"
import * as Monitor from "./monitor.ts"
import * as Peek from "./peek.ts"
import * as refreshCache from "./refreshCache.ts"
import * as Signal from "./signal.ts"

const constant = (name: string, exit: Exit.Exit<Credentials, CredentialError>): Service =>
  Monitor.attach({ name, get: Peek.attach(exit, () => exit), invalidate: () => Effect.void }, {
    status: (now) => Monitor.ofExit(name, exit, now),
    signal: Signal.never
  })

/** @internal */
export const succeed = (credentials: Credentials): Service => constant(credentials.provider, Exit.succeed(credentials))

/** @internal */
export const fail = (name: string, error: CredentialError): Service => constant(name, Exit.fail(error))

/** Options are checked once. What is wrong with them fails every `get` instead of the build of a layer. @internal */
export const orFail = (name: string) => <R>(self: Effect.Effect<Service, CredentialError, R>) =>
  Effect.catchAll(self, (error) => Effect.succeed(fail(name, error)))

interface Options<R> extends Omit<refreshCache.Options<R>, "fetch"> {
  readonly fetch: Effect.Effect<Credentials, CredentialError, R>
}

/** @internal */
export const cached = <R>(
  options: Options<R>
): Effect.Effect<Service, never, R | Scope.Scope> =>
  cachedFetched({ ...options, fetch: Effect.map(options.fetch, fetched.ofCredentials) })

/** For a source that may also know when an `AccessKey` expires. @internal */
export const cachedFetched = <R>(options: refreshCache.Options<R>): Effect.Effect<Service, never, R | Scope.Scope> =>
  Effect.map(
    refreshCache.make(options),
    ({ get, invalidate, monitor }) => Monitor.attach({ name: options.name, get, invalidate }, monitor)
  )

/**
 * A service with other credentials or errors than the one it stands for. The same credentials are mapped once, so that
 * callers can see by identity that nothing has changed.
 *
 * @internal
 */
export const mapService = (
  original: Service,
  map: {
    readonly credentials?: (credentials: Credentials) => Credentials
    readonly error?: (error: CredentialError) => CredentialError
  }
): Service => {
  const { credentials: mapCredentials = (same) => same, error: mapError = (same) => same } = map
  const { monitor, service } = Monitor.observed(original)
  const inner = Peek.of(service.get)
  let last: Mapped | undefined = undefined
  const mapped = (from: Credentials): Mapped => {
    if (last?.from !== from) {
      const to = mapCredentials(from)
      last = { from, to, exit: Exit.succeed(to) }
    }
    return last
  }
  const peek: Peek.Peek = (seen) => {
    const exit = inner(seen)
    return exit === undefined
      ? undefined
      : Exit.isFailure(exit)
      ? Exit.mapError(exit, mapError)
      : mapped(exit.value).exit
  }
  const status = (now: number): Monitor.Status => {
    const { credentials, failure, ...rest } = monitor.status(now)
    return {
      ...rest,
      credentials: credentials === undefined ? undefined : mapped(credentials).to,
      failure: failure === undefined ? undefined : { ...failure, error: mapError(failure.error) }
    }
  }
  const get = Effect.matchEffect(service.get, {
    onFailure: (error) => Effect.fail(mapError(error)),
    onSuccess: (credentials) => mapped(credentials).exit
  })
  return Monitor.attach({
    get name() {
      return service.name
    },
    get: Peek.attach(get, peek),
    invalidate: service.invalidate
  }, { status, signal: monitor.signal })
}

interface Mapped {
  readonly from: Credentials
  readonly to: Credentials
  readonly exit: Exit.Exit<Credentials>
}
