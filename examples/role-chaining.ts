/**
 * A role that only another role may assume, for example between the accounts of a company: the instance's role assumes
 * `hub`, and `hub` assumes `audit`. Roles chain with `Layer.provide`, and each session has its own cache.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CredentialProvider, EcsRamRole, RamRoleArn } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

const Audit = RamRoleArn.layer({ roleArn: "acs:ram::210987654321:role/audit" }).pipe(
  Layer.provide(RamRoleArn.layer({ roleArn: "acs:ram::123456789012:role/hub" })),
  Layer.provide(EcsRamRole.layer()),
  Layer.provide(NodeCredentials.layerHttpClient)
)

const program = Effect.gen(function*() {
  const session = yield* CredentialProvider.get
  yield* Console.log(session.provider) // ram_role_arn/ram_role_arn/ecs_ram_role
})

program.pipe(Effect.provide(Audit), NodeRuntime.runMain)
