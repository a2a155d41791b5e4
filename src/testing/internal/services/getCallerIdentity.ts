import * as Either from "effect/Either"
import { callerIdentity } from "../cloud/identity.ts"
import type { Action } from "./action.ts"
import { stsVersion } from "./role.ts"

/** @internal */
export const getCallerIdentity: Action = {
  version: stsVersion,
  name: "GetCallerIdentity",
  signed: true,
  perform: ({ caller, state }) => Either.right({ state, body: callerIdentity(caller) })
}
