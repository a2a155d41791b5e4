/**
 * A fleet whose processes share one session, in virtual time. Each process is the real `SharedSession`, with a cache and a
 * source of its own. Times are milliseconds, and settings and figures are in seconds.
 */
import { DateTime, Effect, Exit, FiberRef, Logger, LogLevel, Random } from "effect"
import { type CredentialError, CredentialProvider, type Credentials, SharedSession } from "effect-alicloud-credentials"
import { isAwaited } from "../../../src/internal/throttling.ts"
import { idOf, session } from "../../../test/support/credentials.ts"
import { offsetClock } from "../../../test/support/offsetClock.ts"
import { simulate as inVirtualTime } from "../../../test/support/simulation.ts"
import { again, errors, repeatAfter, repeats } from "../processes.ts"
import { makeServer, type Outage, seeded } from "../simulation.ts"
import * as sharedStore from "./store.ts"

export interface Setting {
  readonly processes: number
  /** How many requests STS answers in each second. */
  readonly quota: number
  readonly life: number
  /** All processes start within this time, at random. */
  readonly start: number
  readonly until: number
  readonly seed: number
  readonly store: sharedStore.Setting
  readonly outage?: Outage | undefined
  /** The process that sends the first request from this time on dies before the answer. */
  readonly death?: number | undefined
  /** How far the wall clocks of processes are ahead or behind, at most. */
  readonly skew?: number | undefined
}

export interface Figures {
  /** Requests to STS by the second in which they were sent. */
  readonly calls: Float64Array
  /** Commands to the store by the second in which they were sent. */
  readonly commands: Float64Array
  /** When STS gave out sessions, in order. */
  readonly issued: ReadonlyArray<number>
  /** How long processes waited for their first session, in order. Infinity if they have none. */
  readonly firstWaits: Float64Array
  /** Sessions that expired before their process had the next one. */
  readonly lostSessions: number
  /** The time that processes had no session after they had one, summed over all processes. */
  readonly secondsWithout: number
  /** How often `get` returned a session that STS would not accept any more. */
  readonly expired: number
  /** Calls of `get` that failed. */
  readonly errors: number
}

/** How long STS takes to answer, on average. */
const latency = 200

/** An application looks again after this time whether a renewal in the background is over. */
const glance = 5000

/** As `safety` of the refresh policy: then `get` renews before it returns. */
const safety = 10_000

interface Process {
  isDead: boolean
  startedAt: number
  /** By the right clock. Undefined before the first session. */
  expiresAt: number | undefined
}

type Fetched = Effect.Effect<Credentials.Credentials, CredentialError.CredentialError>

const makeSts = (setting: Setting, now: () => number, random: () => number) => {
  const server = makeServer(setting)
  const issued: Array<number> = []
  const expirations = new Map<string, number>()
  const start = now()
  let { death = Infinity } = setting

  const issue = (): Credentials.Credentials => {
    issued.push((now() - start) / 1000)
    const id = `STS.${issued.length}`
    const expiresAt = now() + 1000 * setting.life
    expirations.set(id, expiresAt)
    return session(id, expiresAt, "fleet")
  }

  const answer = (process: Process): Fetched => {
    const at = now() - start
    const answered = server.call(at)
    if (at >= 1000 * death) {
      death = Infinity
      process.isDead = true
    }
    if (process.isDead) return sharedStore.noAnswer
    return answered === "key" ? Effect.sync(issue) : Effect.failCause(errors[answered])
  }

  return {
    calls: server.calls,
    issued,
    expiresAt: (credentials: Credentials.Credentials) => expirations.get(idOf(credentials)) ?? 0,
    /** A call of a process, which is repeated as http.ts repeats it. */
    call: (process: Process): Fetched => {
      const once = Effect.suspend(() => {
        const half = latency / 2 * (0.5 + random())
        return Effect.delay(Effect.suspend(() => answer(process)), half).pipe(Effect.ensuring(Effect.sleep(half)))
      })
      const repeated = (count: number): Fetched =>
        Effect.catchAll(once, (error) =>
          Effect.flatMap(FiberRef.get(isAwaited), (mayRepeat) => {
            const isFinal = !mayRepeat || count === repeats || isThrottled(error)
            return isFinal ? Effect.fail(error) : Effect.delay(repeated(count + 1), repeatAfter(count, random()))
          }))
      return repeated(0)
    }
  }
}

