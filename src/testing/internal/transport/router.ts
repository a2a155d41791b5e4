import * as HashMap from "effect/HashMap"
import type { DisconnectFault, ExpiredFault, SkewFault } from "../../Fault.ts"
import type { RequestRecord } from "../../RequestRecord.ts"
import type { ServiceName } from "../../World.ts"
import { endSession, requestId, type State } from "../cloud/state.ts"
import { claimedAccessKeyId } from "../services/authenticate.ts"
import { answerCloudSso } from "../services/cloudSso.ts"
import { answerImds, imdsOperation, isSilent } from "../services/imds.ts"
import { answerOAuth, oauthOperation } from "../services/oauth.ts"
import { answerApi, apiName, isStsVersion } from "../services/openApi.ts"
import { answerUri } from "../services/uri.ts"
import * as fault from "./fault.ts"
import {
  allParams,
  type Answer,
  bodyText,
  formParams,
  hostname,
  json,
  type Request,
  toRecord,
  withDate
} from "./message.ts"

/** @internal */
export interface Route {
  readonly service: ServiceName | "unknown"
  readonly operation: string
}

const metadataHost = "100.100.100.200"

/** @internal */
export const uriHost = "credentials.local"

const oauthHosts: ReadonlyArray<string> = [
  "oauth.aliyun.com",
  "oauth.alibabacloud.com",
  "signin.aliyun.com",
  "signin.alibabacloud.com"
]

/**
 * Whether a host is part of the cloud, so that a request for it may go to a local server instead.
 *
 * @internal
 */
export const isCloudHost = (host: string): boolean =>
  host === metadataHost
  || host === uriHost
  || oauthHosts.includes(host)
  || host.endsWith(".aliyuncs.com")
  || host.endsWith(".alibabacloudsso.com")

const apiRoute = (request: Request): Route => {
  const name = apiName(request)
  return { service: isStsVersion(name) ? "sts" : "openapi", operation: name.action ?? "unknown" }
}

const routeByHost = (request: Request): Route | undefined => {
  const host = hostname(request)
  if (host === metadataHost) return { service: "imds", operation: imdsOperation(request.path) }
  if (host === uriHost) return { service: "uri", operation: "credential" }
  if (oauthHosts.includes(host)) return { service: "oauth", operation: oauthOperation(request.path) }
  if (host.endsWith(".alibabacloudsso.com")) return { service: "cloudsso", operation: request.path.slice(1) }
  if (/^sts[^.]*\..*aliyuncs\.com$/.test(host)) return { ...apiRoute(request), service: "sts" }
  return host.endsWith(".aliyuncs.com") ? apiRoute(request) : undefined
}

/** For a client that was given the address of the server itself. */
const routeByPath = (request: Request): Route | undefined => {
  if (request.path.startsWith("/latest/")) return { service: "imds", operation: imdsOperation(request.path) }
  if (request.path === "/cloud-credentials") return { service: "cloudsso", operation: "cloud-credentials" }
  const oauth = oauthOperation(request.path)
  if (oauth !== "unknown") return { service: "oauth", operation: oauth }
  if (/^\/credentials(\/|$)/.test(request.path)) return { service: "uri", operation: "credential" }
  return apiName(request).action === undefined ? undefined : apiRoute(request)
}

/** @internal */
export const route = (request: Request): Route =>
  routeByHost(request) ?? routeByPath(request) ?? { service: "unknown", operation: "unknown" }

const answerRoute = (state: State, { operation, service }: Route, request: Request, now: number) => {
  switch (service) {
    case "sts":
    case "openapi":
      return answerApi(state, request, now)
    case "imds":
      return answerImds(state, request, now)
    case "uri":
      return answerUri(state, request, now)
    case "cloudsso":
      return operation === "cloud-credentials" ? answerCloudSso(state, request, now) : nothingHere(state)
    case "oauth":
      return answerOAuth(state, request, now)
    case "unknown":
      return nothingHere(state)
  }
}

const nothingHere = (state: State): readonly [Answer, State] => [
  json(404, { Code: "NotFound", Message: "The local cloud has nothing here." }, "NotFound"),
  state
]

/**
 * What happens on the wire.
 *
 * @internal
 */
export type Delivery =
  | { readonly _tag: "Whole"; readonly answer: Answer }
  /** The first bytes, then silence. */
  | { readonly _tag: "Drip"; readonly answer: Answer; readonly bytes: number }
  /** The first half of the body, then the connection breaks. */
  | { readonly _tag: "Broken"; readonly answer: Answer }
  | { readonly _tag: "Endless"; readonly answer: Answer; readonly bytes: number }
  | { readonly _tag: "Disconnect"; readonly errorCode: string }
  | { readonly _tag: "Silent" }

