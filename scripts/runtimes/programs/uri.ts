/** Sessions of a service that has an address. */
import { Effect } from "effect"
import { CredentialsUri } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { areOf } from "./cloud.ts"

export const uri = Effect.provide(
  areOf(/assumed-role\/local-uri-role\//),
  CredentialsUri.layer({ uri: LocalCloud.defaults.credentialsUri })
)
