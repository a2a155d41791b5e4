/**
 * GetCallerIdentity of STS: the call that every credential may make, and whose answer says who it belongs to.
 */
import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Clock, Data, Effect, Redacted, Schema } from "effect"
import type { Credentials } from "effect-alicloud-credentials"
import { createHmac, randomUUID } from "node:crypto"

export interface CallerIdentity {
  readonly arn: string
  readonly accountId: string
}

export class CallFailed extends Data.TaggedError("CallFailed")<{ readonly message: string }> {}

export const callerIdentity = (
  credentials: Credentials.Credentials
): Effect.Effect<CallerIdentity, CallFailed, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    // A span would show the headers, and in them a bearer token.
    const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)
    const response = yield* client.execute(request(credentials, yield* Clock.currentTimeMillis))
    if (response.status !== 200) {
      const { Code } = yield* HttpClientResponse.schemaBodyJson(Refusal)(response)
      return yield* new CallFailed({ message: `GetCallerIdentity: status ${response.status}, ${Code}` })
    }
    const { AccountId, Arn } = yield* HttpClientResponse.schemaBodyJson(Answer)(response)
    return { arn: Arn, accountId: AccountId }
  }).pipe(
    // Not the errors themselves, since they hold the request.
    Effect.catchTags({
      RequestError: ({ reason }) => new CallFailed({ message: `GetCallerIdentity: no answer (${reason})` }),
      ResponseError: ({ reason }) => new CallFailed({ message: `GetCallerIdentity: odd answer (${reason})` }),
      ParseError: () => new CallFailed({ message: "GetCallerIdentity: odd answer" })
    })
  )

const Answer = Schema.Struct({ AccountId: Schema.String, Arn: Schema.String })
const Refusal = Schema.Struct({ Code: Schema.String })

type Parameters = Readonly<Record<string, string>>

const action: Parameters = { Action: "GetCallerIdentity", Version: "2015-04-01", Format: "JSON" }

const request = (credentials: Credentials.Credentials, now: number): HttpClientRequest.HttpClientRequest => {
  const post = HttpClientRequest.post("https://sts.aliyuncs.com/")
  // The local cloud takes a bearer token wherever it takes a signature. Of the real services few do.
  return credentials._tag === "BearerToken"
    ? HttpClientRequest.bodyText(post, query(action), "application/x-www-form-urlencoded").pipe(
      HttpClientRequest.setHeaders({
        "x-acs-bearer-token": Redacted.value(credentials.bearerToken),
        "x-acs-signature-type": "BEARERTOKEN"
      })
    )
    : HttpClientRequest.bodyText(post, query(signed(credentials, now)), "application/x-www-form-urlencoded")
}

const signed = (key: Credentials.AccessKey | Credentials.StsToken, now: number): Parameters => {
  const parameters = {
    ...action,
    AccessKeyId: key.accessKeyId,
    ...(key._tag === "StsToken" ? { SecurityToken: Redacted.value(key.securityToken) } : {}),
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: randomUUID(),
    Timestamp: new Date(now).toISOString().replace(/\.\d+Z$/, "Z")
  }
  const Signature = createHmac("sha1", `${Redacted.value(key.accessKeySecret)}&`)
    .update(`POST&%2F&${encode(query(parameters))}`)
    .digest("base64")
  return { ...parameters, Signature }
}

const query = (parameters: Parameters): string =>
  Object.keys(parameters).sort().map((name) => `${encode(name)}=${encode(parameters[name] ?? "")}`).join("&")

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
