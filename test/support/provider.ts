/**
 * Shortcuts for the provider in the context.
 */
import { Effect } from "effect"
import { CredentialProvider, type Credentials } from "effect-alicloud-credentials"

export const get = CredentialProvider.get

export const getSession = Effect.filterOrDieMessage(
  get,
  (credentials): credentials is Credentials.StsToken => credentials._tag === "StsToken",
  "not a session"
)

/** The error that `get` fails with. */
export const failure = Effect.flip(get)

export const renew = Effect.gen(function*() {
  const provider = yield* CredentialProvider.CredentialProvider
  yield* provider.invalidate(yield* provider.get)
  return yield* provider.get
})
