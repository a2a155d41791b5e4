/**
 * What a server that answers with a redirect gets out of the library, over each HTTP client of the platform: nothing is
 * sent to the address that it names.
 */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent, interceptors } from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import {
  CloudSso,
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  KmsSecret,
  OAuth,
  OidcRoleArn,
  OpenApi,
  RamRoleArn,
  SignedHttpClient,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { always, defaults, fault, user } from "../support/cloud.ts"
import { sentOn } from "../support/redirects.ts"
import { httpClients, onLoopback } from "../support/server.ts"
import { variables } from "../support/variables.ts"

const statuses = [300, 301, 302, 303, 304, 305, 306, 307, 308]

/** Follows, unless a request asks it not to. */
const withInterceptor = NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
  Layer.provide(Layer.sync(
    NodeHttpClient.Dispatcher,
    () => new Agent().compose(interceptors.redirect({ maxRedirections: 3 }))
  ))
)

const clients = { ...httpClients, "undici (with the interceptor for redirects)": withInterceptor }

/** The next request of a server, and what it was sent. */
interface Seen {
  readonly authorization: string | undefined
  readonly securityToken: string | undefined
}

const seenIn = ({ headers }: IncomingMessage): Seen => ({
  authorization: headers.authorization,
  securityToken: headers["x-acs-security-token"]?.toString()
})

const sessionText = JSON.stringify({
  AccessKeyId: "STS.of-the-other-host",
  AccessKeySecret: "secret-of-the-other-host",
  SecurityToken: "token-of-the-other-host",
  Expiration: "2999-01-01T00:00:00Z"
})

/** A server on loopback that answers everything in one way, and the requests that it got. */
const serverThat = (status: number, headers: Readonly<Record<string, string>>, body: string) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly seen: ReadonlyArray<Seen>; readonly stop: () => void }>((resume) => {
      const seen: Array<Seen> = []
      const server = createServer((request, response) => {
        seen.push(seenIn(request))
        request.resume()
        response.writeHead(status, headers).end(body)
      })
      const stop = () => server.close() && server.closeAllConnections()
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, seen, stop }))
      })
    }),
    ({ stop }) => Effect.sync(stop)
  )

/** A host that hands out keys of its own to whoever asks. */
const otherHost = serverThat(200, { "content-type": "application/json" }, sessionText)

const redirectTo = (url: string, status = 302) => serverThat(status, { location: `${url}/keys` }, "")

type Source = Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient>

const sources: Readonly<Record<string, Source>> = {
  "AssumeRole": RamRoleArn.layer({ roleArn: defaults.roleArn }).pipe(Layer.provide(user)),
  "AssumeRoleWithOIDC": OidcRoleArn.layerToken({
    roleArn: defaults.roleArn,
    oidcProviderArn: defaults.oidcProviderArn,
    token: Effect.succeed(Redacted.make(defaults.oidcToken))
  }),
  "the metadata service": EcsRamRole.layer(),
  "the credentials URI": CredentialsUri.layer({ uri: defaults.credentialsUri.replace("://", "://me:password@") }),
  "CloudSSO": CloudSso.layer({
    signInUrl: defaults.cloudSsoSignInUrl,
    accountId: defaults.cloudSsoAccountId,
    accessConfiguration: defaults.cloudSsoAccessConfiguration,
    accessToken: Redacted.make(defaults.cloudSsoAccessToken)
  }),
  "OAuth, for a new access token": OAuth.layer({ refreshToken: Redacted.make(defaults.oauthRefreshToken) }),
  "OAuth, for a session": OAuth.layer({ accessToken: Redacted.make(defaults.oauthAccessToken) }),
  "KMS": KmsSecret.layer({ secretName: defaults.secretName, region: "cn-hangzhou" }).pipe(Layer.provide(user))
}

for (const [name, client] of Object.entries(clients)) {
  const Cloud = LocalCloud.layerClient.pipe(
    Layer.provide(client),
    Layer.provideMerge(onLoopback()),
    Layer.provideMerge(variables())
  )

  describe(`a redirect, with the ${name} client,`, () => {
    for (const [what, source] of Object.entries(sources)) {
      it.scopedLive(`of ${what} is refused with any status, and nothing is sent to its target`, () =>
        Effect.gen(function*() {
          const other = yield* otherHost
          for (const status of statuses) {
            yield* fault({ kind: "redirect", location: `${other.url}/keys`, status, ...always })
            const error = yield* Effect.flip(Effect.provide(CredentialProvider.get, Layer.fresh(source)))
            assert(error._tag === "CredentialsRejected", String(status))
            assert.strictEqual(error.status, status)
            yield* Effect.flatMap(LocalCloud.LocalCloud, (cloud) => cloud.clearFaults)
          }
          assert.deepStrictEqual(other.seen, [])
        }).pipe(Effect.provide(Cloud)))
    }
  })
}

const session = {
  accessKeyId: "STS.of-the-program",
  accessKeySecret: Redacted.make("secret-of-the-program"),
  securityToken: Redacted.make("token-of-the-program")
}