/** @internal */
export interface Arrival {
  readonly request: Request
  readonly route: Route
  readonly fault: fault.Effective | undefined
  readonly skew: SkewFault | undefined
  /** Key of its record. */
  readonly number: number
}

const record = (arrival: Omit<Arrival, "number">, at: number): RequestRecord => {
  const { request } = arrival
  return {
    ...arrival.route,
    at,
    method: request.method,
    host: request.host,
    path: request.path,
    query: toRecord(request.query),
    form: toRecord(formParams(request)),
    params: toRecord(allParams(request)),
    headers: request.headers,
    body: bodyText(request),
    accessKeyId: claimedAccessKeyId(request),
    status: undefined,
    code: undefined,
    fault: arrival.fault?.kind ?? arrival.skew?.kind
  }
}

/**
 * Takes the faults that the request meets, and writes it down.
 *
 * @internal
 */
export const arrive = (state: State, request: Request, now: number): readonly [Arrival, State] => {
  const where = route(request)
  const taken = fault.take(state.faults, where.service, where.operation)
  const arrival = { request, route: where, fault: taken.fault, skew: taken.skew }
  return [{ ...arrival, number: state.arrivals }, {
    ...state,
    faults: taken.rest,
    arrivals: state.arrivals + 1,
    records: HashMap.set(state.records, state.arrivals, record(arrival, now))
  }]
}

const whole = (answer: Answer): Delivery => ({ _tag: "Whole", answer })

const disconnect = (entry: DisconnectFault): Delivery => ({
  _tag: "Disconnect",
  errorCode: entry.errorCode ?? "ECONNRESET"
})

type Step = readonly [Delivery, State]

const issuedIn = (body: string): string | undefined => /"accessKeyId":"([^"]+)"/i.exec(body)?.[1]

const expire = (state: State, answer: Answer, entry: ExpiredFault, now: number): Step => {
  const at = fault.expiredAt(entry, now)
  const accessKeyId = issuedIn(answer.body)
  return [
    whole(fault.withExpiration(answer, at)),
    accessKeyId === undefined ? state : endSession(state, accessKeyId, at)
  ]
}

/** An answer that the cloud did not think about. */
const unprocessed = (state: State, arrival: Arrival): Delivery | undefined => {
  const { fault: entry, request, route: where } = arrival
  if (isSilent(state, request)) return { _tag: "Silent" }
  switch (entry?.kind) {
    case "status":
      return whole(fault.statusAnswer(where.service, request, entry, requestId(state)))
    case "silent":
      return { _tag: "Silent" }
    case "malformed":
      return whole(fault.malformed(entry))
    case "redirect":
      return whole(fault.redirect(entry))
    case "endless":
      return { _tag: "Endless", answer: json(200, {}), bytes: entry.bytes ?? Infinity }
    case "disconnect":
      return entry.at === undefined || entry.at === "request" ? disconnect(entry) : undefined
    default:
      return undefined
  }
}

const process = (state: State, arrival: Arrival, now: number): Step => {
  const [answer, next] = answerRoute(state, arrival.route, arrival.request, now)
  switch (arrival.fault?.kind) {
    case "missing":
      return [whole(fault.withoutFields(answer, arrival.fault.fields)), next]
    case "expired":
      return expire(next, answer, arrival.fault, now)
    case "disconnect":
      return [arrival.fault.at === "body" ? { _tag: "Broken", answer } : disconnect(arrival.fault), next]
    case "drip":
      return [{ _tag: "Drip", answer, bytes: arrival.fault.bytes ?? 10 }, next]
    default:
      return [whole(answer), next]
  }
}

const note = (state: State, arrival: Arrival, delivery: Delivery): State => {
  if (!("answer" in delivery)) return state
  const { code, status } = delivery.answer
  return { ...state, records: HashMap.modify(state.records, arrival.number, (record) => ({ ...record, status, code })) }
}

/**
 * What the cloud does about a request that arrived.
 *
 * @internal
 */
export const answer = (previous: State, arrival: Arrival, now: number): Step => {
  const state = { ...previous, serial: previous.serial + 1 }
  const ahead = arrival.skew?.millis ?? 0
  const clock = arrival.skew?.of === "date" ? now : now + ahead
  const quick = unprocessed(state, arrival)
  const [delivery, next] = quick === undefined ? process(state, arrival, clock) : [quick, state]
  const dated = "answer" in delivery
    ? { ...delivery, answer: withDate(delivery.answer, now + ahead) }
    : delivery
  return [dated, note(next, arrival, dated)]
}
