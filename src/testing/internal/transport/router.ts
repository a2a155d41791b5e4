import type { ServiceName } from "../../World.ts"
import type { State } from "../cloud/state.ts"
import { answerCloudSso } from "../services/cloudSso.ts"
import { answerImds, imdsOperation } from "../services/imds.ts"
import { answerOAuth, oauthOperation } from "../services/oauth.ts"
import { answerApi, apiName, isStsVersion } from "../services/openApi.ts"
import { answerUri } from "../services/uri.ts"
import { type Answer, hostname, json, type Request } from "../wire/message.ts"

/** @internal */
export interface Route {
  readonly service: ServiceName | "unknown"
  readonly operation: string
}

const metadataHost = "100.100.100.200"

/** @internal */
export const uriHost = "credentials.local"

const oauthHosts: ReadonlyArray<string> = [
  "oauth.aliyun.com",
  "oauth.alibabacloud.com",
  "signin.aliyun.com",
  "signin.alibabacloud.com"
]

/**
 * Whether a host is part of the cloud, so that a request for it may go to a local server instead.
 *
 * @internal
 */
export const isCloudHost = (host: string): boolean =>
  host === metadataHost
  || host === uriHost
  || oauthHosts.includes(host)
  || host.endsWith(".aliyuncs.com")
  || host.endsWith(".alibabacloudsso.com")

const apiRoute = (request: Request): Route => {
  const name = apiName(request)
  return { service: isStsVersion(name) ? "sts" : "openapi", operation: name.action ?? "unknown" }
}

const routeByHost = (request: Request): Route | undefined => {
  const host = hostname(request)
  if (host === metadataHost) return { service: "imds", operation: imdsOperation(request.path) }
  if (host === uriHost) return { service: "uri", operation: "credential" }
  if (oauthHosts.includes(host)) return { service: "oauth", operation: oauthOperation(request.path) }
  if (host.endsWith(".alibabacloudsso.com")) return { service: "cloudsso", operation: request.path.slice(1) }
  if (/^sts[^.]*\..*aliyuncs\.com$/.test(host)) return { ...apiRoute(request), service: "sts" }
  return host.endsWith(".aliyuncs.com") ? apiRoute(request) : undefined
}

/** For a client that was given the address of the server itself. */
const routeByPath = (request: Request): Route | undefined => {
  if (request.path.startsWith("/latest/")) return { service: "imds", operation: imdsOperation(request.path) }
  if (request.path === "/cloud-credentials") return { service: "cloudsso", operation: "cloud-credentials" }
  const oauth = oauthOperation(request.path)
  if (oauth !== "unknown") return { service: "oauth", operation: oauth }
  if (/^\/credentials(\/|$)/.test(request.path)) return { service: "uri", operation: "credential" }
  return apiName(request).action === undefined ? undefined : apiRoute(request)
}

/** @internal */
export const route = (request: Request): Route =>
  routeByHost(request) ?? routeByPath(request) ?? { service: "unknown", operation: "unknown" }

/** @internal */
export const answerRoute = (state: State, { operation, service }: Route, request: Request, now: number) => {
  switch (service) {
    case "sts":
    case "openapi":
      return answerApi(state, request, now)
    case "imds":
      return answerImds(state, request, now)
    case "uri":
      return answerUri(state, request, now)
    case "cloudsso":
      return operation === "cloud-credentials" ? answerCloudSso(state, request, now) : nothingHere(state)
    case "oauth":
      return answerOAuth(state, request, now)
    case "unknown":
      return nothingHere(state)
  }
}

const nothingHere = (state: State): readonly [Answer, State] => [
  json(404, { Code: "NotFound", Message: "The local cloud has nothing here." }, "NotFound"),
  state
]
