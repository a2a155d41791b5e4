/**
 * What every subcommand runs on.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeCredentials from "../node.ts"
import * as progress from "./progress.ts"

const layer = Layer.provideMerge(progress.layerHttpClient, NodeCredentials.layerPlatform)

type Platform = Layer.Layer.Success<typeof layer>

export const onNode = <A, E>(effect: Effect.Effect<A, E, Platform>) => Effect.provide(effect, layer)
