/**
 * Whether the login of a profile is valid, as far as its file says.
 */
import { configureCommand } from "../internal/login/configureCommand.ts"
import type { Profile } from "../internal/profile/configFile.ts"
import { printable } from "./printable.ts"

export interface Login {
  readonly profile: string
  readonly mode: string
  /** `unknown`: only the server, or the program that logs in, knows. */
  readonly status: "valid" | "expired" | "unknown"
  readonly details: string
  /** When the login expires, in ISO 8601; undefined if that is not known, or if it renews itself. */
  readonly until: string | undefined
  /** The command that logs in again. */
  readonly command: string | undefined
}

type Fields = Profile["fields"]

const hasText = (fields: Fields, name: string): boolean => typeof fields[name] === "string"

const millisOf = (fields: Fields, name: string): number | undefined => {
  const seconds = fields[name]
  return typeof seconds === "number" ? seconds * 1000 : undefined
}

const isoOf = (millis: number): string | undefined =>
  Math.abs(millis) <= 8.64e15 ? new Date(millis).toISOString().replace(".000Z", "Z") : undefined

type State = Pick<Login, "status" | "details" | "until">

const state = (status: Login["status"], details: string, until?: number): State => ({
  status,
  details,
  until: until === undefined ? undefined : isoOf(until)
})

// Some versions of the CLI store 1 where there is no login.
const day = 86_400_000

const ofOAuth = ({ fields }: Profile, now: number): State => {
  const end = millisOf(fields, "oauth_access_token_expire")
  const works = hasText(fields, "oauth_access_token")
  if (hasText(fields, "oauth_refresh_token")) {
    return state("valid", "renews itself, unless the server refuses it")
  }
  if (!works) return state("expired", "not logged in")
  if (end === undefined) return state("unknown", "the file does not say until when")
  return end > now
    ? state("valid", "there is no refresh token to renew it with", end)
    : state("expired", "there is no refresh token to renew it with", end)
}

const ofCloudSso = ({ fields }: Profile, now: number): State => {
  const end = millisOf(fields, "cloud_sso_access_token_expire")
  if (!hasText(fields, "access_token") || (end !== undefined && end <= day)) return state("expired", "not logged in")
  if (end === undefined) return state("unknown", "the file does not say until when")
  return end > now ? state("valid", "", end) : state("expired", sessionLeft(fields, now), end)
}

/** A session outlives the login that it was obtained with. */
const sessionLeft = (fields: Fields, now: number): string => {
  const end = millisOf(fields, "sts_expiration")
  return end !== undefined && end > now && hasText(fields, "sts_token")
    ? `its last session works until ${isoOf(end)}`
    : ""
}

const ofExternal = (): State => state("unknown", "the program of the profile logs in")

const modes: Readonly<Record<string, (profile: Profile, now: number) => State>> = {
  OAuth: ofOAuth,
  CloudSSO: ofCloudSso,
  External: ofExternal
}

const commandOf = ({ fields, mode, name }: Profile, file: string | undefined): string | undefined => {
  if (mode === "OAuth") {
    const site = fields["oauth_site_type"]
    const siteType = typeof site === "string" ? site.toUpperCase() : "CN"
    return configureCommand({ mode, siteType, profile: name, file })
  }
  return mode === "CloudSSO" ? configureCommand({ mode, profile: name, file }) : undefined
}

/** The login of a profile; undefined for one that needs none. */
export const loginOf = (profile: Profile, now: number, file: string | undefined): Login | undefined => {
  const of = Object.hasOwn(modes, profile.mode) ? modes[profile.mode] : undefined
  return of === undefined
    ? undefined
    : { profile: profile.name, mode: profile.mode, ...of(profile, now), command: commandOf(profile, file) }
}

/** A line for each login, and the command under one that is not known to be valid. */
export const render = (
  logins: ReadonlyArray<Login>,
  paint: (status: Login["status"], text: string) => string
): string => {
  if (logins.length === 0) return "No profile logs in."
  const width = Math.max(...logins.map(({ profile }) => printable(profile).length))
  return logins.flatMap(({ command, details, mode, profile, status, until }) => [
    `${printable(profile).padEnd(width)}  ${mode.padEnd(8)}  ${paint(status, status.padEnd(7))}  ${
      [
        ...(until === undefined ? [] : [`${status === "expired" ? "since" : "until"} ${until}`]),
        ...(details === "" ? [] : [details])
      ].join("; ")
    }`.trimEnd(),
    ...(status === "valid" || command === undefined ? [] : [`${" ".repeat(width)}  run: ${command}`])
  ]).join("\n")
}
