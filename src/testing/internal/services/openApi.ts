import * as Either from "effect/Either"
import { requestId, type State } from "../cloud/state.ts"
import {
  allParams,
  type Answer,
  type ApiError,
  apiError,
  hostname,
  json,
  type Request,
  text,
  toRecord
} from "../wire/message.ts"
import type { Action, Call, Outcome } from "./action.ts"
import { authenticate, longLivedSecrets } from "./authenticate.ts"
import type { CloudService, Step } from "./cloudService.ts"
import { stsVersion } from "./role.ts"

interface ActionName {
  readonly version: string | undefined
  readonly action: string | undefined
}

const actionName = (request: Request): ActionName => {
  const parameters = toRecord(allParams(request))
  return {
    version: request.headers["x-acs-version"] ?? parameters["Version"],
    action: request.headers["x-acs-action"] ?? parameters["Action"]
  }
}

const isSts = (request: Request): boolean =>
  /^sts[^.]*\..*aliyuncs\.com$/.test(hostname(request)) || actionName(request).version === stsVersion

const escapeXml = (value: string): string => value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

const toXml = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(toXml).join("")
  if (typeof value !== "object" || value === null) return escapeXml(String(value))
  return Object.entries(value).map(([name, field]) => `<${name}>${toXml(field)}</${name}>`).join("")
}

/** RPC requests without `Format=JSON` get XML, as from the real service. */
const wantsJson = (request: Request): boolean =>
  request.headers["x-acs-action"] !== undefined || toRecord(allParams(request))["Format"]?.toUpperCase() === "JSON"

const render = (request: Request, status: number, root: string, body: object, code?: string): Answer =>
  wantsJson(request)
    ? json(status, body, code)
    : { ...text(status, `<?xml version='1.0' encoding='UTF-8'?>${toXml({ [root]: body })}`, "text/xml"), code }

const errorFields = (error: ApiError, requestId: string, request: Request) => ({
  RequestId: requestId,
  HostId: request.host,
  Code: error.code,
  Message: error.message
})

const renderError = (state: State, request: Request, error: ApiError): Answer => {
  const body = {
    ...errorFields(error, requestId(state), request),
    Recommend: `https://api.aliyun.com/troubleshoot?q=${error.code}`
  }
  return render(request, error.status, "Error", body, error.code)
}

type Find = (name: ActionName) => Either.Either<Action, ApiError>

const findIn = (actions: ReadonlyArray<Action>): Find => ({ action, version }) => {
  if (action === undefined) return Either.left(apiError(400, "MissingAction", "Action is mandatory."))
  return Either.fromNullable(
    actions.find((known) => known.name === action && known.version === version),
    () => apiError(404, "InvalidAction.NotFound", "Specified api is not found, please check it.")
  )
}

/** The state after an action that fails: its nonce is used too. */
const perform = (action: Action, call: Call): readonly [Outcome, State] => {
  if (!action.signed) return [action.perform(call), call.state]
  const { result, state } = authenticate(call.state, call.request, call.now)
  return [Either.flatMap(result, (caller) => action.perform({ ...call, state, caller })), state]
}

const answerAction = (find: Find, state: State, request: Request, now: number): Step => {
  const call = { state, request, parameters: toRecord(allParams(request)), now }
  const [outcome, next] = Either.match(find(actionName(request)), {
    onLeft: (error): readonly [Outcome, State] => [Either.left(error), state],
    onRight: (action) => perform(action, call)
  })
  return Either.match(outcome, {
    onLeft: (error): Step => [renderError(state, request, error), next],
    onRight: (done): Step => {
      const body = { RequestId: requestId(state), ...done.body }
      return [render(request, 200, `${actionName(request).action}Response`, body), done.state]
    }
  })
}

/**
 * The API gateway: STS and every other API.
 *
 * @internal
 */
export const openApi = (actions: ReadonlyArray<Action>): CloudService => {
  const find = findIn(actions)
  return {
    isHost: (host) => host.endsWith(".aliyuncs.com"),
    isRequest: (request) => actionName(request).action !== undefined,
    route: (request) => ({
      service: isSts(request) ? "sts" : "openapi",
      operation: actionName(request).action ?? "unknown"
    }),
    answer: (state, request, now) => answerAction(find, state, request, now),
    errorAnswer: (error, requestId, request) => json(error.status, errorFields(error, requestId, request), error.code),
    lifetimes: { sts: (world, lifetime) => ({ ...world, sessionLifetime: lifetime }) },
    secrets: (world) => [
      ...longLivedSecrets(world),
      ...actions.flatMap((action) => action.secrets?.(world) ?? [])
    ]
  }
}
