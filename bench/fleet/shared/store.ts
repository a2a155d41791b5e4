/**
 * A store in memory, as processes on other machines see it: each command takes time, and the store may be slow or down.
 */
import { Context, Effect, Layer } from "effect"
import { SessionStore } from "effect-alicloud-credentials"
import type { Outage } from "../simulation.ts"

/** Times are milliseconds. */
export interface Setting {
  /** How long a command takes, on average. */
  readonly latency: number
  /** It does not answer, so that each command fails after a second, which is the time limit of `layerRedis`. */
  readonly down?: Pick<Outage, "start" | "length"> | undefined
}

export interface Store {
  /** As one process sees it. `isDead` says whether that process still runs. */
  readonly connect: (isDead: () => boolean) => SessionStore.Service
  /** Commands by the second in which they were sent. */
  readonly commands: Float64Array
}

const timeLimit = 1000

/** Without a timer, which `Effect.never` has, so that the program can end. */
export const noAnswer: Effect.Effect<never> = Effect.async<never>(() => {})

const memory = Effect.map(
  Effect.scoped(Layer.build(SessionStore.layerMemory)),
  (context) => Context.get(context, SessionStore.SessionStore)
)

/** `now` is the time since the start of the fleet, and `random` of each command. */
export const make = (
  { down, latency }: Setting,
  seconds: number,
  now: () => number,
  random: () => number
): Effect.Effect<Store> =>
  Effect.gen(function*() {
    const commands = new Float64Array(seconds)
    const inner = yield* memory
    // Leases end by the clock of the store.
    const clock = yield* Effect.clock
    const isDown = (at: number): boolean =>
      down !== undefined && at >= 1000 * down.start && at < 1000 * (down.start + down.length)
    const sent = <A>(
      isDead: () => boolean,
      command: Effect.Effect<A, SessionStore.SessionStoreError>
    ): Effect.Effect<A, SessionStore.SessionStoreError> =>
      Effect.suspend(() => {
        if (isDead()) return noAnswer
        const at = now()
        commands[Math.floor(at / 1000)]! += 1
        if (isDown(at)) {
          return Effect.delay(Effect.fail(new SessionStore.SessionStoreError({ reason: "no answer" })), timeLimit)
        }
        const half = latency / 2 * (0.5 + random())
        return Effect.delay(Effect.withClock(command, clock), half).pipe(Effect.zipLeft(Effect.sleep(half)))
      })
    return {
      commands,
      connect: (isDead) => ({
        needsEncryption: inner.needsEncryption,
        read: (name) => sent(isDead, inner.read(name)),
        write: (...args) => sent(isDead, inner.write(...args)),
        acquire: (...args) => sent(isDead, inner.acquire(...args)),
        release: (...args) => sent(isDead, inner.release(...args))
      })
    }
  })
