/**
 * One search for credentials that are not there, in a network namespace without a way out. Prints its milliseconds.
 *
 * It refuses to run anywhere else, because the real metadata service could answer there.
 */
import Official from "@alicloud/credentials" // CommonJS, so that this is the module and not its default export
import { Effect, Layer } from "effect"
import { CredentialProvider, EcsRamRole } from "effect-alicloud-credentials"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"

export type Case = "chain" | "role" | "official"

const documentation = "192.0.2." // addresses for documentation, which the namespace uses

/** A route to everywhere has the destination zero. */
const hasDefaultRoute = (): boolean =>
  readFileSync("/proc/net/route", "utf8").split("\n").slice(1).some((line) => line.split("\t")[1] === "00000000")

const isAlone = (): boolean =>
  !hasDefaultRoute() &&
  Object.values(networkInterfaces()).flat().every((found) =>
    found?.internal === true || found?.family === "IPv6" || found?.address.startsWith(documentation)
  )

if (!isAlone()) throw new Error("this is not a network namespace without a way out")

const chain = () => Effect.runPromiseExit(Effect.provide(CredentialProvider.get, NodeCredentials.layer))

const ofRole = Layer.provide(EcsRamRole.layer(), NodeCredentials.layerPlatform)

const role = () => Effect.runPromiseExit(Effect.provide(CredentialProvider.get, ofRole))

const official = async () => new Official.default().getCredential().catch(() => undefined)

const cases: Readonly<Record<Case, () => Promise<unknown>>> = { chain, role, official }

const which = process.argv[2] as Case
const start = performance.now()
await cases[which]()
console.log(performance.now() - start)
process.exit()
