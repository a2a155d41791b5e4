/**
 * Everything that a program can see of a provider without its credentials, in the log.
 */
import { Effect, Stream } from "effect"
import { CredentialChanges, CredentialProvider } from "effect-alicloud-credentials"

const log = (value: object) => Effect.log(value, JSON.stringify(value))

/** Logs the health of a provider, as a value and as JSON. */
export const logHealth = (provider: CredentialProvider.Service) =>
  Effect.flatMap(CredentialProvider.health(provider), log)

/** Logs the changes of a provider until the scope closes. */
export const logChanges = (provider: CredentialProvider.Service, options: CredentialChanges.Options) =>
  Effect.forkScoped(Stream.runForEach(CredentialChanges.stream(provider, options), log))
