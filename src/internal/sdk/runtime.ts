/**
 * A layer for plain async code: the first call starts its runtime, and `close` ends it.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { CredentialProvider, type Health, type Service } from "../../CredentialProvider.ts"
import type { Credentials } from "../../Credentials.ts"
import * as logging from "../compat/logging.ts"
import * as healthOf from "../provider/health.ts"
import * as Peek from "../provider/peek.ts"
import * as sdkCredential from "./credential.ts"
import { closed } from "./errors.ts"

/** @internal */
export interface Owned {
  readonly source: sdkCredential.Source
  /** Does not build the layer. */
  readonly health: () => Promise<Health>
  readonly close: () => Promise<void>
}

interface Built {
  readonly service: Service
  readonly peek: Peek.Peek
  readonly clock: Clock.Clock
}

const unbuiltName = "alicloud_sdk"

/** @internal */
export const own = <E>(layer: Layer.Layer<CredentialProvider, E>): Owned => {
  // The default logger prints, which only the application may decide. A logger of the layer itself is kept.
  const quiet = logging.quiet(layer)
  type Runtime = ManagedRuntime.ManagedRuntime<CredentialProvider, E>
  const running = new Map<Fiber.RuntimeFiber<Credentials, unknown>, Runtime>()
  let runtime: Runtime | undefined = undefined
  let built: Built | undefined = undefined
  let closing: Promise<void> | undefined = undefined

  const name = (): string => built?.service.name ?? unbuiltName

  const get = Effect.flatMap(CredentialProvider, (service) =>
    Effect.clockWith((clock) => {
      built = { service, peek: Peek.of(service.get), clock }
      return service.get
    }))

  const started = () => runtime ??= ManagedRuntime.make(quiet)

  // A managed runtime caches the failure of its layer for ever, although the failure may be temporary. Other calls that
  // wait for the same build get its error too: disposing the runtime before would interrupt them.
  const forgetFailedBuild = (used: Runtime): void => {
    if (runtime === used && built !== undefined) return
    if (runtime === used) runtime = undefined
    if (![...running.values()].includes(used)) Effect.runFork(used.disposeEffect)
  }

  const track = (
    fiber: Fiber.RuntimeFiber<Credentials, unknown>,
    used: Runtime,
    done: (exit: Exit.Exit<Credentials, unknown>) => void = () => {}
  ) => {
    running.set(fiber, used)
    fiber.addObserver((exit) => {
      running.delete(fiber)
      if (Exit.isFailure(exit)) forgetFailedBuild(used)
      done(exit)
    })
  }

  const source: sdkCredential.Source = {
    name,
    peek: (seen) => built?.peek(seen),
    // A promise by hand: `runPromiseExit` returns no fiber, and `close` has to interrupt it. It never rejects.
    ask: () =>
      new Promise((resolve) => {
        const used = started()
        track(used.runFork(get), used, resolve)
      }),
    askNow: () => {
      const used = started()
      const exit = used.runSyncExit(get)
      if (Exit.isSuccess(exit)) return exit
      const waiting = sdkCredential.waitingFiber(exit.cause)
      if (waiting === undefined) forgetFailedBuild(used)
      else track(waiting, used)
      return exit
    },
    now: () => built?.clock.unsafeCurrentTimeMillis() ?? 0,
    assertOpen: () => {
      if (closing !== undefined) throw closed(name())
    }
  }

  const end = async (): Promise<void> => {
    for (const fiber of running.keys()) fiber.unsafeInterruptAsFork(FiberId.none)
    await runtime?.dispose()
  }

  const health = async (): Promise<Health> => {
    source.assertOpen()
    return built === undefined ? healthOf.unknown(unbuiltName) : started().runPromise(healthOf.of(built.service))
  }

  return { source, health, close: () => closing ??= end() }
}
