import type { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Redacted, Scope } from "effect"
import {
  type CredentialError,
  CredentialProvider,
  CredentialsUri,
  EcsRamRole,
  OidcRoleArn,
  RamRoleArn
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { always, count, defaults, fault, user } from "../support/cloud.ts"
import { eventually } from "../support/eventually.ts"
import { failure, get, renew } from "../support/provider.ts"
import { assertShowsNone } from "../support/renderings.ts"
import { httpClients, onLoopback } from "../support/server.ts"
import { variables } from "../support/variables.ts"

/** The number of responses that the client aborted. */
class Aborted extends Context.Tag("test/Aborted")<Aborted, Effect.Effect<number>>() {}

const RecordingServer = Layer.unwrapEffect(Effect.sync(() => {
  let aborted = 0
  const server = createServer()
  server.prependListener("request", (_, response) => {
    response.on("close", () => {
      if (!response.writableFinished) aborted++
    })
  })
  return Layer.merge(
    onLoopback({}, () => server),
    Layer.succeed(Aborted, Effect.sync(() => aborted))
  )
}))

type Source = Layer.Layer<CredentialProvider.CredentialProvider, never, HttpClient.HttpClient>

const limits = { timeout: "150 millis", connectTimeout: "150 millis" } as const

// Leaves the server time to start its answer. What is tested is the limit for the rest of it.
const bodyLimits = { ...limits, connectTimeout: "1 minute" } as const

const uriFrom = (options: Partial<CredentialsUri.UriOptions> = {}): Source =>
  CredentialsUri.layer({ uri: defaults.credentialsUri, ...options })

const roleFrom = (options: Partial<RamRoleArn.RoleOptions> = {}): Source =>
  RamRoleArn.layer({ roleArn: defaults.roleArn, ...options }).pipe(Layer.provide(user))

const oidcSource: Source = OidcRoleArn.layerToken({
  roleArn: defaults.roleArn,
  oidcProviderArn: defaults.oidcProviderArn,
  token: Effect.succeed(Redacted.make(defaults.oidcToken))
})

const aborted = Effect.flatten(Aborted)

/** The server notices it a moment after the client has aborted. */
const hearsOfIt = eventually(Effect.filterOrFail(aborted, (number) => number > 0, () => "no response was aborted"))

for (const [name, client] of Object.entries(httpClients)) {
  const over = (source: Source) =>
    source.pipe(
      Layer.provideMerge(LocalCloud.layerClient.pipe(Layer.provide(client))),
      Layer.provideMerge(RecordingServer),
      Layer.provide(variables())
    )

  describe(`with the ${name} client`, () => {
    for (
      const [what, source, requests] of [
        ["AssumeRole", roleFrom(), ["AssumeRole"]],
        ["AssumeRoleWithOIDC", oidcSource, ["AssumeRoleWithOIDC"]],
        ["the metadata service", EcsRamRole.layer(), ["token", "role", "credential"]],
        ["the credentials URI", uriFrom(), ["credential"]]
      ] as const
    ) {
      it.live(`1,000 concurrent first calls of ${what} cause ${requests.length} requests`, () =>
        Effect.gen(function*() {
          const cloud = yield* LocalCloud.LocalCloud
          const all = yield* Effect.all(Array.from({ length: 1000 }, () => get), { concurrency: "unbounded" })
          assert.strictEqual(new Set(all).size, 1)
          assert.strictEqual(all[0]?._tag, "StsToken")
          assert.deepStrictEqual((yield* cloud.requests).map((request) => request.operation), [...requests])
          assert.strictEqual(yield* aborted, 0)
        }).pipe(Effect.provide(over(source))))
    }

    it.live("a policy with special characters is signed and sent correctly", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* get
        const [request] = yield* cloud.requests
        assert.strictEqual(request?.status, 200)
        assert.strictEqual(request?.form["Policy"], policy)
        assert.deepStrictEqual(request?.query, {})
      }).pipe(Effect.provide(over(roleFrom({ policy })))))

    const policy = "{\"a\": \"b *~+%20&=;'!()/桶📦\\n\"}"

    it.live("a server that says nothing: both requests are aborted", () =>
      Effect.gen(function*() {
        yield* fault({ kind: "silent", ...always })
        const error = yield* failure
        assert.strictEqual(error._tag, "CredentialsUnavailable")
        assert.include(error.message, "no answer within 300 ms")
        assert.strictEqual(yield* hearsOfIt, 2)
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(over(roleFrom(limits)))))

    const bodies: ReadonlyArray<
      readonly [
        title: string,
        fault: LocalCloud.Fault,
        source: Source,
        check: (error: CredentialError.CredentialError) => void
      ]
    > = [
      [
        "a body that stops: the request is aborted",
        { kind: "drip", ...always },
        uriFrom(bodyLimits),
        (error) => assert.include(error.message, "the answer stopped within 150 ms")
      ],
      [
        "an endless body: the request is aborted",
        { kind: "endless", ...always },
        uriFrom(),
        (error) =>
          assert.deepStrictEqual(error._tag === "CredentialsMalformed" && error.issues, ["the body is over 1 MiB"])
      ]
    ]
    for (const [title, kind, source, check] of bodies) {
      it.live(title, () =>
        Effect.gen(function*() {
          yield* fault(kind)
          check(yield* failure)
          assert.strictEqual(yield* hearsOfIt, 1)
          assert.strictEqual(yield* count, 1)
        }).pipe(Effect.provide(over(source))))
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it.live(`a redirect (${status}) is not followed`, () =>
        Effect.gen(function*() {
          const cloud = yield* LocalCloud.LocalCloud
          yield* fault({ kind: "redirect", location: "/credentials/other", status, ...always })
          const error = yield* failure
          assert.strictEqual(error._tag === "CredentialsRejected" && error.status, status)
          assert.deepStrictEqual((yield* cloud.requests).map((request) => request.path), ["/credentials"])
        }).pipe(Effect.provide(over(uriFrom()))))
    }

    it.live("a response without a body is malformed", () =>
      Effect.gen(function*() {
        yield* fault({ kind: "malformed", status: 204, body: "" })
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.status, 204)
        yield* fault({ kind: "malformed", body: "" })
        assert.strictEqual((yield* failure)._tag, "CredentialsMalformed")
      }).pipe(Effect.provide(over(uriFrom()))))

    for (const at of ["request", "answer", "body"] as const) {
      it.live(`a broken connection (${at}) is retried`, () =>
        Effect.gen(function*() {
          yield* fault({ kind: "disconnect", at, service: "sts" })
          assert.strictEqual((yield* get)._tag, "StsToken")
          assert.strictEqual(yield* count, 2)
        }).pipe(Effect.provide(over(roleFrom()))))
    }

    it.live("the error for a wrong signature shows neither the string to sign nor a secret", () =>
      Effect.gen(function*() {
        const cloud = yield* LocalCloud.LocalCloud
        yield* cloud.update((world) => ({
          ...world,
          accessKeys: world.accessKeys.map((key) => ({ ...key, secret: "another-secret" }))
        }))
        const error = yield* failure
        assert.strictEqual(error._tag === "CredentialsRejected" && error.code, "SignatureDoesNotMatch")
        assertShowsNone(error, [defaults.accessKeySecret, "string to sign", "%252F"])
      }).pipe(Effect.provide(over(roleFrom()))))

    it.live("closing the provider aborts its request", () =>
      Effect.gen(function*() {
        yield* fault({ kind: "silent" })
        const scope = yield* Scope.make()
        const provider = yield* CredentialProvider.CredentialProvider.pipe(
          Effect.provide(yield* Layer.buildWithScope(uriFrom(), scope))
        )
        const fiber = yield* Effect.fork(provider.get)
        yield* eventually(Effect.filterOrFail(count, (number) => number === 1, () => "no request"))
        yield* Scope.close(scope, Exit.void)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.await(fiber)))
        assert.strictEqual(yield* hearsOfIt, 1)
      }).pipe(Effect.provide(over(uriFrom()))))

    it.live("a refused connection is reported with its code", () =>
      Effect.gen(function*() {
        const port = yield* Effect.async<number>((resume) => {
          const server = createServer()
          server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo
            server.close(() => resume(Effect.succeed(port)))
          })
        })
        const source = CredentialsUri.layer({ uri: `http://127.0.0.1:${port}/ticket-1234567` }).pipe(
          Layer.provide(client),
          Layer.provide(variables())
        )
        const error = yield* Effect.provide(failure, source)
        assert.strictEqual(error._tag, "CredentialsUnavailable")
        assert.include(error.message, `127.0.0.1:${port}: no connection: ECONNREFUSED`)
        assertShowsNone(error, ["ticket-1234567"])
      }))

    it.live("renews with the same client", () =>
      Effect.gen(function*() {
        const first = yield* get
        const second = yield* renew
        assert.notStrictEqual(first, second)
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(over(roleFrom()))))
  })
}
