/**
 * A simulated machine on which thousands of fibers use a few providers, while servers, clock and machine do what a seed
 * says.
 */
import { type HttpClient, HttpClientError, type HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Effect, Either, type Exit, Layer, Logger, LogLevel, Random, Stream } from "effect"
import { CredentialProvider, CredentialsUri, EcsRamRole, RamRoleArn } from "effect-alicloud-credentials"
import { seeded } from "../../../bench/fleet/simulation.ts"
import { user } from "../cloud.ts"
import { fakeHttp } from "../network.ts"
import { type Machine, simulate } from "../simulation.ts"
import { type Figures, type Ledger, makeLedger } from "./ledger.ts"
import { type Answer, makeServer, type Server, timestampOf } from "./server.ts"

export interface Options {
  readonly seed: number
  readonly hours: number
  /** The fibers of each provider. */
  readonly callers: number
}

interface Source {
  readonly name: string
  readonly steps: number
  readonly layer: Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient>
}

const sources: ReadonlyArray<Source> = [
  {
    name: "RamRoleArn",
    steps: 1,
    layer: Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/example" }), user)
  },
  { name: "CredentialsUri", steps: 1, layer: CredentialsUri.layer({ uri: "http://credentials.local/session" }) },
  { name: "EcsRamRole", steps: 2, layer: EcsRamRole.layer({ roleName: "example-role" }) }
]

const second = 1000
const minute = 60 * second
const hour = 60 * minute

const formOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""

/** The connections of one provider to its server. */
const connections = (machine: Machine, server: Server, ledger: Ledger) =>
  fakeHttp((request, url) =>
    Effect.suspend(() => {
      const sentAt = machine.now()
      const suspensions = machine.suspensions()
      const close = Effect.sync(ledger.request(sentAt))
      const answer = server.answer({ path: url.pathname, timestamp: timestampOf(formOf(request)) }, sentAt)
      if (answer.fault !== undefined) ledger.fault()
      ledger.excuse(sentAt + answer.delay + answer.excuses)
      const head = Effect.flatMap(Effect.sleep(answer.delay), () =>
        // The connections of a machine that slept are dead.
        answer.delivery === "nothing" || machine.suspensions() !== suspensions
          ? Effect.never
          : answer.delivery === "nothing, then reset"
          ? new HttpClientError.RequestError({ request, reason: "Transport" })
          : Effect.succeed({
            status: answer.status,
            headers: answer.headers,
            body: Stream.ensuring(bodyOf(request, answer), close)
          }))
      return Effect.onError(head, () => close)
    })
  )

const bodyOf = (
  request: HttpClientRequest.HttpClientRequest,
  { body, delivery, status }: Answer
): Stream.Stream<Uint8Array, HttpClientError.ResponseError> => {
  const bytes = new TextEncoder().encode(body)
  const half = Stream.make(bytes.subarray(0, bytes.length / 2))
  switch (delivery) {
    case "half, then reset":
      return Stream.concat(
        half,
        Stream.fail(
          new HttpClientError.ResponseError({
            request,
            response: { request, status } as unknown as HttpClientResponse.HttpClientResponse,
            reason: "Decode"
          })
        )
      )
    case "half, then nothing":
      return Stream.concat(half, Stream.never)
    default:
      return Stream.make(bytes)
  }
}

/** Calls get, does what a service does that refuses a session now and then, and notes what came of it. */
const call = (
  machine: Machine,
  ledger: Ledger,
  provider: CredentialProvider.Service,
  random: () => number
) =>
  Effect.gen(function*() {
    const isHasty = random() < 0.01
    const get = Effect.either(provider.get)
    const result = isHasty
      ? yield* Effect.timeoutTo(get, {
        duration: 50 + random() * 20 * second,
        onSuccess: (result) => result,
        onTimeout: () => undefined
      })
      : yield* get
    const now = machine.now()
    if (result === undefined) return ledger.gaveUp()
    if (Either.isLeft(result)) return ledger.failed(result.left, now)
    const credentials = result.right
    if (credentials._tag !== "StsToken") return yield* Effect.dieMessage("not a session")
    const id = credentials.accessKeyId
    if (ledger.got(id, now) || random() < 0.001) {
      ledger.refused(id, now)
      yield* provider.invalidate(credentials)
    }
  })

/** When no caller asks: programs are idle at night. */
interface Night {
  until: number
}

const isOver = (machine: Machine, end: number): boolean => machine.now() >= end

