/**
 * The default chain with your own links. It is strict, as recommended for production: a configured link that fails ends
 * the search, so the program never continues with another identity.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import {
  CredentialChain,
  CredentialProvider,
  DefaultChain,
  EcsRamRole,
  StaticCredentials
} from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const billingKey = StaticCredentials.layerConfig({
  accessKeyId: Config.string("BILLING_KEY_ID"),
  accessKeySecret: Config.redacted("BILLING_KEY_SECRET")
})

const withBillingKey = CredentialChain.prepend(DefaultChain.links, CredentialChain.link("billing_key", billingKey))
const withNamedRole = CredentialChain.replace(withBillingKey, "ecs_ram_role", EcsRamRole.layer({ roleName: "billing" }))
const links = CredentialChain.remove(withNamedRole, "credential_uri")

const Chain = CredentialChain.layer(links, { stopWhen: CredentialChain.stopWhenConfigured }).pipe(
  Layer.provide(NodeContext.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  yield* Console.log(links.map((link) => link.name)) // billing_key, env, oidc_role_arn, cli_profile, …
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(Chain), NodeRuntime.runMain)
