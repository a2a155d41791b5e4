/**
 * Requests to the local cloud that are built and signed without the library.
 */
import { HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Clock, Effect } from "effect"
import * as acs3 from "../../src/testing/internal/services/acs3.ts"
import * as signatureV1 from "../../src/testing/internal/services/signatureV1.ts"
import { formatInstant, fromUtf8, utf8 } from "../../src/testing/internal/wire/encode.ts"
import { defaults } from "./cloud.ts"
import type { Texts } from "./variables.ts"

export interface Key {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string | undefined
}

export const userKey: Key = { accessKeyId: defaults.accessKeyId, accessKeySecret: defaults.accessKeySecret }

export interface ReadReply {
  readonly status: number
  readonly headers: Texts
  readonly text: string
  /** Empty if the text is not JSON. */
  readonly body: Readonly<Record<string, unknown>>
  /** A field of the body as text. */
  readonly field: (name: string) => string
}

const parse = (text: string): ReadReply["body"] => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

export const send = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<ReadReply, HttpClientError.HttpClientError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const response = yield* HttpClient.execute(request)
    const text = yield* response.text
    const body = parse(text)
    const field = (name: string) => String(body[name])
    return { status: response.status, headers: { ...response.headers }, text, body, field }
  })

export const getUrl = (url: string, headers: Texts = {}) => send(HttpClientRequest.get(url, { headers }))

export const getCredentialsUri = getUrl(defaults.credentialsUri)

export const code = (reply: ReadReply): string => `${reply.status} ${reply.field("Code")}`

export interface Issued extends Key {
  readonly securityToken: string
  readonly expiration: string
}

export const credentialsOf = (reply: ReadReply): Issued => {
  const fields = (reply.body["Credentials"] ?? reply.body["CloudCredential"] ?? reply.body) as Texts
  return {
    accessKeyId: fields["AccessKeyId"] ?? "",
    accessKeySecret: fields["AccessKeySecret"] ?? "",
    securityToken: fields["SecurityToken"] ?? "",
    expiration: fields["Expiration"] ?? ""
  }
}

export interface RpcOptions {
  readonly host?: string | undefined
  readonly method?: "GET" | "POST" | undefined
  readonly key?: Key | undefined
  /** Sent in the form of a POST, or in the query of a GET. */
  readonly params?: Texts | undefined
  /** Overrides of common parameters; empty text removes one. Applied before signing. */
  readonly common?: Texts | undefined
  /** The same, applied after signing. */
  readonly tamper?: Texts | undefined
}

const withoutEmpty = (values: Texts): Texts =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""))

let nonces = 0

/** Signature version 1.0. */
export const rpc = (action: string, options: RpcOptions = {}) =>
  Effect.gen(function*() {
    const { accessKeyId, accessKeySecret, securityToken = "" } = options.key ?? userKey
    const method = options.method ?? "POST"
    const common = withoutEmpty({
      Action: action,
      Version: "2015-04-01",
      Format: "JSON",
      Timestamp: formatInstant(yield* Clock.currentTimeMillis),
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      SignatureNonce: `nonce-${++nonces}`,
      AccessKeyId: accessKeyId,
      SecurityToken: securityToken,
      ...options.common
    })
    const params = options.params ?? {}
    const text = signatureV1.stringToSign(method, Object.entries({ ...common, ...params }))
    const signature = signatureV1.sign(accessKeySecret, text)
    const signed = withoutEmpty({ ...common, Signature: signature, ...options.tamper })
    const url = `https://${options.host ?? "sts.aliyuncs.com"}/`
    return yield* send(
      method === "GET"
        ? HttpClientRequest.get(url, { urlParams: { ...signed, ...params } })
        : HttpClientRequest.post(url, { urlParams: signed }).pipe(HttpClientRequest.bodyUrlParams(params))
    )
  })

export const roleParams = { RoleArn: defaults.roleArn, RoleSessionName: "tester", DurationSeconds: "3600" } as const

export const assumeRole = (params: Texts = {}, options: RpcOptions = {}) =>
  rpc("AssumeRole", { ...options, params: withoutEmpty({ ...roleParams, ...params }) })

export const assumeRoleWithOidc = (params: Texts = {}, query: Texts = {}) =>
  send(
    HttpClientRequest.post("https://sts.aliyuncs.com/", {
      urlParams: { Action: "AssumeRoleWithOIDC", Version: "2015-04-01", Format: "JSON", ...query }
    }).pipe(HttpClientRequest.bodyUrlParams(withoutEmpty({
      ...roleParams,
      OIDCProviderArn: defaults.oidcProviderArn,
      OIDCToken: defaults.oidcToken,
      ...params
    })))
  )

export interface Acs3Options {
  readonly host?: string | undefined
  readonly version?: string | undefined
  readonly path?: string | undefined
  readonly key?: Key | undefined
  readonly query?: Texts | undefined
  readonly body?: string | undefined
  readonly contentType?: string | undefined
  /** Applied before signing; empty text removes a header. */
  readonly headers?: Texts | undefined
  /** Applied after signing. */
  readonly tamper?: Texts | undefined
  readonly tamperBody?: string | undefined
}

/** ACS3-HMAC-SHA256. */
export const acs3Call = (action: string, options: Acs3Options = {}) =>
  Effect.gen(function*() {
    const { accessKeyId, accessKeySecret, securityToken } = options.key ?? userKey
    const host = options.host ?? "sts.cn-hangzhou.aliyuncs.com"
    const body = utf8(options.body ?? "")
    const headers = withoutEmpty({
      "x-acs-action": action,
      "x-acs-version": options.version ?? "2015-04-01",
      "x-acs-date": formatInstant(yield* Clock.currentTimeMillis),
      "x-acs-signature-nonce": `nonce-${++nonces}`,
      "x-acs-content-sha256": acs3.hashBody(body),
      ...(securityToken === undefined
        ? {}
        : { "x-acs-accesskey-id": accessKeyId, "x-acs-security-token": securityToken }),
      ...(options.contentType === undefined ? {} : { "content-type": options.contentType }),
      ...options.headers
    })
    const signed = { ...headers, host }
    const names = acs3.headersToSign(signed)
    const path = options.path ?? "/"
    const query = Object.entries(options.query ?? {})
    const canonical = acs3.canonicalRequest({ method: "POST", path, query, headers: signed, body }, names)
    const signature = acs3.sign(accessKeySecret, acs3.stringToSign(canonical))
    const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${
      names.join(";")
    },Signature=${signature}`
    const request = HttpClientRequest.post(`https://${host}${path}`, { urlParams: options.query ?? {} })
    const text = options.tamperBody ?? fromUtf8(body)
    const withBody = text === "" ? request : HttpClientRequest.bodyText(request, text, options.contentType)
    return yield* send(HttpClientRequest.setHeaders(withBody, { ...headers, authorization, ...options.tamper }))
  })

export const metadata = "http://100.100.100.200/latest"
export const rolesUrl = `${metadata}/meta-data/ram/security-credentials/`
export const ttlHeader = "X-aliyun-ecs-metadata-token-ttl-seconds"
export const tokenHeader = "X-aliyun-ecs-metadata-token"

export const putToken = (ttl: string | undefined) =>
  send(
    HttpClientRequest.put(`${metadata}/api/token`, { headers: ttl === undefined ? {} : { [ttlHeader]: ttl } })
  )
