/**
 * The signing client, and requests for it.
 */
import { HttpClientRequest, type HttpMethod } from "@effect/platform"
import { Effect, Layer } from "effect"
import { CredentialProvider, SignedHttpClient } from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { accessKey } from "./credentials.ts"
import { quiet } from "./logs.ts"
import { noVariables } from "./variables.ts"

/** The signing client with given credentials, over a given HTTP client. */
export const signed = <A, E, R>(
  credentials: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
  options?: SignedHttpClient.Options
) =>
  Layer.mergeAll(SignedHttpClient.layer(options), noVariables, quiet).pipe(
    Layer.provideMerge(credentials),
    Layer.provide(noVariables)
  )

/** The same over a local cloud in memory. */
export const signedOverCloud = <A, E, R>(
  credentials: Layer.Layer<CredentialProvider.CredentialProvider | A, E, R>,
  options?: SignedHttpClient.Options
) => signed(credentials, options).pipe(Layer.provideMerge(LocalCloud.layer()))

export const execute = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.flatMap(SignedHttpClient.SignedHttpClient, (client) => client.execute(request))

export const api = (path = "/", method: HttpMethod.HttpMethod = "POST") =>
  HttpClientRequest.make(method)("https://ecs.cn-hangzhou.aliyuncs.com", {
    headers: { "x-acs-action": "DescribeRegions", "x-acs-version": "2014-05-26" }
  } as HttpClientRequest.Options.NoUrl).pipe(HttpClientRequest.appendUrl(path))

export const identity = HttpClientRequest.post("https://sts.aliyuncs.com", {
  headers: { "x-acs-action": "GetCallerIdentity", "x-acs-version": "2015-04-01" }
})

/** A provider of other credentials for each call: `key1`, `key2`, and so on. */
export const newKeys = () => {
  let count = 0
  return Layer.succeed(CredentialProvider.CredentialProvider, {
    name: "counting",
    get: Effect.sync(() => accessKey(`key${++count}`)),
    invalidate: () => Effect.void
  })
}
