/**
 * The credential object of the official SDKs over a provider. A call returns cached credentials without starting a
 * fiber; otherwise it waits for the provider.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type { SdkCredential, SdkModel } from "../../AlicloudSdk.ts"
import { CredentialsMisconfigured } from "../../CredentialError.ts"
import type { Credentials } from "../../Credentials.ts"
import * as names from "../provider/names.ts"
import type { Peek, Seen } from "../provider/peek.ts"
import * as dueReads from "./dueReads.ts"
import { notYet, toError, withCode } from "./errors.ts"
import * as sdkModel from "./model.ts"

/** The provider behind a credential object. @internal */
export interface Source {
  readonly name: () => string
  readonly peek: Peek
  /** Waits for the provider. */
  readonly ask: () => Promise<Exit.Exit<Credentials, unknown>>
  /** Runs the provider as far as possible without waiting. */
  readonly askNow: () => Exit.Exit<Credentials, unknown>
  /** Epoch milliseconds by the clock of the provider. */
  readonly now: () => number
  /** Throws if the source was closed. */
  readonly assertOpen: () => void
}

interface Snapshot {
  readonly credentials: Credentials
  readonly model: SdkModel
  /** Epoch milliseconds. Infinity if the credentials do not expire. */
  readonly expiresAt: number
}

/** The fiber that is still running if a run without waiting did not finish. @internal */
export const waitingFiber = (cause: Cause.Cause<unknown>): Fiber.RuntimeFiber<Credentials, unknown> | undefined => {
  const defect = Option.getOrUndefined(Cause.dieOption(cause))
  return Runtime.isAsyncFiberException(defect)
    ? defect.fiber as Fiber.RuntimeFiber<Credentials, unknown>
    : undefined
}

const requireKey = ({ credentials, model }: Snapshot): SdkModel => {
  if (credentials._tag !== "BearerToken") return model
  throw withCode(
    new CredentialsMisconfigured({
      provider: credentials.provider,
      reason: "provides a bearer token, but this client signs with an AccessKey",
      hint: "Use a provider of AccessKeys or STS tokens"
    })
  )
}

/** The credentials of a source, each with one model. */
interface Snapshots {
  readonly isCurrent: (snapshot: Snapshot) => boolean
  /** Undefined if the provider has to be asked. */
  readonly inMemory: (seen?: Seen) => Snapshot | undefined
  /** The same for a secret or token, which belong to the id that was read before. */
  readonly nextInMemory: (reads: dueReads.Reads<Snapshot>) => Snapshot | undefined
  /** Asks the provider. */
  readonly wait: () => Promise<Snapshot>
  /** Undefined if the provider has to be waited for and there are no usable credentials from before. */
  readonly withoutWaiting: () => Snapshot | undefined
}

const isUsable = ({ expiresAt }: Snapshot, now: number): boolean => expiresAt > now

const makeSnapshots = (source: Source): Snapshots => {
  let last: Snapshot | undefined = undefined

  const remember = (credentials: Credentials): Snapshot => {
    if (last?.credentials === credentials) return last
    const providerName = names.ofCredentials({ name: source.name() }, credentials)
    last = {
      credentials,
      model: sdkModel.make(providerName, credentials),
      expiresAt: sdkModel.expiresAtOf(credentials)
    }
    return last
  }

  const peek = (seen?: Seen): Credentials | undefined => {
    source.assertOpen()
    const exit = source.peek(seen)
    return exit !== undefined && Exit.isSuccess(exit) ? exit.value : undefined
  }

  const inMemory = (seen?: Seen): Snapshot | undefined => {
    const credentials = peek(seen)
    return credentials === undefined ? undefined : remember(credentials)
  }

  const nextInMemory = (reads: dueReads.Reads<Snapshot>): Snapshot | undefined => {
    const seen: Seen = { now: undefined }
    const credentials = peek(seen)
    if (credentials !== undefined && last?.credentials === credentials && reads.takeOnly(last)) return last
    // Others are not remembered as the current ones before it is clear that none are due: that shortens what is due.
    return reads.take(seen.now ?? source.now()) ?? (credentials === undefined ? undefined : remember(credentials))
  }

  const accept = (exit: Exit.Exit<Credentials, unknown>): Snapshot => {
    if (Exit.isSuccess(exit)) return remember(exit.value)
    throw toError(source.name(), exit.cause)
  }

  return {
    isCurrent: (snapshot) => snapshot === last,
    inMemory,
    nextInMemory,
    wait: async () => accept(await source.ask()),
    withoutWaiting: () => {
      const found = inMemory()
      if (found !== undefined) return found
      const exit = source.askNow()
      if (Exit.isSuccess(exit) || waitingFiber(exit.cause) === undefined) return accept(exit)
      return last !== undefined && isUsable(last, source.now()) ? last : undefined
    }
  }
}

/** @internal */
export const make = (source: Source): SdkCredential => {
  const { inMemory, isCurrent, nextInMemory, wait, withoutWaiting } = makeSnapshots(source)
  const due = dueReads.make({ isCurrent, isUsable })

  // A function that awaited `inMemory() ?? wait()` in one place would cost each call another promise.
  const credential: SdkCredential = {
    getCredential: async () => (inMemory() ?? await wait()).model,
    getCredentials: async () => requireKey(inMemory() ?? await wait()),
    getAccessKeyId: async () => {
      const seen: Seen = { now: undefined }
      const snapshot = inMemory(seen) ?? await wait()
      due.add(snapshot, seen.now ?? source.now())
      return sdkModel.accessKeyIdOf(snapshot.credentials)
    },
    getAccessKeySecret: async () => sdkModel.accessKeySecretOf((nextInMemory(due.secrets) ?? await wait()).credentials),
    getSecurityToken: async () => sdkModel.securityTokenOf((nextInMemory(due.tokens) ?? await wait()).credentials),
    getBearerToken: () => withoutWaiting()?.model.bearerToken ?? "",
    getType: () => withoutWaiting()?.model.type ?? "sts",
    getProviderName: () => notSpecial(names.headerSafe(source.name()))
  }
  return attach(credential, () => currentModel(source, withoutWaiting()))
}

const currentModel = (source: Source, found: Snapshot | undefined): SdkModel => {
  if (found !== undefined) return requireKey(found)
  throw notYet(source.name(), "Await getCredential() once before you use this client, which cannot wait")
}

// The official class uses this name as the type, and does not sign with a key for these two types.
const notSpecial = (name: string): string => name === "bearer" || name === "id_token" ? `${name}_provider` : name

// Adapters recognize a credential object even if another copy of this package made it, or if it was spread into another
// object as in `fromLayer`; a WeakMap could not.
const currentModelKey: unique symbol = Symbol.for("effect-alicloud-credentials/snapshot")

/** The current credentials for clients that cannot wait; throws if there are none. @internal */
export type Now = () => SdkModel

const attach = (credential: SdkCredential, now: Now): SdkCredential =>
  Object.assign(credential, { [currentModelKey]: now })

/** Undefined for a credential object that this library did not make. @internal */
export const nowOf = (credential: SdkCredential): Now | undefined =>
  (credential as { readonly [currentModelKey]?: Now })[currentModelKey]
