/**
 * Which credentials a provider returns, as a stream, for programs that hold connections which were opened with them:
 * message queues, databases, long polls. Such a connection has to be opened again, or given the new token, before its
 * session expires.
 *
 * @since 0.1.0
 */

import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Service } from "./CredentialProvider.ts"
import { type Credentials, expiration } from "./Credentials.ts"
import * as watch from "./internal/provider/watch.ts"

/**
 * Which credentials a provider returns now. Without a secret: call `get` for the credentials themselves.
 *
 * @since 0.1.0
 * @category models
 */
export interface Change {
  /** The path of the provider that returned them, for example `default/ram_role_arn`. */
  readonly provider: string
  /** The id of their AccessKey. Undefined for a bearer token. */
  readonly accessKeyId: string | undefined
  /** When they expire. Undefined if they do not say so. */
  readonly expiration: DateTime.Utc | undefined
}

/**
 * How the credentials are watched.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The longest time between two calls of `get`, at least 1 second. Defaults to 1 minute, which is how often files are
   * looked at.
   */
  readonly every?: Duration.DurationInput | undefined
}

/**
 * The current credentials of a provider, and then each other ones that replace them, however that happens: renewed by
 * this stream or for another caller, another key in a file, another link of a chain. A `Change` is emitted when the key,
 * the token, the expiration or the provider differs.
 *
 * The stream calls `get`: at the start, when a renewal is due, as soon as a provider of this library has other
 * credentials or is notified of refused ones, when a quarter of the remaining lifetime has passed, and at least once per
 * `every`. So it keeps the credentials of an idle program current, like `CredentialProvider.keepWarm`. Services that you
 * made by hand do not report changes, so their changes are found by the next `get`. Two calls are at least 1 second apart,
 * and nothing runs between them.
 *
 * A failed `get` does not end the stream. It is repeated after 1 to 2 seconds, then 2 to 4 and so on up to `every`;
 * `CredentialProvider.health` has the error. The stream never ends and never fails. A consumer that is slower than the
 * changes gets only the latest one. Its timer keeps a Node.js process alive while the stream runs.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { CredentialChanges, CredentialProvider } from "effect-alicloud-credentials"
 * import { Effect, FiberHandle, Stream } from "effect"
 *
 * declare const connect: Effect.Effect<never, Error, CredentialProvider.CredentialProvider>
 *
 * // closes the connection and opens it again whenever the credentials change
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialProvider.CredentialProvider
 *   const connection = yield* FiberHandle.make()
 *   yield* Stream.runForEach(CredentialChanges.stream(provider), () => FiberHandle.run(connection, connect))
 * }).pipe(Effect.scoped)
 * ```
 */
export const stream = (service: Service, options: Options = {}): Stream.Stream<Change> =>
  Stream.unwrapScoped(
    Effect.map(
      watch.make(service, options.every ?? "1 minute"),
      (next) => Stream.map(Stream.repeatEffect(next), toChange)
    )
  )

const toChange = (credentials: Credentials): Change => ({
  provider: credentials.provider,
  accessKeyId: credentials._tag === "BearerToken" ? undefined : credentials.accessKeyId,
  expiration: Option.getOrUndefined(expiration(credentials))
})
