import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Secret } from "../../World.ts"
import { type Principal, requestId, type State } from "../cloud/state.ts"
import { formatInstant } from "../wire/encode.ts"
import { allParams, type Answer, type ApiError, apiError, json, type Request, text, toRecord } from "../wire/message.ts"
import { authenticate } from "./authenticate.ts"
import { assumeRole, assumeRoleWithOidc, getCallerIdentity, type Outcome } from "./sts.ts"

type Operation = (state: State, request: Request, now: number, caller: Principal) => Outcome

const describeRegions: Operation = (state) =>
  Either.right({
    state,
    body: {
      Regions: {
        Region: state.world.regions.map((id) => ({
          RegionId: id,
          RegionEndpoint: `ecs.${id}.aliyuncs.com`,
          LocalName: id
        }))
      }
    }
  })

const rotationFields = (secret: Secret) =>
  secret.rotationInterval === undefined
    ? { AutomaticRotation: "Disabled" }
    : { AutomaticRotation: "Enabled", RotationInterval: `${Duration.toSeconds(secret.rotationInterval)}s` }

const getSecretValue: Operation = (state, request, now) => {
  const values = toRecord(allParams(request))
  const secret = state.world.secrets.find((secret) => secret.name === values["SecretName"])
  const version = values["VersionId"]
  if (secret === undefined || (version !== undefined && version !== secret.versionId)) {
    return Either.left(apiError(404, "Forbidden.ResourceNotFound", "Resource not found."))
  }
  const body = {
    SecretName: secret.name,
    SecretType: secret.type,
    SecretData: secret.data,
    SecretDataType: "text",
    VersionId: secret.versionId,
    VersionStages: { VersionStage: ["ACSCurrent"] },
    CreateTime: formatInstant(now),
    ...rotationFields(secret)
  }
  return Either.right({ state, body })
}

/** By version and action. */
const signedOperations: Readonly<Record<string, Operation>> = {
  "2015-04-01/AssumeRole": assumeRole,
  "2015-04-01/GetCallerIdentity": (state, _request, _now, caller) => getCallerIdentity(state, caller),
  "2014-05-26/DescribeRegions": describeRegions,
  "2016-01-20/GetSecretValue": getSecretValue
}

const stsVersion = "2015-04-01"

interface ApiName {
  readonly version: string | undefined
  readonly action: string | undefined
}

/** @internal */
export const apiName = (request: Request): ApiName => {
  const values = toRecord(allParams(request))
  return {
    version: request.headers["x-acs-version"] ?? values["Version"],
    action: request.headers["x-acs-action"] ?? values["Action"]
  }
}

/** @internal */
export const isStsVersion = (name: ApiName): boolean => name.version === stsVersion

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

const renderError = (state: State, request: Request, error: ApiError): Answer => {
  const body = {
    RequestId: requestId(state),
    HostId: request.host,
    Code: error.code,
    Message: error.message,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${error.code}`
  }
  return render(request, error.status, "Error", body, error.code)
}

const perform = (state: State, request: Request, now: number): readonly [Outcome, State] => {
  const name = apiName(request)
  const key = `${name.version ?? ""}/${name.action ?? ""}`
  if (key === `${stsVersion}/AssumeRoleWithOIDC`) return [assumeRoleWithOidc(state, request, now), state]
  if (name.action === undefined) return [Either.left(apiError(400, "MissingAction", "Action is mandatory.")), state]
  const operation = signedOperations[key]
  if (operation === undefined) {
    return [Either.left(apiError(404, "InvalidAction.NotFound", "Specified api is not found, please check it.")), state]
  }
  const authentication = authenticate(state, request, now)
  const outcome = Either.flatMap(
    authentication.result,
    (caller) => operation(authentication.state, request, now, caller)
  )
  return [outcome, authentication.state]
}

/** @internal */
export const answerApi = (state: State, request: Request, now: number): readonly [Answer, State] => {
  const [outcome, next] = perform(state, request, now)
  return Either.match(outcome, {
    onLeft: (error): readonly [Answer, State] => [renderError(state, request, error), next],
    onRight: (done): readonly [Answer, State] => {
      const body = { RequestId: requestId(state), ...done.body }
      return [render(request, 200, `${apiName(request).action}Response`, body), done.state]
    }
  })
}
