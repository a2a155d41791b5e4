import * as Duration from "effect/Duration"
import { assumedRole } from "../cloud/identity.ts"
import { issueSession, sessionFields, type State } from "../cloud/state.ts"
import { json, type Request } from "../wire/message.ts"
import type { CloudService, Step } from "./cloudService.ts"

const answer = (state: State, request: Request, now: number): Step => {
  if (request.method !== "GET") return [json(405, { Code: "MethodNotAllowed" }, "MethodNotAllowed"), state]
  const { accountId, lifetime, role } = state.world.uri
  const principal = assumedRole({ accountId, name: role }, "credentials-uri")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(lifetime))
  return [json(200, { Code: "Success", ...sessionFields(session) }), next]
}

/**
 * The credentials URI.
 *
 * @internal
 */
export const uri: CloudService = {
  isHost: (host) => host === "credentials.local",
  isRequest: ({ path }) => /^\/credentials(\/|$)/.test(path),
  route: () => ({ service: "uri", operation: "credential" }),
  answer,
  errorAnswer: ({ code, message, status }) => json(status, { Code: code, Message: message }, code),
  lifetimes: { uri: (world, lifetime) => ({ ...world, uri: { ...world.uri, lifetime } }) }
}
