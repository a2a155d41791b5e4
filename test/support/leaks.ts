/**
 * Secrets that are easy to find, servers that quote everything they were sent, and a detector of leaks.
 */
import { HttpClientError, type HttpClientRequest } from "@effect/platform"
import { Effect } from "effect"
import { network } from "./network.ts"

/** A secret in mixed case, so that a change of case does not hide it. */
export const canary = "cAnArY-0123456789"

/** A long secret with characters that are encoded in different ways. */
export const secretOf = (name: string, between = ""): string =>
  `canary-${name}/+=~%41&b${between}c-${"0123456789".repeat(3)}`

/**
 * The parts of these secrets that a text shows. A server may quote only a part of a secret, so the first and last
 * characters are looked for too, plain and URL-encoded.
 */
export const leakDetector = (secrets: Readonly<Record<string, string>>) => {
  const traces = Object.values(secrets).flatMap((value) =>
    [value, encodeURIComponent(value), encodeURIComponent(encodeURIComponent(value)), value.replaceAll(" ", "+")]
      .flatMap((text) => [text.slice(0, 18), text.slice(-14)])
  )
  return (text: string): ReadonlyArray<string> => traces.filter((trace) => text.includes(trace))
}

export const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""

/** Responds with a function of the quoted request. If the connection breaks, the error quotes the request too. */
export const quotingHttp = (
  quote: (request: HttpClientRequest.HttpClientRequest, url: URL) => string,
  code: string
) =>
(answer: (quoted: string, url: URL) => Response | "disconnect") =>
  network((request, url) => {
    const quoted = quote(request, url)
    const given = answer(quoted, url)
    if (given !== "disconnect") return Effect.succeed(given)
    const cause = Object.assign(new Error(quoted), {
      code: code.toUpperCase(),
      url: url.href,
      headers: request.headers
    })
    return Effect.fail(
      new HttpClientError.RequestError({ request, reason: "Transport", cause, description: quoted })
    )
  })
