/** The session in an answer, by the pure part of what reads it. */
import { Effect } from "effect"
import { makeReader } from "../../src/internal/wire/session.ts"

const exchange = { sentAt: 0, readAt: 0, serverDate: undefined }

export const interpretedSession = (body: string): unknown =>
  Effect.runSyncExit(
    makeReader().interpretCoded("p", { host: "h", status: 200, body, exchange, retryAfter: undefined }, [])
  )
