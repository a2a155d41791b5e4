/** The default chain, with files, and with a server that it asks itself. */
import { Config, ConfigProvider, Effect, Layer } from "effect"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { address, areOf } from "./cloud.ts"

/** Only these variables: without a source, the chain would ask the metadata service. */
const chainWith = (entries: Readonly<Record<string, string>>) =>
  Layer.provide(
    NodeCredentials.layer,
    Layer.setConfigProvider(
      ConfigProvider.fromMap(new Map(Object.entries({ ...entries, ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" })))
    )
  )

const byFile = Effect.flatMap(
  Config.string("HOME"),
  (home) => Effect.provide(areOf(/user\/local-user$/), chainWith({ HOME: home }))
)

const byServer = Effect.flatMap(Config.all([Config.string("HOME"), address]), ([home, url]) =>
  Effect.provide(
    areOf(/assumed-role\/local-uri-role\//),
    chainWith({ HOME: `${home}/nothing`, ALIBABA_CLOUD_CREDENTIALS_URI: `${url}/credentials` })
  ))

export const chain = Effect.zipRight(byFile, byServer)
