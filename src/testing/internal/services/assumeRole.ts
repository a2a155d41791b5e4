import * as Either from "effect/Either"
import { trustedArns } from "../cloud/identity.ts"
import { type ApiError, apiError } from "../wire/message.ts"
import { type Action, ensure } from "./action.ts"
import { issueRoleSession, isTrusted, readRoleRequest, stsVersion } from "./role.ts"

const noPermission = (why: string): ApiError => apiError(403, "NoPermission", `You are not authorized: ${why}.`)

/** @internal */
export const assumeRole: Action = {
  version: stsVersion,
  name: "AssumeRole",
  signed: true,
  perform: (call) =>
    Either.gen(function*() {
      const { caller, parameters } = call
      yield* ensure(caller.type !== "Account", noPermission("roles may not be assumed by root accounts"))
      const wanted = yield* readRoleRequest(call)
      yield* ensure(isTrusted(wanted.role, trustedArns(caller)), noPermission("the role does not trust the caller"))
      const { externalId } = wanted.role
      yield* ensure(
        externalId === undefined || parameters["ExternalId"] === externalId,
        noPermission("ExternalId differs")
      )
      return issueRoleSession(call, wanted)
    })
}