const isThrottled = (error: CredentialError.CredentialError): boolean =>
  error._tag === "CredentialsUnavailable" && error.code !== undefined

export const simulate = async (setting: Setting): Promise<Figures> => {
  const random = seeded(setting.seed)
  const firstWaits = new Float64Array(setting.processes).fill(Infinity)
  const figures = { lostSessions: 0, secondsWithout: 0, expired: 0, errors: 0 }
  let calls: Float64Array = new Float64Array()
  let commands: Float64Array = new Float64Array()
  let issued: ReadonlyArray<number> = []

  const { exit } = await inVirtualTime(({ now }) =>
    Effect.gen(function*() {
      const start = now()
      const sts = makeSts(setting, now, random)
      const store = yield* sharedStore.make(setting.store, setting.until, () => now() - start, random)
      calls = sts.calls
      commands = store.commands
      issued = sts.issued

      const noteExpiry = (process: Process): void => {
        const { expiresAt, isDead } = process
        if (isDead || expiresAt === undefined || now() <= expiresAt) return
        figures.lostSessions += 1
        figures.secondsWithout += (now() - expiresAt) / 1000
      }

      const receive = (index: number, process: Process, credentials: Credentials.Credentials): void => {
        noteExpiry(process)
        if (process.expiresAt === undefined) firstWaits[index] = (now() - process.startedAt) / 1000
        process.expiresAt = sts.expiresAt(credentials)
        if (process.expiresAt <= now()) figures.expired += 1
      }

      /** Asks for a session all the time, which makes no difference but when the provider has something to do. */
      const use = (index: number, process: Process, provider: CredentialProvider.Service): Effect.Effect<never> =>
        provider.get.pipe(
          Effect.exit,
          Effect.flatMap((exit) => {
            if (process.isDead) return sharedStore.noAnswer
            if (Exit.isSuccess(exit)) {
              receive(index, process, exit.value)
              return Effect.zipWith(CredentialProvider.health(provider), DateTime.now, pauseOf)
            }
            figures.errors += 1
            return Effect.succeed(again)
          }),
          Effect.flatMap(Effect.sleep),
          Effect.forever
        )

      const begin = (index: number, process: Process) =>
        Effect.gen(function*() {
          process.startedAt = now()
          const source = yield* CredentialProvider.make({ name: "fleet", fetch: sts.call(process) })
          const provider = yield* SharedSession.make({
            source,
            store: store.connect(() => process.isDead),
            name: "fleet",
            settings: {}
          })
          return yield* use(index, process, provider)
        })

      const clock = yield* Effect.clock
      const { skew = 0 } = setting
      const fleet = Array.from({ length: setting.processes }, (): Process => ({
        isDead: false,
        startedAt: Infinity,
        expiresAt: undefined
      }))
      yield* Effect.forEach(fleet, (process, index) => {
        const offset = Math.round(1000 * skew * (2 * random() - 1))
        return begin(index, process).pipe(
          Effect.scoped,
          Effect.delay(random() * setting.start * 1000),
          Effect.withClock(offsetClock(clock, () => offset)),
          Effect.forkDaemon
        )
      }, { discard: true })
      yield* Effect.sleep(1000 * setting.until - 1)
      fleet.forEach(noteExpiry)
    }).pipe(Effect.withRandom(Random.make(String(setting.seed))), Logger.withMinimumLogLevel(LogLevel.None))
  )
  if (Exit.isFailure(exit)) throw new Error(String(exit.cause))
  return { calls, commands, issued, firstWaits: firstWaits.sort(), ...figures }
}

const pauseOf = (health: CredentialProvider.Health, at: DateTime.Utc): number => {
  const now = DateTime.toEpochMillis(at)
  const left = (time: DateTime.Utc | undefined) => time === undefined ? Infinity : DateTime.toEpochMillis(time) - now
  const expiry = left(health.usableUntil)
  const end = expiry > safety ? expiry - safety : expiry
  return Math.max(1, Math.min(health.isRenewing ? glance : left(health.nextRenewal), end))
}
