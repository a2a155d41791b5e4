/**
 * Clients that take strings at construction and later read them from their own fields read the provider instead.
 */
import * as Predicate from "effect/Predicate"
import type { CredentialFields, SdkCredential, SdkModel } from "../../AlicloudSdk.ts"
import { nowOf } from "./credential.ts"
import { misfit, notYet } from "./errors.ts"

/** A credential object that can be read without waiting. @internal */
export interface Following {
  /** Waits until there are credentials to read. */
  readonly prepare: () => Promise<SdkModel>
  /** Throws if there are none. Reads without an `await` in between come from one set of credentials. */
  readonly read: () => SdkModel
}

/** @internal */
export const follow = (credential: SdkCredential): Following => {
  const now = nowOf(credential)
  let prepared: SdkModel | undefined = undefined
  let held: SdkModel | undefined = undefined

  const current = (): SdkModel => {
    if (now !== undefined) return now()
    if (prepared !== undefined) return prepared
    throw notYet(credential.getProviderName())
  }

  return {
    prepare: async () => prepared = await credential.getCredentials(),
    read: () => {
      if (held === undefined) {
        held = current()
        queueMicrotask(() => held = undefined)
      }
      return held
    }
  }
}

/** The fields are not enumerable, so that inspecting or copying the object does not reveal a secret. @internal */
export const defineFields = <T extends object>(target: T, following: Following, fields: CredentialFields): T => {
  for (const [name, field] of Object.entries(fields)) {
    Object.defineProperty(target, name, {
      get: () => following.read()[field],
      enumerable: false,
      configurable: true
    })
  }
  return target
}

type Method = (...args: Array<unknown>) => unknown

const isMethod = (value: unknown): value is Method => typeof value === "function"

/** @internal */
export const requireObject = (library: string | undefined, what: string, value: unknown): object => {
  if (typeof value === "object" && value !== null) return value
  throw misfit(library, `no ${what}`)
}

/** Without this, a client that reads other fields would sign with what it was constructed with. @internal */
export const requireFields = (library: string | undefined, target: object, names: ReadonlyArray<string>): void => {
  const missing = names.find((name) => !(name in target))
  if (missing !== undefined) throw misfit(library, `no field ${missing}`)
}

const canReplace = (target: object, name: string): boolean =>
  Object.getOwnPropertyDescriptor(target, name)?.configurable ?? Object.isExtensible(target)

/** To be called before the client is changed, so that one that is refused stays as it was. @internal */
export const requireOpen = (library: string | undefined, target: object, fields: CredentialFields): void => {
  const fixed = Object.keys(fields).find((name) => !canReplace(target, name))
  if (fixed !== undefined) throw misfit(library, `no field ${fixed} that can be replaced`)
}

/** A field by which a client of another library is recognized. @internal */
export const refuseField = (library: string, target: object, name: string): void => {
  if (name in target) throw misfit(library, `a field ${name}`)
}

/** The object from which a client reads its settings at each request. @internal */
export const configOf = (library: string, client: object): object =>
  requireObject(library, "config", Predicate.hasProperty(client, "config") ? client.config : undefined)

/** Reading the field throws `error`, until the client sets the field again. @internal */
export const failReads = (client: object, field: string, error: unknown): void => {
  Object.defineProperty(client, field, {
    get: () => {
      throw error
    },
    set: (value) => {
      Object.defineProperty(client, field, { value, enumerable: true, configurable: true, writable: true })
    },
    enumerable: false,
    configurable: true
  })
}

/** Replaces a method of the client by a wrapped one. @internal */
export const wrapMethod = (
  library: string | undefined,
  client: object,
  name: string,
  around: (original: Method) => Method
): void => {
  const original: unknown = Predicate.hasProperty(client, name) ? client[name] : undefined
  if (!isMethod(original)) throw misfit(library, `no method ${name}`)
  if (!canReplace(client, name)) throw misfit(library, `no method ${name} that can be replaced`)
  Object.defineProperty(client, name, {
    value: around((...args) => original.apply(client, args)),
    enumerable: false,
    configurable: true,
    writable: true
  })
}

/** Each call of the method first waits for credentials, which the fields then have. @internal */
export const followAt = (
  library: string | undefined,
  client: unknown,
  method: string,
  fields: CredentialFields,
  required: ReadonlyArray<string>,
  credential: SdkCredential
): void => {
  const following = follow(credential)
  const target = requireObject(library, "properties", client)
  requireFields(library, target, required)
  requireOpen(library, target, fields)
  wrapMethod(library, target, method, (original) => async (...args) => {
    await following.prepare()
    return original(...args)
  })
  defineFields(target, following, fields)
}

/** A request of a client that notifies listeners; asynchronous listeners get a callback as their last argument. */
interface Request {
  readonly onAsync: (event: string, listener: Method) => unknown
}

const isRequest = (value: unknown): value is Request =>
  Predicate.hasProperty(value, "onAsync") && isMethod(value.onAsync)

const hasFailed = (subject: unknown): boolean => Predicate.hasProperty(subject, "error") && Boolean(subject.error)

/** Makes the requests that the `setup` methods of the client prepare wait for credentials at these events. @internal */
export const waitAt = (
  library: string,
  client: object,
  setup: ReadonlyArray<string>,
  events: ReadonlyArray<string>,
  prepare: () => Promise<unknown>
): void => {
  const listener: Method = (subject, done) => {
    if (!isMethod(done)) throw misfit(library, "no callback of an asynchronous listener")
    if (hasFailed(subject)) return done()
    return void prepare().then(() => done(), done)
  }
  for (const name of setup) {
    wrapMethod(library, client, name, (original) => (request, ...rest) => {
      if (!isRequest(request)) throw misfit(library, "no request with asynchronous listeners")
      for (const event of events) request.onAsync(event, (...args) => listener(...args))
      return original(request, ...rest)
    })
  }
}
