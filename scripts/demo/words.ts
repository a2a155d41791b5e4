/**
 * Credentials as text, without secrets.
 */
import { DateTime, Duration, Option } from "effect"
import { Credentials } from "effect-alicloud-credentials"

/** The first four and the last four characters: enough to find a key in the console, too little to use it. */
export const masked: (credentials: Credentials.Credentials) => string = Credentials.match({
  AccessKey: ({ accessKeyId }) => maskedId(accessKeyId),
  StsToken: ({ accessKeyId }) => maskedId(accessKeyId),
  BearerToken: () => "none"
})

const maskedId = (id: string): string => id.length < 12 ? "****" : `${id.slice(0, 4)}****${id.slice(-4)}`

export const expiry = (credentials: Credentials.Credentials, now: DateTime.Utc): string =>
  Option.match(Credentials.expiration(credentials), {
    onNone: () => (credentials._tag === "AccessKey" ? "never" : "unknown"),
    onSome: (end) => `in ${roughly(DateTime.distance(now, end))}`
  })

const roughly = (millis: number): string => {
  const minutes = Math.round(millis / 60_000)
  return Duration.format(Duration.minutes(minutes))
}
