import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Ref from "effect/Ref"
import type { DisconnectFault, ExpiredFault, SkewFault, StatusFault } from "../../Fault.ts"
import type { RequestRecord } from "../../RequestRecord.ts"
import { endSession, nextSerial, requestId, type State } from "../cloud/state.ts"
import { claimedAccessKeyId } from "../services/authenticate.ts"
import type { CloudService, Route } from "../services/cloudService.ts"
import {
  allParams,
  type Answer,
  bodyText,
  formParams,
  json,
  type Request,
  toRecord,
  withDate,
  withHeaders
} from "../wire/message.ts"
import type { Delivery } from "./delivery.ts"
import * as fault from "./fault.ts"
import { findService } from "./router.ts"
import type { Traffic } from "./traffic.ts"

/** A request that arrived, the service that it is for, and the faults that apply to it. */
interface Arrival {
  readonly request: Request
  readonly service: CloudService
  readonly route: Route
  readonly fault: fault.Effective | undefined
  readonly skew: SkewFault | undefined
  /** The number of its record. */
  readonly number: number
}

const toRequestRecord = (arrival: Arrival, at: number): RequestRecord => {
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

/** Records the request, and takes the faults that apply to it. */
const arrive = (traffic: Traffic, request: Request, now: number): readonly [Arrival, Traffic] => {
  const service = findService(request)
  const route = service.route(request)
  const taken = fault.take(traffic.faults, route)
  const arrival = { request, service, route, fault: taken.fault, skew: taken.skew, number: traffic.arrivals }
  return [arrival, {
    ...traffic,
    faults: taken.rest,
    arrivals: traffic.arrivals + 1,
    records: HashMap.set(traffic.records, arrival.number, toRequestRecord(arrival, now))
  }]
}

const whole = (answer: Answer): Delivery => ({ _tag: "Whole", answer })

const disconnect = (entry: DisconnectFault): Delivery => ({
  _tag: "Disconnect",
  errorCode: entry.errorCode ?? "ECONNRESET"
})

const issuedIn = (body: string): string | undefined => /"accessKeyId":"([^"]+)"/i.exec(body)?.[1]

const expire = (state: State, answer: Answer, entry: ExpiredFault, now: number): readonly [Delivery, State] => {
  const at = fault.expiredAt(entry, now)
  const accessKeyId = issuedIn(answer.body)
  return [
    whole(fault.withExpiration(answer, at)),
    accessKeyId === undefined ? state : endSession(state, accessKeyId, at)
  ]
}

const failed = (state: State, { request, service }: Arrival, entry: StatusFault): Answer => {
  const error = fault.statusError(entry)
  const answer = service.errorAnswer(error, requestId(state), request)
  return withHeaders({ ...answer, code: error.code }, entry.headers ?? {})
}

/** The delivery of a request that no service handles. */
const unhandled = (state: State, arrival: Arrival): Delivery | undefined => {
  const { fault: entry, request, service } = arrival
  if (service.isSilent?.(state, request) === true) return { _tag: "Silent" }
  switch (entry?.kind) {
    case "status":
      return whole(failed(state, arrival, entry))
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

const handled = (state: State, arrival: Arrival, now: number): readonly [Delivery, State] => {
  const [answer, next] = arrival.service.answer(state, arrival.request, now)
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

const recordAnswer = (traffic: Traffic, arrival: Arrival, delivery: Delivery): Traffic => {
  if (!("answer" in delivery)) return traffic
  const { code, status } = delivery.answer
  return {
    ...traffic,
    records: HashMap.modify(traffic.records, arrival.number, (record) => ({ ...record, status, code }))
  }
}

const complete = (traffic: Traffic, arrival: Arrival, now: number): readonly [Delivery, Traffic] => {
  const state = nextSerial(traffic.cloud)
  const ahead = arrival.skew?.millis ?? 0
  const clock = arrival.skew?.of === "date" ? now : now + ahead
  const early = unhandled(state, arrival)
  const [delivery, cloud] = early === undefined ? handled(state, arrival, clock) : [early, state]
  const dated = "answer" in delivery
    ? { ...delivery, answer: withDate(delivery.answer, now + ahead) }
    : delivery
  return [dated, recordAnswer({ ...traffic, cloud }, arrival, dated)]
}

const atNow = <A>(
  ref: Ref.Ref<Traffic>,
  step: (traffic: Traffic, now: number) => readonly [A, Traffic]
): Effect.Effect<A> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.modify(ref, (traffic) => step(traffic, now)))

/**
 * Records the request, and answers it. Only a fault can delay the answer.
 *
 * @internal
 */
export const handle = (ref: Ref.Ref<Traffic>) => (request: Request): Effect.Effect<Delivery> =>
  Effect.gen(function*() {
    const arrival = yield* atNow(ref, (traffic, now) => arrive(traffic, request, now))
    if (arrival.fault?.kind === "delay") yield* Effect.sleep(arrival.fault.delay)
    return yield* atNow(ref, (traffic, now) => complete(traffic, arrival, now))
  })
