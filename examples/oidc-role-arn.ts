/**
 * The role of a pod of Container Service for Kubernetes (RRSA), or of a job of a CI system that issues OIDC tokens. In
 * a pod with RRSA, `OidcRoleArn.layerEnv` reads all of this from environment variables.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CredentialProvider, OidcRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const PodRole = OidcRoleArn.layer({
  roleArn: "acs:ram::123456789012:role/pod",
  oidcProviderArn: "acs:ram::123456789012:oidc-provider/ack-rrsa",
  oidcTokenFile: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
  sts: { region: "cn-hangzhou", vpc: true }
}).pipe(
  Layer.provide(NodeContext.layer),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const credentials = yield* CredentialProvider.get
  yield* Console.log(`${credentials.provider} gave: ${credentials._tag}`)
})

program.pipe(Effect.provide(PodRole), NodeRuntime.runMain)
