/**
 * The process under test: hundreds of fibers use a few providers whose servers and programs fail. Arguments: the port of
 * the server, the command of the external program, the seed, and for how many milliseconds. Sends what came of it.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Effect, Either, Layer, Logger, LogLevel, Redacted } from "effect"
import {
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  ExternalProcess,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { readdirSync } from "node:fs"
import { seeded } from "../../bench/fleet/simulation.ts"
import { bytesInUse } from "../../bench/garbage.ts"
import { type Figures, type Ledger, makeLedger } from "../../test/support/soak/ledger.ts"
import { makeServer, timestampOf } from "../../test/support/soak/server.ts"

export interface Usage {
  /** Bytes after a collection of garbage. */
  readonly heap: number
  readonly handles: number
  /** Undefined where the system does not say. */
  readonly files: number | undefined
}

export interface Result {
  readonly figures: Readonly<Record<string, Figures>>
  /** Before the providers were made. */
  readonly before: Usage
  /** After a fifth of the time, and at its end. */
  readonly early: Usage
  readonly late: Usage
  /** After the providers were closed. */
  readonly after: Usage
}

const [port = "", command = "", seed = "", millis = ""] = process.argv.slice(2)

const random = seeded(Number(seed))
const callers = 200
const second = 1000
const limits = { timeout: "1 second", connectTimeout: "1 second" } as const
const refresh = { maxWait: "10 seconds", maxBackoff: "10 seconds" } as const

const filesOpen = (): number | undefined => {
  try {
    return readdirSync("/proc/self/fd").length
  } catch {
    return undefined
  }
}

const usage = (): Usage => ({
  heap: bytesInUse(),
  handles: process.getActiveResourcesInfo().length,
  files: filesOpen()
})

const ledgers = {
  RamRoleArn: makeLedger({ name: "RamRoleArn", steps: 1 }),
  CredentialsUri: makeLedger({ name: "CredentialsUri", steps: 1 }),
  EcsRamRole: makeLedger({ name: "EcsRamRole", steps: 2 }),
  ExternalProcess: makeLedger({ name: "ExternalProcess", steps: 1 })
}
ledgers.ExternalProcess.excuse(Infinity)

let lastSeen = Date.now()

/** Notices that the process was stopped. */
const now = (): number => {
  const time = Date.now()
  if (time - lastSeen > second) Object.values(ledgers).forEach((ledger) => ledger.excuse(time + 15 * second))
  lastSeen = time
  return time
}

const watchForStops = () => setInterval(now, 100)

const formOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""

/** Sends everything to the server on loopback, whatever its host, with the answer that is wanted. */
const connections = (ledger: Ledger) => {
  const server = makeServer({
    random: seeded(random() * 2 ** 32),
    spell: 8 * second,
    lives: [20, 30, 45, 60],
    slowest: 4 * second,
    excuse: 20 * second,
    longExcuse: 40 * second,
    retryAfter: [1, 3],
    mayLie: () => true
  })
  return Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.make((request, url) =>
        Effect.suspend(() => {
          const sentAt = now()
          const close = Effect.sync(ledger.request(sentAt))
          const answer = server.answer({ path: url.pathname, timestamp: timestampOf(formOf(request)) }, sentAt)
          if (answer.fault !== undefined) ledger.fault()
          ledger.excuse(sentAt + answer.delay + answer.excuses)
          return client.execute(request.pipe(
            HttpClientRequest.setUrl(`http://127.0.0.1:${port}${url.pathname}`),
            HttpClientRequest.setHeader("x-answer", Buffer.from(JSON.stringify(answer)).toString("base64"))
          )).pipe(Effect.ensuring(close))
        })
      ))
  ).pipe(Layer.provide(NodeHttpClient.layer))
}

/** Stops or kills the program now and then. */
const hurt = (pid: number): void => {
  const kind = random()
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(pid, signal)
    } catch {
      // It has exited already.
    }
  }
  setTimeout(() => send(kind < 0.2 ? "SIGKILL" : "SIGSTOP"), 1000 * random()).unref()
  setTimeout(() => send("SIGCONT"), 1000 + 9000 * random()).unref()
}

