import {
  Headers,
  HttpClient,
  type HttpClientError,
  type HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { assert } from "@effect/vitest"
import {
  Cause,
  Clock,
  ConfigProvider,
  type Duration,
  Effect,
  Fiber,
  Layer,
  Logger,
  Redacted,
  Stream,
  TestClock
} from "effect"
import { CredentialProvider, type Credentials, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { inspect } from "node:util"

export const { defaults } = LocalCloud

export type Texts = Readonly<Record<string, string>>

/** These variables and no others: never those of the machine. */
export const variables = (entries: Texts = {}): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

export interface Setup {
  readonly variables?: Texts | undefined
  readonly world?: Partial<LocalCloud.World> | undefined
}

/** The source over a cloud of its own. */
export const overCloud = <E, R>(source: Layer.Layer<CredentialProvider.CredentialProvider, E, R>, setup: Setup = {}) =>
  source.pipe(
    Layer.provideMerge(LocalCloud.layer({ world: setup.world })),
    Layer.provide(variables(setup.variables))
  )

/** The key pair of the local cloud's user. */
export const user = StaticCredentials.layerAccessKey({
  accessKeyId: defaults.accessKeyId,
  accessKeySecret: Redacted.make(defaults.accessKeySecret)
})

export const get = CredentialProvider.get

export const getSession = Effect.filterOrDieMessage(
  get,
  (credentials): credentials is Credentials.StsToken => credentials._tag === "StsToken",
  "not a session"
)

/** The error that `get` fails with. */
export const failure = Effect.flip(get)

export const renew = Effect.gen(function*() {
  const provider = yield* CredentialProvider.CredentialProvider
  yield* provider.invalidate(yield* provider.get)
  return yield* provider.get
})

export const requests = Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.requests)

/** How many requests there were so far. */
export const count = Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.count())

/** `POST sts.aliyuncs.com/` for each request so far. */
export const seen = Effect.map(
  requests,
  (all) => all.map((request) => `${request.method} ${request.host}${request.path}`)
)

export const fault = (fault: LocalCloud.Fault) => Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.fault(fault))

/** Runs an effect while the test clock goes on, and says after how many milliseconds of it the effect ended. */
export const elapsed = <A, E, R>(effect: Effect.Effect<A, E, R>, most: Duration.DurationInput = "2 minutes") =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.flatMap(
      Effect.exit(effect),
      (exit) => Effect.map(Clock.currentTimeMillis, (end) => ({ exit, millis: end - start }))
    ))
    yield* TestClock.adjust(most)
    const { exit, millis } = yield* Fiber.join(fiber)
    return { value: yield* exit, millis }
  })

export interface Reply {
  readonly status?: number
  readonly headers?: Texts
  readonly body?: string | Stream.Stream<Uint8Array, HttpClientError.ResponseError>
}

export type Answer = (
  request: HttpClientRequest.HttpClientRequest,
  url: URL
) => Effect.Effect<Reply, HttpClientError.HttpClientError>

/** A network of one's own, read without promises. */
export const fakeHttp = (answer: Answer): Layer.Layer<HttpClient.HttpClient> =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.map(answer(request, url), ({ body = "", headers = {}, status = 200 }) => {
        const stream = typeof body === "string" ? Stream.make(new TextEncoder().encode(body)) : body
        const response = { request, status, headers: Headers.fromInput(headers), stream }
        return response as unknown as HttpClientResponse.HttpClientResponse
      })
    )
  )

/** The fields of a session that ends in an hour of the test clock. */
export const sessionFields = {
  AccessKeyId: "STS.FakeKeyId",
  AccessKeySecret: "fake-session-secret",
  SecurityToken: "fake-session-token",
  Expiration: "1970-01-01T01:00:00Z"
} as const

/** Every way in which an error may be shown to somebody. */
export const renderings = (error: unknown): string =>
  [
    String(error),
    inspect(error, { depth: 12, showHidden: true, getters: true }),
    JSON.stringify(error),
    error instanceof Error ? `${error.message}\n${error.stack}` : "",
    Cause.pretty(Cause.fail(error))
  ].join("\n")

export const assertShowsNone = (error: unknown, secrets: ReadonlyArray<string>): void => {
  const text = renderings(error)
  assert.isAbove(secrets.length, 0)
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), encodeURIComponent(encodeURIComponent(secret))]) {
      assert.notInclude(text, form)
    }
  }
}

/** Collects what is logged under the layer given with it. */
export const logs = () => {
  const lines: Array<string> = []
  const layer = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(message)}`)
    })
  )
  return { lines, layer }
}
