/**
 * What is wrong in a configuration, collected from dry runs that send nothing.
 */
import type { Finding, LinkReport, Report, Severity } from "../Explain.ts"

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

// Nothing in the configuration is wrong if a login has expired: login-status is about that.
const isFault = ({ error, outcome }: LinkReport): boolean =>
  outcome === "failed" && error?._tag !== "ReauthenticationRequired"

const ofFailure = ({ fix, name, reason }: LinkReport): Finding => ({
  code: "source-fails",
  severity: "error",
  link: name,
  reason,
  fix: sentence(fix ?? `Fix the configuration of ${name}`)
})

const sentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** An error says the same as the finding of a rule that it is about. */
const ofReport = ({ findings, links }: Report): ReadonlyArray<Finding> => {
  const rules = findings.filter(({ code }) => code !== "skipped-source")
  const isSaid = ({ name }: LinkReport): boolean =>
    rules.some(({ link, severity }) => link === name && severity === "error")
  return [...rules, ...links.filter((link) => isFault(link) && !isSaid(link)).map(ofFailure)]
}

/** The findings of all reports, the worst first, each once: the source of a chain may be one of the profiles too. */
export const collect = (reports: ReadonlyArray<Report>): ReadonlyArray<Finding> => {
  const first = new Map<string, Finding>()
  for (const finding of reports.flatMap(ofReport)) {
    const key = JSON.stringify([finding.code, finding.reason])
    if (!first.has(key)) first.set(key, finding)
  }
  return [...first.values()].sort((one, other) => order[one.severity] - order[other.severity])
}

/** Whether somebody has to do something. */
export const isNegative = (findings: ReadonlyArray<Finding>): boolean =>
  findings.some(({ severity }) => severity !== "info")

const count = (severity: Severity, findings: ReadonlyArray<Finding>): string => {
  const { length } = findings.filter((finding) => finding.severity === severity)
  return `${length} ${severity}${length === 1 || severity === "info" ? "" : "s"}`
}

const stepsOf = (fix: string): ReadonlyArray<string> => fix.split(/; (?=\d\. )/)

/** A block for each finding, and a line that counts them. */
export const render = (findings: ReadonlyArray<Finding>, paint: (severity: Severity, text: string) => string): string =>
  [
    ...findings.flatMap(({ code, fix, link, reason, severity }) => [
      `${paint(severity, severity.padEnd(7))}  ${code}: ${link === undefined ? "" : `${link}: `}${reason}`,
      ...stepsOf(fix).map((step, index) => `         ${index === 0 ? "fix: " : "     "}${step}`)
    ]),
    findings.length === 0
      ? "Nothing to fix."
      : `${count("error", findings)}, ${count("warning", findings)}, ${count("info", findings)}`
  ].join("\n")
