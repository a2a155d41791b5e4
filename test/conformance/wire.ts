/** The requests of a case, and the answers to them. */
import { HttpClientError, type HttpClientRequest } from "@effect/platform"
import { Effect } from "effect"
import type { Reply } from "../support/network.ts"
import type { Exchange } from "./case.ts"

type Texts = Readonly<Record<string, string>>

/** A request as it was sent. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly query: Texts
  readonly form: Texts
  readonly json: Texts
  readonly headers: Texts
}

const textOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

/** The fields of a body. */
export const bodyFields = (body: string): Pick<Sent, "form" | "json"> => ({
  form: Object.fromEntries(new URLSearchParams(body)),
  json: body.startsWith("{") ? JSON.parse(body) as Texts : {}
})

export const sentOf = (request: HttpClientRequest.HttpClientRequest, url: URL): Sent => ({
  method: request.method,
  url: `${url.origin}${url.pathname}`,
  query: Object.fromEntries(url.searchParams),
  ...bodyFields(textOf(request)),
  headers: { ...request.headers }
})

const differences = (what: string, expected: Texts | undefined, actual: Texts): ReadonlyArray<string> =>
  Object.entries(expected ?? {}).flatMap(([name, value]) =>
    actual[name] === value ? [] : [`${what} ${name} is ${actual[name] ?? "missing"}, not ${value}`]
  )

/** What is wrong with a request. */
export const problemsOf = ({ request }: Exchange, sent: Sent): ReadonlyArray<string> => [
  ...(request.method === sent.method && request.url === sent.url
    ? []
    : [`${sent.method} ${sent.url}, not ${request.method} ${request.url}`]),
  ...differences("query", request.query, sent.query),
  ...differences("form", request.form, sent.form),
  ...differences("parameter", request.parameters, { ...sent.query, ...sent.form }),
  ...differences("json", request.json, sent.json),
  ...differences("header", request.headers, sent.headers),
  ...(request.without ?? [])
    .filter((name) => [sent.headers, sent.query, sent.form, sent.json].some((fields) => name in fields))
    .map((name) => `${name} is sent`)
]

/** The answers in their order, and what was wrong with the requests. */
export class Script {
  readonly problems: Array<string> = []
  count = 0
  private readonly exchanges: ReadonlyArray<Exchange>
  private at = 0
  private given = 0

  constructor(exchanges: ReadonlyArray<Exchange>) {
    this.exchanges = exchanges
  }

  /** Undefined for a request that the case does not have. */
  next(sent: Sent): Exchange["response"] | undefined {
    this.count++
    const exchange = this.current()
    if (exchange === undefined) {
      this.problems.push(`request ${this.count}: ${sent.method} ${sent.url} is not expected`)
      return undefined
    }
    this.given++
    this.problems.push(...problemsOf(exchange, sent).map((problem) => `request ${this.count}: ${problem}`))
    return exchange.response
  }

  /** The requests that were not sent. */
  get missing(): ReadonlyArray<string> {
    return this.exchanges.slice(this.at).flatMap(({ request, times }, index) => {
      const rest = times - (index === 0 ? this.given : 0)
      return rest > 0 ? [`${request.method} ${request.url} was not sent`] : []
    })
  }

  private current(): Exchange | undefined {
    for (; this.at < this.exchanges.length; this.at++, this.given = 0) {
      const exchange = this.exchanges[this.at]
      if (exchange !== undefined && this.given < exchange.times) return exchange
    }
    return undefined
  }
}

const refused = (request: HttpClientRequest.HttpClientRequest) =>
  new HttpClientError.RequestError({
    request,
    reason: "Transport",
    cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
  })

/** An object is sent as JSON, with the type that servers give it. */
export const contentOf = (
  { body, headers }: Exclude<Exchange["response"], string>
): { readonly body: string; readonly headers: Texts } =>
  typeof body === "string"
    ? { body, headers }
    : { body: JSON.stringify(body), headers: { "content-type": "application/json;charset=utf-8", ...headers } }

/** What the client gets, at this time in milliseconds. */
export const replyTo = (
  response: Exchange["response"] | undefined,
  request: HttpClientRequest.HttpClientRequest,
  now: number
): Effect.Effect<Reply, HttpClientError.RequestError> => {
  if (response === undefined || response === "refused") return Effect.fail(refused(request))
  if (response === "silent") return Effect.never
  const date = response.date === undefined ? {} : { date: new Date(now + response.date * 1000).toUTCString() }
  const { body, headers } = contentOf(response)
  return Effect.succeed({ status: response.status, headers: { ...date, ...headers }, body })
}
