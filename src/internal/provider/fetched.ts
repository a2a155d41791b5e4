/**
 * What a source fetched.
 */
import type * as DateTime from "effect/DateTime"
import type * as Option from "effect/Option"
import { type Credentials, expiration } from "../../Credentials.ts"

/** @internal */
export interface Fetched {
  readonly credentials: Credentials
  /** A source may know it of an `AccessKey` too, which has no field for it. */
  readonly expiration: Option.Option<DateTime.Utc>
}

/** For a source that knows no more of the credentials than they say themselves. @internal */
export const ofCredentials = (credentials: Credentials): Fetched => ({
  credentials,
  expiration: expiration(credentials)
})
