import * as Duration from "effect/Duration"
import { assumedRole } from "../cloud/identity.ts"
import { issueSession, sessionFields, type State } from "../cloud/state.ts"
import { type Answer, json, type Request } from "../wire/message.ts"

/** @internal */
export const answerUri = (state: State, request: Request, now: number): readonly [Answer, State] => {
  if (request.method !== "GET") return [json(405, { Code: "MethodNotAllowed" }, "MethodNotAllowed"), state]
  const { accountId, lifetime, role } = state.world.uri
  const principal = assumedRole({ accountId, name: role }, "credentials-uri")
  const [session, next] = issueSession(state, principal, now, Duration.toMillis(lifetime))
  return [json(200, { Code: "Success", ...sessionFields(session) }), next]
}