const programs = Layer.map(NodeContext.layer, (context) => context).pipe(
  (base) =>
    Layer.provideMerge(
      Layer.effect(
        CommandExecutor.CommandExecutor,
        Effect.map(CommandExecutor.CommandExecutor, (executor) =>
          CommandExecutor.makeExecutor((command) =>
            Effect.acquireRelease(
              Effect.sync(() =>
                ledgers.ExternalProcess.request(now())
              ),
              (close) => Effect.sync(close)
            ).pipe(
              Effect.zipRight(executor.start(command)),
              Effect.tap(({ pid }) => Effect.sync(() => random() < 0.3 && hurt(pid)))
            )
          ))
      ),
      base
    )
)

const user = StaticCredentials.layerAccessKey({ accessKeyId: "LTAIexample", accessKeySecret: Redacted.make("example") })

const providers: Readonly<Record<keyof typeof ledgers, Layer.Layer<CredentialProvider.CredentialProvider>>> = {
  RamRoleArn: RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/example", ...limits, refresh }).pipe(
    Layer.provide(user),
    Layer.provide(connections(ledgers.RamRoleArn))
  ),
  CredentialsUri: CredentialsUri.layer({ uri: "http://credentials.local/session", ...limits, refresh }).pipe(
    Layer.provide(connections(ledgers.CredentialsUri))
  ),
  EcsRamRole: EcsRamRole.layer({ roleName: "example-role", refresh }).pipe(
    Layer.provide(connections(ledgers.EcsRamRole))
  ),
  ExternalProcess: ExternalProcess.layer({ command: Redacted.make(command), timeout: "5 seconds", refresh }).pipe(
    Layer.provide(programs)
  )
}

const call = (provider: CredentialProvider.Service, ledger: Ledger, mayRefuse: boolean) =>
  Effect.gen(function*() {
    const result = yield* Effect.either(provider.get)
    const time = now()
    if (Either.isLeft(result)) return ledger.failed(result.left, time)
    const credentials = result.right
    if (credentials._tag !== "StsToken") return yield* Effect.dieMessage("not a session")
    const wasRefused = ledger.got(credentials.accessKeyId, time)
    if (mayRefuse && (wasRefused || random() < 0.000_2)) {
      ledger.refused(credentials.accessKeyId, time)
      yield* provider.invalidate(credentials)
    }
  })

const caller = (once: Effect.Effect<void>, end: number) =>
  Effect.gen(function*() {
    const usual = 300 * 10 ** (random() * 1.5)
    while (now() < end) {
      yield* Effect.sleep(-usual * Math.log(1 - random()))
      yield* once
    }
  })

const use = (name: keyof typeof ledgers, end: number) =>
  Effect.flatMap(CredentialProvider.CredentialProvider, (provider) =>
    Effect.replicateEffect(
      caller(call(provider, ledgers[name], name !== "ExternalProcess"), end),
      callers,
      { concurrency: "unbounded", discard: true }
    )).pipe(Effect.provide(providers[name]))

const soak = Effect.gen(function*() {
  const end = now() + Number(millis)
  const heartbeat = watchForStops()
  const before = usage()
  let early = before
  let late = before
  const measured = Effect.gen(function*() {
    yield* Effect.sleep(Number(millis) / 5)
    early = usage()
    yield* Effect.sleep(Number(millis) * 4 / 5 - 500)
    late = usage()
  })
  yield* Effect.all([measured, ...Object.keys(ledgers).map((name) => use(name as keyof typeof ledgers, end))], {
    concurrency: "unbounded",
    discard: true
  })
  // The system closes sockets a moment later.
  yield* Effect.sleep("3 seconds")
  clearInterval(heartbeat)
  const figures = Object.fromEntries(Object.entries(ledgers).map(([name, ledger]) => [name, ledger.figures()]))
  process.send?.({ figures, before, early, late, after: usage() } satisfies Result)
  process.disconnect()
})

void Effect.runPromise(Logger.withMinimumLogLevel(soak, LogLevel.None))
