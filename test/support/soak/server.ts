/**
 * A server of sessions that fails as a seed says: STS, a credentials URI and the metadata service of an instance. It only
 * decides what is answered. It is reached in memory or on loopback.
 */
import { idOf } from "./sessions.ts"

export const faults = [
  "reset",
  "hangs",
  "slow",
  "status 500",
  "status 429",
  "status 429 with Retry-After",
  "status 403",
  "expired",
  "body breaks off",
  "body is cut",
  "body stops",
  "wrong Date"
] as const

export type Fault = typeof faults[number]

export interface Request {
  readonly path: string
  /** When it was signed, by itself. NaN if it does not say so. */
  readonly timestamp: number
}

export interface Answer {
  readonly fault: Fault | undefined
  /** For how long calls without a session may fail because of it, in milliseconds after the answer. */
  readonly excuses: number
  /** After how long it is sent. */
  readonly delay: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How much of it arrives, and what comes after that. */
  readonly delivery: "whole" | "nothing, then reset" | "nothing" | "half, then reset" | "half, then nothing"
}

/** When a request in the body of a form was signed. */
export const timestampOf = (form: string): number => Date.parse(new URLSearchParams(form).get("Timestamp") ?? "")

export interface Options {
  readonly random: () => number
  /** How long a spell of one weather lasts, about, in milliseconds. */
  readonly spell: number
  /** How long sessions may last, in seconds. */
  readonly lives: ReadonlyArray<number>
  /** The longest answer that still arrives, in milliseconds. */
  readonly slowest: number
  /** For how long calls may fail after a failed answer, and after one that asks for fewer requests, in milliseconds. */
  readonly excuse: number
  readonly longExcuse: number
  /** In seconds. */
  readonly retryAfter: ReadonlyArray<number>
  /** Whether `Date` may be wrong now. Nobody can know the time if the clock of the client is wrong too. */
  readonly mayLie: (now: number) => boolean
}

export interface Server {
  readonly answer: (request: Request, now: number) => Answer
}

interface Weather {
  readonly until: number
  readonly share: number
  /** If it is always the same one. */
  readonly fault: Fault | undefined
}

const hours = 3_600_000

export const makeServer = (
  { excuse, lives, longExcuse, mayLie, random, retryAfter, slowest, spell }: Options
): Server => {
  let serial = 0
  let weather: Weather = { until: 0, share: 0, fault: undefined }

  const oneOf = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)]!
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least))

  const next = (now: number): Weather => {
    const until = now + between(spell / 4, 2 * spell)
    const kind = random()
    if (kind < 0.6) return { until, share: 0.02, fault: undefined }
    if (kind < 0.8) return { until, share: 0.5, fault: undefined }
    return { until, share: 1, fault: oneOf(faults) }
  }

  const faultAt = (now: number): Fault | undefined => {
    if (now >= weather.until) weather = next(now)
    if (random() >= weather.share) return undefined
    const fault = weather.fault ?? oneOf(faults)
    return (fault === "wrong Date" || fault === "expired") && !mayLie(now) ? undefined : fault
  }

  const session = (path: string, at: number, skew: number, life: number): string => {
    const issuedAt = Math.floor(at)
    const endsAt = Math.floor((issuedAt + life) / 1000) * 1000
    const fields = {
      AccessKeyId: idOf({ serial: ++serial, issuedAt, sureUntil: endsAt - Math.max(0, skew), endsAt }),
      AccessKeySecret: "example-secret",
      SecurityToken: "example-token",
      Expiration: new Date(endsAt).toISOString()
    }
    return JSON.stringify(path === "/" ? { RequestId: "1", Credentials: fields } : { Code: "Success", ...fields })
  }

  const bodyOf = (path: string, at: number, skew: number, life: number): string => {
    if (path === "/latest/api/token") return "example-token-of-the-metadata-service"
    return path.endsWith("/security-credentials/") ? "example-role" : session(path, at, skew, life)
  }

  const refusal = (path: string, code: string): string =>
    path.startsWith("/latest/") ? code : JSON.stringify({ Code: code, Message: "no", RequestId: "1" })

  return {
    answer: ({ path, timestamp }, now) => {
      const fault = faultAt(now)
      const delay = fault === "slow" ? between(slowest / 10, slowest) : between(20, 300)
      const at = now + delay
      const skew = fault === "wrong Date" ? oneOf([-10, -1, -0.01, 0.01, 0.1, 1, 10]) * hours : 0
      const isStale = Math.abs(timestamp - now) > 900_000
      const life = fault === "expired" ? -60_000 : oneOf(lives) * 1000
      const usual = {
        fault,
        excuses: fault === undefined ? 0 : excuse,
        delay,
        status: 200,
        headers: { "content-type": "application/json", date: new Date(at + skew).toUTCString() },
        delivery: "whole"
      } as const
      const refused = (status: number, code: string): Answer => ({ ...usual, status, body: refusal(path, code) })
      switch (fault) {
        case "status 500":
          return refused(500, "InternalError")
        case "status 403":
          return refused(403, "NoPermission")
        case "status 429":
          return { ...refused(429, "Throttling.User"), excuses: longExcuse }
        case "status 429 with Retry-After": {
          const headers = { ...usual.headers, "retry-after": String(oneOf(retryAfter)) }
          return { ...refused(429, "Throttling.User"), headers, excuses: longExcuse }
        }
      }
      if (isStale) return refused(400, "InvalidTimeStamp.Expired")
      const body = bodyOf(path, at, skew, life)
      switch (fault) {
        case "reset":
          return { ...usual, body, delivery: "nothing, then reset" }
        case "hangs":
          return { ...usual, body, delivery: "nothing" }
        case "body breaks off":
          return { ...usual, body, delivery: "half, then reset" }
        case "body stops":
          return { ...usual, body, delivery: "half, then nothing" }
        case "body is cut":
          return { ...usual, body: path === "/latest/api/token" ? "" : body.slice(0, body.length / 2) }
        default:
          return { ...usual, body }
      }
    }
  }
}
