/**
 * Starts the servers of bench/server.ts, and gives clients for them.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { ask } from "./ask.ts"
import type { Addresses } from "./server.ts"

export const start = (): Promise<Addresses> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("server.js", import.meta.url)))
    child.once("error", reject)
    child.once("message", (message) => {
      // The servers end with this process, and do not keep it alive.
      child.unref()
      child.channel?.unref()
      resolve(message as Addresses)
    })
  })

/** How many requests the fixed server got since this was last called. */
export const requestsOf = async ({ fixed }: Addresses): Promise<number> => Number(await ask(`${fixed}/requests`))

/** A client that sends what is meant for the cloud to the local cloud, and fails for every other host. */
export const cloudClient = ({ cloud }: Addresses) =>
  LocalCloud.layerClientAt(cloud).pipe(Layer.provide(NodeHttpClient.layerUndici))
