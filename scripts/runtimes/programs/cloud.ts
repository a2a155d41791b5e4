/** The cloud of this machine, and what it says about credentials. */
import { FetchHttpClient } from "@effect/platform"
import { Config, Data, Effect, Layer } from "effect"
import { CallerIdentity } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"

const variable = "LOCAL_CLOUD"

export const address = Config.string(variable)

/** A client for the local cloud. It refuses every other host, so that no program asks a real one. */
export const client = Layer.unwrapEffect(Effect.map(address, LocalCloud.layerClientAt)).pipe(
  Layer.provide(FetchHttpClient.layer)
)

export class Unexpected extends Data.TaggedError("Unexpected")<{ readonly message: string }> {}

/** Fails unless the text matches. */
export const expected = (text: string, pattern: RegExp) =>
  pattern.test(text) ? Effect.void : Effect.fail(new Unexpected({ message: `${text}, instead of ${pattern}` }))

/** A signed call: fails unless the credentials are those of this user or role. */
export const areOf = (name: RegExp) => Effect.flatMap(CallerIdentity.get(), ({ arn }) => expected(arn, name))
