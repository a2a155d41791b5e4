import type { DurationInput } from "effect/Duration"
import type { ServiceName, World } from "../../World.ts"
import type { State } from "../cloud/state.ts"
import { type Answer, type ApiError, json, type Request } from "../wire/message.ts"

/**
 * The service and operation of a request, as its record names them.
 *
 * @internal
 */
export interface Route {
  readonly service: ServiceName | "unknown"
  readonly operation: string
}

/** @internal */
export type Step = readonly [Answer, State]

/**
 * One service of the cloud.
 *
 * @internal
 */
export interface CloudService {
  readonly isHost: (host: string) => boolean
  /** Whether a request at an unknown host, such as the address of a local server, is for this service. */
  readonly isRequest: (request: Request) => boolean
  readonly route: (request: Request) => Route
  readonly answer: (state: State, request: Request, now: number) => Step
  /** An error in the form of this service. */
  readonly errorAnswer: (error: ApiError, requestId: string, request: Request) => Answer
  /** Whether a request gets no answer. Defaults to never. */
  readonly isSilent?: (state: State, request: Request) => boolean
  /** How `Service.setLifetime` changes the world, by the name of the service. */
  readonly lifetimes?: { readonly [Name in ServiceName]?: (world: World, lifetime: DurationInput) => World }
  /** The secrets of the world that this service uses. */
  readonly secrets?: (world: World) => ReadonlyArray<string>
}

/** @internal */
export const nothingHere = (state: State): Step => [
  json(404, { Code: "NotFound", Message: "The local cloud has nothing here." }, "NotFound"),
  state
]
