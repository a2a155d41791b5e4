/**
 * The error bodies of the services, which have different field names and formats: RPC and ROA gateways, OSS, Log
 * Service, the sign-in pages of CloudSSO and OAuth.
 */
import * as Option from "effect/Option"
import { parseJson } from "./json.ts"

/** The fields of an error body, unchecked. @internal */
export interface ErrorBody {
  readonly code: unknown
  readonly message: unknown
  readonly requestId: unknown
  readonly recommend: unknown
  /** The whole body, if it is JSON. */
  readonly json: unknown
}

const candidates = {
  code: ["Code", "code", "errorCode", "ErrorCode", "error"],
  message: ["Message", "message", "errorMessage", "ErrorMessage", "error_description"],
  requestId: ["RequestId", "requestId", "requestID", "request_id"],
  recommend: ["Recommend", "recommend"]
} as const

/** @internal */
export const parse = (body: string): ErrorBody => {
  const text = body.slice(0, longest)
  const json = Option.getOrUndefined(parseJson(text))
  const fields = typeof json === "object" && json !== null ? json as Readonly<Record<string, unknown>> : undefined
  const read = (names: ReadonlyArray<string>): unknown => {
    for (const name of names) {
      const value = fields === undefined ? xmlText(text, name) : fields[name]
      if (value !== undefined) return value
    }
    return undefined
  }
  return {
    code: read(candidates.code),
    message: read(candidates.message),
    requestId: read(candidates.requestId),
    recommend: read(candidates.recommend),
    json
  }
}

// No service sends longer errors, and a search for secrets in a longer one would take seconds. Of a longer JSON text,
// nothing is read.
const longest = 64 * 1024

const xmlText = (text: string, name: string): string | undefined => {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  return value?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] ?? "")
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: "\"", apos: "'", amp: "&" }
