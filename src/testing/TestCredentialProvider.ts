/**
 * A provider for tests of programs that use credentials. It returns what the test sets and counts the calls.
 *
 * @since 0.1.0
 */

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type { CredentialError } from "../CredentialError.ts"
import { CredentialProvider } from "../CredentialProvider.ts"
import * as Credentials from "../Credentials.ts"

/**
 * Controls the provider from a test.
 *
 * @since 0.1.0
 * @category models
 */
export interface Control {
  /** The number of calls of `get`. */
  readonly gets: Effect.Effect<number>
  /** The credentials that were invalidated, in order. */
  readonly invalidated: Effect.Effect<ReadonlyArray<Credentials.Credentials>>
  /** Returns these credentials from now on. */
  readonly succeed: (credentials: Credentials.Credentials) => Effect.Effect<void>
  /** Fails with this error from now on. */
  readonly fail: (error: CredentialError) => Effect.Effect<void>
}

/**
 * The tag of `Control`.
 *
 * @since 0.1.0
 * @category tags
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const control = yield* TestCredentialProvider.TestCredentialProvider
 *   yield* CredentialProvider.get
 *   yield* control.succeed(TestCredentialProvider.stsToken({ accessKeyId: "STS.Second" }))
 *   yield* CredentialProvider.get
 *   return yield* control.gets // 2
 * }).pipe(Effect.provide(TestCredentialProvider.layer()))
 * ```
 */
export class TestCredentialProvider
  extends Context.Tag("effect-alicloud-credentials/testing/TestCredentialProvider")<TestCredentialProvider, Control>()
{}

/**
 * A session without expiration. Each of its fields can be replaced.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
 *
 * const session = TestCredentialProvider.stsToken({ accessKeyId: "STS.Mine" })
 * ```
 */
export const stsToken = (overrides: Partial<Omit<Credentials.StsToken, "_tag">> = {}): Credentials.StsToken =>
  Credentials.StsToken({
    provider: "test",
    accessKeyId: "STS.TestAccessKeyId",
    accessKeySecret: Redacted.make("test-access-key-secret"),
    securityToken: Redacted.make("test-security-token"),
    expiration: Option.none(),
    ...overrides
  })

/**
 * A layer that provides a `CredentialProvider` with {@link stsToken} or the given credentials, until the test sets
 * something else with `TestCredentialProvider`. Needs nothing, and building it cannot fail.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialProvider } from "effect-alicloud-credentials"
 * import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.provide(CredentialProvider.get, TestCredentialProvider.layer())
 * ```
 */
export const layer = (
  initial: Credentials.Credentials = stsToken()
): Layer.Layer<CredentialProvider | TestCredentialProvider> => layerOf(Effect.succeed(initial))

/**
 * A layer that provides a `CredentialProvider` whose `get` fails with the error, until the test sets something else
 * with `TestCredentialProvider`. Needs nothing, and building it cannot fail.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { CredentialError } from "effect-alicloud-credentials"
 * import { TestCredentialProvider } from "effect-alicloud-credentials/testing"
 *
 * const layer = TestCredentialProvider.layerFailing(
 *   new CredentialError.CredentialsUnavailable({ provider: "test", reason: "no connection" })
 * )
 * ```
 */
export const layerFailing = (error: CredentialError): Layer.Layer<CredentialProvider | TestCredentialProvider> =>
  layerOf(Effect.fail(error))

type GetCredentials = Effect.Effect<Credentials.Credentials, CredentialError>

const layerOf = (initial: GetCredentials): Layer.Layer<CredentialProvider | TestCredentialProvider> =>
  Layer.effectContext(Effect.gen(function*() {
    const current = yield* Ref.make(initial)
    const gets = yield* Ref.make(0)
    const invalidated = yield* Ref.make<ReadonlyArray<Credentials.Credentials>>([])
    return Context.make(CredentialProvider, {
      name: "test",
      get: Effect.zipRight(Ref.update(gets, (count) => count + 1), Effect.flatten(Ref.get(current))),
      invalidate: (refused) => Ref.update(invalidated, (all) => [...all, refused])
    }).pipe(
      Context.add(TestCredentialProvider, {
        gets: Ref.get(gets),
        invalidated: Ref.get(invalidated),
        succeed: (credentials) => Ref.set(current, Effect.succeed(credentials)),
        fail: (error) => Ref.set(current, Effect.fail(error))
      })
    )
  }))