const caller = (
  machine: Machine,
  end: number,
  night: Night,
  random: () => number,
  callOnce: Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const usual = 30 * minute * 10 ** (2 * random() - 1)
    while (!isOver(machine, end)) {
      yield* Effect.sleep(-usual * Math.log(1 - random()))
      if (machine.now() < night.until) yield* Effect.sleep(night.until - machine.now() + 10 * second * random())
      yield* callOnce
    }
  })

/**
 * What happens to the machine. The clock is wrong or the machine sleeps, in turns of four hours with an hour between
 * them, since without a clock that is right for the whole life of a session nobody can know when it ends.
 */
const misfortunes = (
  machine: Machine,
  end: number,
  night: Night,
  random: () => number,
  ledgers: ReadonlyArray<Ledger>,
  setSteady: (isSteady: boolean) => void
): Effect.Effect<void> => {
  const start = machine.now()
  const oneOf = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)]!
  const set = (offset: number) =>
    Effect.sync(() => {
      machine.setClock(offset)
      ledgers.forEach((ledger) => ledger.clockSet(machine.now(), offset))
    })
  const excuse = (): void => ledgers.forEach((ledger) => ledger.excuse(machine.now() + 2 * minute))
  const wrongClock = Effect.gen(function*() {
    setSteady(false)
    yield* Effect.sleep(minute)
    yield* set(oneOf([-2 * hour, -10 * minute, -30 * second, 30 * second, 10 * minute, 2 * hour]))
    yield* Effect.sleep(20 * minute * random())
    yield* set(0)
    yield* Effect.sleep(minute)
    setSteady(true)
  })
  const next = (): Effect.Effect<void> => {
    const kind = random()
    const quarter = (machine.now() - start) % (8 * hour)
    if (kind < 0.1) {
      night.until = machine.now() + 2 * hour * random()
      return Effect.void
    }
    if (kind < 0.4) {
      machine.stop(10 ** (3 + 3 * random()))
      return Effect.sync(excuse)
    }
    if (quarter < 3 * hour) {
      machine.suspend(hour * random() ** 2)
      return Effect.sync(excuse)
    }
    return quarter < 4 * hour ? Effect.void : wrongClock
  }
  return Effect.gen(function*() {
    while (!isOver(machine, end)) {
      yield* Effect.sleep(minute + 20 * minute * random())
      yield* Effect.suspend(next)
    }
  })
}

/** How sessions and requests fared, by the name of the provider. */
export interface Day {
  readonly exit: Exit.Exit<unknown, unknown>
  readonly sleeping: number
  readonly figures: Readonly<Record<string, Figures>>
}

export const live = async ({ callers, hours, seed }: Options): Promise<Day> => {
  const random = seeded(seed)
  let ledgers: ReadonlyArray<readonly [name: string, ledger: Ledger]> = []
  const { exit, sleeping } = await simulate((machine) => {
    const end = machine.now() + hours * hour
    const night: Night = { until: 0 }
    let isSteady = true
    const used = (source: Source, ledger: Ledger) => {
      const server = makeServer({
        random: seeded(random() * 2 ** 32),
        spell: 5 * minute,
        lives: [20, 60, 300, 900, 1800, 3600],
        slowest: 20 * second,
        // Longer than any request with its repetitions, and than the pauses that servers ask for, which may be doubled.
        excuse: 100 * second,
        longExcuse: 700 * second,
        retryAfter: [1, 5, 30, 120, 900],
        mayLie: () => isSteady
      })
      return Effect.flatMap(
        CredentialProvider.CredentialProvider,
        (provider) =>
          Effect.replicateEffect(
            caller(machine, end, night, random, call(machine, ledger, provider, random)),
            callers,
            { concurrency: "unbounded", discard: true }
          )
      ).pipe(Effect.provide(Layer.provide(source.layer, connections(machine, server, ledger))))
    }
    const all = sources.map((source) => [source, makeLedger(source)] as const)
    ledgers = all.map(([{ name }, ledger]) => [name, ledger])
    const weather = misfortunes(machine, end, night, random, all.map(([, ledger]) => ledger), (steady) => {
      isSteady = steady
    })
    return Effect.all([weather, ...all.map(([source, ledger]) => used(source, ledger))], {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.withRandom(Random.make(String(seed))), Logger.withMinimumLogLevel(LogLevel.None))
  })
  return {
    exit,
    sleeping,
    figures: Object.fromEntries(ledgers.map(([name, ledger]) => [name, ledger.figures()]))
  }
}
