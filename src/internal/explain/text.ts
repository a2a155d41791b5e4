/**
 * A report as text: the winner first, then a row for each link with what it found, then what to improve.
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type { Found, LinkReport, Lookups, Outcome, Report, RequestLookup, Winner } from "../../Explain.ts"
import { stepsOf } from "../diagnosis/sentence.ts"
import { lineOf, waysToBegin } from "../diagnosis/verdict.ts"
import { names } from "../variables.ts"
import { durationWords } from "../wire/time.ts"

type Paint = (style: keyof typeof styles, text: string) => string

// Of ANSI terminals.
const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

const painted: Paint = (style, text) => `\x1b[${styles[style]}m${text}\x1b[0m`

const plain: Paint = (_, text) => text

/** @internal */
export const render = (report: Report, options: { readonly color?: boolean | undefined } = {}): string => {
  const paint = options.color === true ? painted : plain
  return [
    ...headline(report, paint),
    "",
    ...rows(report, paint),
    "",
    ...improvements(report, paint),
    paint("dim", lineOf(report.surroundings))
  ].join("\n")
}

const headline = (report: Report, paint: Paint): ReadonlyArray<string> => {
  const { identity, time, winner } = report
  if (winner === undefined) return withoutWinner(report, paint)
  if (winner.found === undefined) {
    return [paint("bold", `${winner.link} would be used, if it works: this dry run did not ask it.`)]
  }
  return [
    paint("bold", winner.isCertain ? `${winner.link} is used.` : unlessOthers(report, winner)),
    ...credentialLines(winner.found, time),
    ...(identity === undefined ? [] : [Either.match(identity, {
      onLeft: (reason) => `  identity: unknown (${reason})`,
      onRight: ({ accountId, arn }) => `  identity: ${arn}, account ${accountId}`
    })])
  ]
}

const unlessOthers = ({ links }: Report, { index, link }: Winner): string => {
  const before = links.slice(0, index).filter(({ outcome }) => outcome === "not asked").map(({ name }) => name)
  return `${link} is used, unless ${before.join(" or ")} works: this dry run did not ask it.`
}

const withoutWinner = ({ links, surroundings }: Report, paint: Paint): ReadonlyArray<string> => {
  const failed = culpritOf(links)
  return failed === undefined
    ? [
      paint("bold", "No credentials: no source is configured."),
      ...waysToBegin(links.map(({ name }) => name), surroundings).map((line) => `  ${line}`)
    ]
    : [
      paint("bold", `No credentials: ${failed.name} failed.`),
      `  ${failed.reason}`,
      ...(failed.fix === undefined ? [] : stepsOf(failed.fix).map((line) => `  ${line}`))
    ]
}

const culpritOf = (links: ReadonlyArray<LinkReport>): LinkReport | undefined =>
  links.find(({ outcome }) => outcome === "failed")

const credentialLines = (found: Found, time: DateTime.Utc): ReadonlyArray<string> => [
  `  ${nameOf(found)} of ${found.provider}${found.endpoint === undefined ? "" : `, from ${found.endpoint}`}`,
  found.expiration === undefined
    ? `  ${found.kind === "AccessKey" ? "does not expire" : "expiration unknown"}`
    : `  expires ${moment(found.expiration, time)}${
      found.nextRenewal === undefined ? "" : `, will be renewed after ${moment(found.nextRenewal, time)}`
    }`
]

const nameOf = ({ accessKeyId, kind }: Found): string => accessKeyId === undefined ? kind : `${kind} ${accessKeyId}`

const minute = 60_000

const moment = (at: DateTime.Utc, now: DateTime.Utc): string => {
  const left = DateTime.distance(now, at)
  return left < minute
    ? isoOf(at)
    : `${isoOf(at)} (in ${durationWords(Math.floor(left / minute) * minute)})`
}

const isoOf = (at: DateTime.Utc): string => DateTime.formatIso(at).replace(/\.\d+Z$/, "Z")

const marks: Readonly<Record<Outcome, readonly [mark: string, style: keyof typeof styles]>> = {
  used: [">", "green"],
  works: ["+", "green"],
  "not asked": ["?", "yellow"],
  "not configured": [" ", "dim"],
  failed: ["!", "red"]
}

const rows = ({ links, winner }: Report, paint: Paint): ReadonlyArray<string> => {
  const above = winner === undefined ? culpritOf(links) : undefined
  const width = Math.max(...links.map(({ name }) => name.length))
  return links.flatMap((link) => {
    const [mark, style] = marks[link.outcome]
    const indent = " ".repeat(width + 20)
    return [
      `${mark} ${link.name.padEnd(width)}  ${paint(style, link.outcome.padEnd(14))}  ${summary(link, link === above)}`
        .trimEnd(),
      ...details(link, link === above).map((line) => paint("dim", `${indent}${line}`))
    ]
  })
}

const summary = (link: LinkReport, isAbove: boolean): string => {
  const sent = link.lookups.requests.filter(({ isSent }) => isSent).length
  const cost = sent === 0 ? [] : [`${sent} ${sent === 1 ? "request" : "requests"}, ${Math.round(link.millis)} ms`]
  const { found, reason } = link
  return [
    ...(isAbove ? ["see above"] : reason === "" ? [] : [reason]),
    ...(found === undefined ? [] : [nameOf(found)]),
    // A key in a variable or in a file may be a wrong one.
    ...(found === undefined || sent > 0 || link.lookups.programs.length > 0 ? [] : ["not tested"]),
    ...cost
  ].join("; ")
}

const details = (link: LinkReport, isAbove: boolean): ReadonlyArray<string> => [
  // The reason says what a source that is not configured looked for.
  ...(link.outcome === "not configured" ? [] : lookedAt(link.lookups)),
  ...link.warnings.map((warning) => `warning: ${warning}`),
  ...(link.fix === undefined || isAbove ? [] : stepsOf(link.fix))
]

// Every machine has a home folder.
const everywhere: ReadonlyArray<string> = [names.home, names.userProfile]

const lookedAt = ({ files, programs, requests, variables }: Lookups): ReadonlyArray<string> => [
  ...listed("set", variables.filter(({ isSet, name }) => isSet && !everywhere.includes(name)).map(({ name }) => name)),
  ...listed("read", files.filter(({ isRead, path }) => isRead && !path.startsWith("/sys/")).map(({ path }) => path)),
  ...listed("asked", requests.filter(({ isSent }) => isSent).map(requestLine)),
  ...listed("program", programs)
]

const requestLine = ({ address, method, status }: RequestLookup): string =>
  `${method} ${address} (${status === undefined ? "no answer" : status})`

const listed = (label: string, all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.length === 0 ? [] : [`${label}: ${[...new Set(all)].map((one) => counted(one, all)).join(", ")}`]

const counted = (one: string, all: ReadonlyArray<string>): string => {
  const count = all.filter((other) => other === one).length
  return count === 1 ? one : `${count} x ${one}`
}

const colors = { error: "red", warning: "yellow", info: "cyan" } as const

const improvements = ({ findings, winner }: Report, paint: Paint): ReadonlyArray<string> =>
  findings.length === 0
    ? winner === undefined ? [] : [winner.isCertain ? "Nothing to improve." : "Nothing found without asking.", ""]
    : [
      ...findings.flatMap(({ code, fix, link, reason, severity }) => [
        `${paint(colors[severity], severity.padEnd(7))}  ${code}: ${link === undefined ? "" : `${link}: `}${reason}`,
        ...stepsOf(fix).map((line) => `         ${line}`)
      ]),
      ""
    ]
