import { HttpClient, type HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { ConfigProvider, Effect, Layer, Logger, Redacted } from "effect"
import { type CredentialProvider, RamRoleArn, SignedHttpClient, StaticCredentials } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"

export const { defaults } = LocalCloud

/** No variables at all: never those of the machine. */
export const noVariables = Layer.setConfigProvider(ConfigProvider.fromMap(new Map()))

/** Nothing of what is logged on the screen. */
export const quiet = Logger.remove(Logger.defaultLogger)

export const user = StaticCredentials.layerAccessKey({
  accessKeyId: defaults.accessKeyId,
  accessKeySecret: Redacted.make(defaults.accessKeySecret)
})

export const bearer = StaticCredentials.layerBearerToken(Redacted.make(defaults.bearerToken))

/** A session of the local cloud's role. */
export const role = RamRoleArn.layer({ roleArn: defaults.roleArn, refresh: { jitter: 0 } }).pipe(Layer.provide(user))

/** The signing client over credentials of one's own, and what is below it. */
export const signed = <A, E, R>(
  credentials: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
  options?: SignedHttpClient.Options
) =>
  Layer.mergeAll(SignedHttpClient.layer(options), noVariables, quiet).pipe(
    Layer.provideMerge(credentials),
    Layer.provide(noVariables)
  )

/** The same over a cloud in memory. */
export const overCloud = <A, E, R>(
  credentials: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
  options?: SignedHttpClient.Options
) => signed(credentials, options).pipe(Layer.provideMerge(LocalCloud.layer()))

export const cloud = LocalCloud.LocalCloud

export const fault = (fault: LocalCloud.Fault) => Effect.flatMap(cloud, (cloud) => cloud.fault(fault))

export const execute = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.flatMap(SignedHttpClient.SignedHttpClient, (client) => client.execute(request))

export type Answer = (
  request: HttpClientRequest.HttpClientRequest,
  url: URL
) => Effect.Effect<Response, HttpClientError.HttpClientError>

/** A network of one's own. */
export const network = (answer: Answer) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) =>
      Effect.map(answer(request, url), (response) => HttpClientResponse.fromWeb(request, response))
    )
  )

/** One that gives these answers in turn, then the last for ever, and keeps the requests. */
export const scripted = (...answers: ReadonlyArray<() => Response>) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const layer = network((request) =>
    Effect.sync(() => (answers[Math.min(requests.push(request), answers.length) - 1] ?? (() => Response.error()))())
  )
  return { requests, layer }
}

export const refusal = (code: string, status = 400) => () =>
  Response.json({ Code: code, Message: "no", RequestId: "0-1" }, { status })