const signedWith = (client: Layer.Layer<HttpClient.HttpClient>) =>
  SignedHttpClient.layer().pipe(
    Layer.provide([StaticCredentials.layerStsToken(session), client]),
    Layer.provide(variables())
  )

const action = { "x-acs-action": "DescribeRegions", "x-acs-version": "2014-05-26" }

for (const [name, client] of Object.entries(clients)) {
  describe(`a redirect of a signed request, with the ${name} client,`, () => {
    it.scopedLive("is the answer, with any status, and nothing is sent to its target", () =>
      Effect.gen(function*() {
        const other = yield* otherHost
        const signed = yield* SignedHttpClient.SignedHttpClient
        for (const status of statuses) {
          const { url } = yield* redirectTo(other.url, status)
          const response = yield* signed.execute(HttpClientRequest.post(url, { headers: action }))
          assert.strictEqual(response.status, status)
        }
        assert.deepStrictEqual(other.seen, [])
      }).pipe(Effect.provide(signedWith(client))))

    it.scopedLive("fails a typed call, with any status, and nothing is sent to its target", () =>
      Effect.gen(function*() {
        const other = yield* otherHost
        for (const status of statuses) {
          const { url } = yield* redirectTo(other.url, status)
          const error = yield* Effect.flip(OpenApi.call({
            endpoint: url,
            action: "DescribeRegions",
            version: "2014-05-26",
            schema: Schema.Unknown
          }))
          assert(error._tag === "OpenApiError")
          assert.strictEqual(error.status, status)
        }
        assert.deepStrictEqual(other.seen, [])
      }).pipe(Effect.provide(signedWith(client))))
  })
}

/** What the library cannot prevent. The documentation says the same of each. */
describe("a client that follows redirects by itself", () => {
  const followingBy = (change: (client: HttpClient.HttpClient) => HttpClient.HttpClient) =>
    Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, change)).pipe(
      Layer.provide(FetchHttpClient.layer)
    )

  const following = followingBy(HttpClient.followRedirects())

  const ownFetch = Layer.provide(
    FetchHttpClient.layer,
    // @effect-diagnostics-next-line globalFetch:off
    Layer.succeed(FetchHttpClient.Fetch, (url, init) => globalThis.fetch(url, { ...init, redirect: "follow" }))
  )

  const accessKeyIdFrom = (url: string, client: Layer.Layer<HttpClient.HttpClient>) =>
    Effect.provide(
      CredentialProvider.get,
      CredentialsUri.layer({ uri: url.replace("://", "://me:password@") }).pipe(
        Layer.provide([client, variables()])
      )
    ).pipe(Effect.map((credentials) => credentials._tag === "StsToken" ? credentials.accessKeyId : undefined))

  it.scopedLive("sends the password of a source on, and the keys of the other host are used", () =>
    Effect.gen(function*() {
      const other = yield* otherHost
      const { url } = yield* redirectTo(other.url)
      assert.strictEqual(yield* accessKeyIdFrom(url, following), "STS.of-the-other-host")
      assert.deepStrictEqual(other.seen, [{
        authorization: sentOn(`Basic ${btoa("me:password")}`),
        securityToken: undefined
      }])
    }))

  it.scopedLive("may be a fetch that does what it was asked not to do", () =>
    Effect.gen(function*() {
      const other = yield* otherHost
      const { url } = yield* redirectTo(other.url)
      assert.strictEqual(yield* accessKeyIdFrom(url, ownFetch), "STS.of-the-other-host")
    }))

  it.scopedLive("sends signed requests on, and around the signing client has them signed for the other host", () =>
    Effect.gen(function*() {
      const other = yield* otherHost
      const { url } = yield* redirectTo(other.url)
      const request = HttpClientRequest.post(url, { headers: action })
      const signed = SignedHttpClient.SignedHttpClient
      yield* Effect.flatMap(signed, (client) => client.execute(request)).pipe(Effect.provide(signedWith(following)))
      yield* Effect.flatMap(signed, (client) => HttpClient.followRedirects(client).execute(request)).pipe(
        Effect.provide(signedWith(FetchHttpClient.layer))
      )
      assert.deepStrictEqual(other.seen.map((seen) => seen.securityToken), [
        "token-of-the-program",
        "token-of-the-program"
      ])
    }))

  it.scopedLive("does no harm beside a client that does not follow, which is provided to what sends secrets", () =>
    Effect.gen(function*() {
      const other = yield* otherHost
      const { url } = yield* redirectTo(other.url)
      const program = Effect.gen(function*() {
        const own = yield* HttpClient.get(url)
        const failure = yield* Effect.flip(CredentialProvider.get)
        return { own: own.status, failure: failure._tag }
      })
      const source = CredentialsUri.layer({ uri: url.replace("://", "://me:password@") }).pipe(
        Layer.provide([FetchHttpClient.layer, variables()])
      )
      const outcome = yield* Effect.provide(program, Layer.merge(following, source))
      assert.deepStrictEqual(outcome, { own: 200, failure: "CredentialsRejected" })
      assert.deepStrictEqual(other.seen, [{ authorization: undefined, securityToken: undefined }])
    }))
})
