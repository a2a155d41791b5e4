/**
 * A registry on loopback. It has both editions of this package, and passes on what the registry of the machine says
 * about all other packages.
 */
import { Effect, Exit } from "effect"
import { createHash } from "node:crypto"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { before, type Packument, slim, type Version } from "./packument.ts"

/** A version of this package, as it is packed. */
export interface Packed {
  readonly tag: string
  readonly manifest: {
    readonly name: string
    readonly version: string
    readonly exports: Readonly<Record<string, unknown>>
    readonly peerDependencies: Readonly<Record<string, string>>
    readonly publishConfig: { readonly tag: string }
  }
  readonly tarball: Buffer
}

export interface Options {
  /** The registry that is asked for all other packages. */
  readonly upstream: string
  /** Versions that were published later do not exist. */
  readonly date: string | undefined
  readonly packed: ReadonlyArray<Packed>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: "application/json",
  body: Buffer.from(JSON.stringify(value))
})

/** Older than any limit on the age of a version that a package manager has. */
const published = "2026-01-01T00:00:00.000Z"

const fileOf = (name: string, version: string): string => `/${name}/-/${name.split("/").at(-1)}-${version}.tgz`

const documentOf = (packed: ReadonlyArray<Packed>): Packument => ({
  name: packed[0]?.manifest.name ?? "",
  "dist-tags": Object.fromEntries(packed.map(({ manifest, tag }) => [tag, manifest.version])),
  versions: Object.fromEntries(packed.map(({ manifest, tarball }): [string, Version] => [manifest.version, {
    ...manifest,
    dist: {
      tarball: "",
      integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
      shasum: createHash("sha1").update(tarball).digest("hex")
    }
  }])),
  time: Object.fromEntries(packed.map(({ manifest }) => [manifest.version, published]))
})

const fetched = async (address: string): Promise<Answer> => {
  // @effect-diagnostics-next-line globalFetch:off
  const response = await fetch(address, { signal: AbortSignal.timeout(120_000) })
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "application/octet-stream",
    body: Buffer.from(await response.arrayBuffer())
  }
}

/** Answers a path. Each path is asked for once: every package manager gets the same bytes. */
const answers = ({ date, packed, upstream }: Options, origin: () => string): (path: string) => Promise<Answer> => {
  const kept = new Map<string, Promise<Answer>>()
  const tarballs = new Map<string, string>()
  const own = documentOf(packed)

  const addressed = (document: Packument): Answer =>
    json(slim(document, (version) => `${origin()}${fileOf(document.name, version.version)}`))

  const described = async (path: string): Promise<Answer> => {
    const answer = await fetched(`${upstream.replace(/\/$/, "")}${path}`)
    if (answer.status !== 200) return answer
    const document = JSON.parse(answer.body.toString()) as Packument
    for (const { dist, version } of Object.values(document.versions)) {
      tarballs.set(fileOf(document.name, version), dist.tarball)
    }
    return addressed(date === undefined ? document : before(date, document))
  }

  const ask = (path: string): Promise<Answer> => {
    const name = decodeURIComponent(path.slice(1))
    const mine = packed.find(({ manifest }) => fileOf(manifest.name, manifest.version) === path)
    if (mine !== undefined) {
      return Promise.resolve({ status: 200, type: "application/octet-stream", body: mine.tarball })
    }
    if (name === own.name) return Promise.resolve(addressed(own))
    const tarball = tarballs.get(decodeURIComponent(path))
    if (tarball !== undefined) return fetched(tarball)
    return /^(?:@[^/]+\/)?[^/@]+$/.test(name)
      ? described(`/${name.replace("/", "%2f")}`)
      : Promise.resolve(json({ error: "not found" }, 404))
  }

  return (path) => {
    const known = kept.get(path)
    if (known !== undefined) return known
    const asked = ask(path)
    kept.set(path, asked)
    // A request that failed is repeated by the package manager.
    asked.then(({ status }) => status < 500 || kept.delete(path), () => kept.delete(path))
    return asked
  }
}

const send = (response: ServerResponse, { body, status, type }: Answer): void =>
  void response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body)

/** The address of the registry. It runs until the scope closes. */
export const serve = (options: Options) =>
  Effect.acquireRelease(
    Effect.async<{ readonly address: string; readonly close: () => void }>((resume) => {
      const answer = answers(options, () => address)
      let address = ""
      const server = createServer((request, response) => {
        const path = (request.url ?? "/").replace(/\?.*$/, "")
        if (request.method !== "GET") return send(response, json({ error: "read-only" }, 405))
        Promise.resolve(path).then(answer).then((found) => send(response, found), (error: unknown) =>
          send(response, json({ error: String(error) }, 502)))
      })
      server.listen(0, "127.0.0.1", () => {
        address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        const close = (): void => {
          server.close()
          server.closeAllConnections()
        }
        resume(Exit.succeed({ address, close }))
      })
    }),
    ({ close }) =>
      Effect.sync(close)
  )
