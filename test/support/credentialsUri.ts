/**
 * A CredentialsUri source with its own local cloud.
 */
import { CredentialsUri } from "effect-alicloud-credentials"
import { defaults, overCloud } from "./cloud.ts"

export const uri = defaults.credentialsUri

export const uriSource = (options: Partial<CredentialsUri.UriOptions> = {}) =>
  overCloud(CredentialsUri.layer({ uri, refresh: { jitter: 0 }, ...options }))
