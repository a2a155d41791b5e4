/** What a service of credentials answers, or why there is no answer. */
import type { HttpClient } from "@effect/platform"
import { Effect, Layer } from "effect"
import { CredentialProvider, CredentialsUri } from "effect-alicloud-credentials"
import { Unexpected } from "./cloud.ts"

export interface Case {
  readonly name: string
  readonly uri: string
  /** The id of the key pair, or the message of the error. */
  readonly answer: RegExp
}

const ask = <E>(uri: string, client: Layer.Layer<HttpClient.HttpClient, E>) =>
  CredentialProvider.get.pipe(
    Effect.match({
      onFailure: ({ message }) => message,
      onSuccess: (credentials) => credentials._tag === "StsToken" ? credentials.accessKeyId : credentials._tag
    }),
    Effect.provide(Layer.provide(CredentialsUri.layer({ uri }), client))
  )

/** Fails with all answers that are not the expected ones. */
export const areAsExpected = <C extends Case, E>(
  cases: ReadonlyArray<C>,
  clientFor: (one: C) => Layer.Layer<HttpClient.HttpClient, E>
) =>
  Effect.forEach(
    cases,
    (one) => Effect.map(ask(one.uri, clientFor(one)), (text) => one.answer.test(text) ? [] : [`${one.name}: ${text}`]),
    { concurrency: "unbounded" }
  ).pipe(
    Effect.flatMap((found) =>
      found.flat().length === 0 ? Effect.void : new Unexpected({ message: found.flat().join("\n") })
    )
  )
