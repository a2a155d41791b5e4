/**
 * What every client of the table in `docs/clients.md` has to do: sign with the new session after a renewal and after a
 * revocation, and pass the error of a provider on. The client is the real package, and the server is on loopback.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { AlicloudSdk, CredentialProvider } from "effect-alicloud-credentials"
import { createRequire } from "node:module"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as signedServices from "../fixtures/signedServices.ts"
import { certificateFor } from "../support/certificate.ts"
import { fakeDate, hour } from "../support/clock.ts"
import { assertRefusal, rejection, ringProvider, sdkFailing } from "../support/sdk.ts"

/** Loads a package of this folder. The type has the members that a test uses, since the root does not install it. */
export const load = <T>(name: string): T => createRequire(import.meta.url)(name) as T

/** The same for a package that has only ES modules. */
export const loadModule = async <T>(name: string): Promise<T> => await import(name) as T

export interface Server {
  /** Such as `http://127.0.0.1:4711`. */
  readonly url: string
  /** Host and port. */
  readonly host: string
}

/** Makes the client, and returns a call of it that sends one signed request. */
export type Setup = (
  credential: AlicloudSdk.SdkCredential,
  server: Server
) => Promise<() => Promise<unknown>> | (() => Promise<unknown>)

export interface Options {
  /** Checks what the client throws when the provider fails, for clients that wrap errors. */
  readonly assertError?: (error: unknown) => void
  /** Finds the requests that the client sends by itself. */
  readonly isOwn?: (arrival: signedServices.Arrival) => boolean
  /** For clients that connect only by HTTPS. */
  readonly isSecure?: boolean
}

const serve = (ring: KeyRing, isSecure: boolean) =>
  Effect.map(signedServices.make(ring, isSecure ? certificateFor("localhost") : undefined), (services) => ({
    services,
    server: { url: services.url, host: new URL(services.url).host }
  }))

const call = (setup: Setup, credential: AlicloudSdk.SdkCredential, server: Server) =>
  Effect.promise(async () => setup(credential, server))

/** The tests of one client. The name is that of the package, as the table has it. */
export const client = (
  name: string,
  setup: Setup,
  { assertError = assertRefusal, isOwn = () => false, isSecure = false }: Options = {}
): void => {
  describe(name, () => {
    it.live("signs with the new session after a renewal, and after a revocation", () =>
      Effect.gen(function*() {
        const setDate = yield* fakeDate
        const { ring, service } = yield* ringProvider(hour)
        const { server, services } = yield* serve(ring, isSecure)
        const send = yield* call(setup, yield* AlicloudSdk.fromService(service), server)
        yield* Effect.promise(send)
        yield* Effect.promise(send)
        setDate((yield* Clock.currentTimeMillis) + hour)
        yield* Effect.promise(send)
        ring.revokeLast()
        yield* Effect.flatMap(service.get, service.invalidate)
        yield* Effect.promise(send)
        const arrivals = services.arrivals.filter((arrival) => !isOwn(arrival))
        assert.deepStrictEqual(arrivals.map(({ refusal }) => refusal), ["", "", "", ""])
        const [first, second, third] = ring.issued.map(({ accessKeyId }) => accessKeyId)
        assert.deepStrictEqual(arrivals.map(({ accessKeyId }) => accessKeyId), [first, first, second, third])
      }).pipe(Effect.scoped))

    it.live("is refused with another secret, which shows that the server checks signatures", () =>
      Effect.gen(function*() {
        const ring = new KeyRing()
        const { server, services } = yield* serve(ring, isSecure)
        const wrong = toCredentials({ ...ring.issue(hour), accessKeySecret: "another" })
        const send = yield* call(
          setup,
          yield* AlicloudSdk.fromService(CredentialProvider.succeed(wrong)),
          server
        )
        // Some clients return what the server answered.
        yield* Effect.promise(() => send().catch(() => {}))
        assert.strictEqual(services.arrivals[0]?.refusal, "SignatureDoesNotMatch")
      }).pipe(Effect.scoped))

    it.live("passes the error of the provider on, with its name and code", () =>
      Effect.gen(function*() {
        const { server, services } = yield* serve(new KeyRing(), isSecure)
        const credential = yield* sdkFailing
        const error = yield* rejection(async () => (await setup(credential, server))())
        assertError(error)
        assert.deepStrictEqual(services.arrivals, [])
      }).pipe(Effect.scoped))
  })
}
