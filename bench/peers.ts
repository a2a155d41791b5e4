/**
 * Libraries for other clouds, which nothing else in this repository needs. They are installed in a folder of their own:
 *
 *     npm ci --prefix bench/peers
 *
 * Each gets its tokens from a server of this machine, as from the metadata service of its cloud.
 */
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import { ask } from "./ask.ts"

const install = "npm ci --prefix bench/peers"

const load = (name: string): unknown => {
  try {
    return createRequire(pathToFileURL("bench/peers/package.json"))(name)
  } catch {
    return undefined
  }
}

type Get = () => Promise<unknown>

export interface Peer {
  readonly name: string
  /** A new client that has no token yet, and how it is asked for one. */
  readonly fresh: (url: string) => Get
}

export interface Absent {
  readonly name: string
  readonly skipped: string
}

interface Azure {
  readonly ManagedIdentityCredential: new() => { readonly getToken: (scope: string) => Promise<unknown> }
}

interface Google {
  readonly Compute: new() => { readonly getAccessToken: () => Promise<unknown> }
}

interface Smithy {
  readonly memoize: <A>(provider: () => Promise<A>, isExpired: (value: A) => boolean) => () => Promise<A>
}

const peer = <M>(name: string, prepare: (module: M, url: string) => Get): Peer | Absent => {
  const module = load(name)
  return module === undefined
    ? { name, skipped: `not installed (${install})` }
    : { name, fresh: (url) => prepare(module as M, url) }
}

let clients = 0

const azure = peer<Azure>("@azure/identity", (module, url) => {
  // All of its clients share a cache, so each asks for a token of its own.
  clients += 1
  const scope = `https://client-${clients}.example.com/.default`
  // The metadata service of App Service, the only one whose address can be on this machine.
  process.env["IDENTITY_ENDPOINT"] = `${url}/azure`
  process.env["IDENTITY_HEADER"] = "example"
  const credential = new module.ManagedIdentityCredential()
  return () => credential.getToken(scope)
})

const google = peer<Google>("google-auth-library", (module, url) => {
  process.env["GCE_METADATA_HOST"] = new URL(url).host
  const client = new module.Compute()
  return () => client.getAccessToken()
})

export interface Session {
  readonly Expiration: string
}

export const fetchSession = async (address: string): Promise<Session> => JSON.parse(await ask(address)) as Session

/** The cache of the AWS SDKs, around a request for a session. */
export const smithy = peer<Smithy>(
  "@smithy/property-provider",
  (module, url) => module.memoize(() => fetchSession(`${url}/session`), isExpired)
)

const isExpired = ({ Expiration }: Session): boolean => Date.parse(Expiration) <= Date.now()

export const all: ReadonlyArray<Peer | Absent> = [smithy, azure, google]

export const isPresent = (peer: Peer | Absent): peer is Peer => "fresh" in peer

export const absent: ReadonlyArray<Absent> = all.filter((peer): peer is Absent => !isPresent(peer))
export const present: ReadonlyArray<Peer> = all.filter(isPresent)
