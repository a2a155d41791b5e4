/**
 * What slow work waits for, on a line of the terminal that disappears afterwards.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { stderr } from "node:process"

// What is faster needs no explanation.
const patience = "1 second"
const interval = "250 millis"

const waiting = new Set<{ readonly host: string }>()

let isShown = false

const eraseLine = "\r\u001b[K"

/** What removes the line, for those who write in its place. */
export const clear = (): string => {
  const erase = isShown ? eraseLine : ""
  isShown = false
  return erase
}

const nameOf = (host: string): string => host === "100.100.100.200" ? "the metadata service" : host

/** One line about the servers that have not answered yet. */
export const lineOf = (hosts: ReadonlyArray<string>): string =>
  hosts.length === 0 ? "working ..." : `asking ${[...new Set(hosts.map(nameOf))].join(" and ")} ...`

const show = Effect.sync(() => {
  stderr.write(`${clear()}${lineOf([...waiting].map(({ host }) => host))}`)
  isShown = true
})

const shown = Effect.delay(Effect.forever(Effect.zipRight(show, Effect.sleep(interval))), patience)

/** Shows what the work waits for, if it is slow and somebody watches. */
export const during = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  stderr.isTTY
    ? Effect.raceFirst(work, shown).pipe(Effect.ensuring(Effect.sync(() => stderr.write(clear()))))
    : work

const hostOf = (url: string): string => URL.canParse(url) ? new URL(url).host : "a server"

/** The client of the context, whose requests {@link during} knows. */
export const layerHttpClient: Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.transform((response, request) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          const entry = { host: hostOf(request.url) }
          waiting.add(entry)
          return entry
        }),
        () => response,
        (entry) => Effect.sync(() => waiting.delete(entry))
      )
    )
  )
)
