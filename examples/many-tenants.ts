/**
 * A service that works in the accounts of many customers: one session for each role, kept and renewed in one pool.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { CallerIdentity, RoleSessions } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"

interface Tenant {
  readonly id: string
  readonly account: string
}

const tenants: ReadonlyArray<Tenant> = [
  { id: "flower-shop", account: "1234567890123456" },
  { id: "book-shop", account: "6543210987654321" }
]

// The external id is yours to choose, and the trust policy of the role requires it.
const roleOf = ({ account, id }: Tenant): RoleSessions.Role => ({
  roleArn: `acs:ram::${account}:role/backup`,
  roleSessionName: id,
  externalId: id
})

const backUp = (tenant: Tenant) =>
  CallerIdentity.get().pipe(
    Effect.provide(RoleSessions.provider(roleOf(tenant))),
    Effect.flatMap(({ arn }) => Console.log(`${tenant.id}: ${arn}`)),
    // A tenant that removed the role does not stop the others.
    Effect.catchTag("CredentialsRejected", (error) => Console.error(`${tenant.id}: ${error.message}`))
  )

const Sessions = RoleSessions.layer({ capacity: 1000 }).pipe(Layer.provide(NodeCredentials.layer))

Effect.forEach(tenants, backUp, { concurrency: 10, discard: true }).pipe(
  Effect.provide(Sessions.pipe(Layer.provideMerge(NodeCredentials.layerHttpClient))),
  NodeRuntime.runMain
)
