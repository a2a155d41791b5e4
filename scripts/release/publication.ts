/** What is published, and how. Pure functions. */
import { versionFor4 } from "../effect4/manifest.ts"
import { compareVersions } from "../versions.ts"
import { fieldsOf, type Repository } from "./repository.ts"

export interface Edition {
  readonly version: string
  /** The dist-tag. */
  readonly tag: string
  readonly tarball: string
}

/** The edition that is `latest` is the last one, so that it is only moved if the other one is published. */
export const editionsOf = (name: string, version: string): ReadonlyArray<Edition> =>
  [
    { version, tag: "effect3" },
    { version: versionFor4(version), tag: "latest" }
  ].map((edition) => ({ ...edition, tarball: `tarballs/${name}-${edition.version}.tgz` }))

export interface Answer {
  readonly status: number | null
  readonly stdout: string
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The versions that are published: the answer of `npm view NAME versions --json`. */
export const publishedVersions = ({ status, stdout }: Answer): ReadonlyArray<string> => {
  const answer = jsonOf(stdout)
  // One version alone is not in a list.
  if (status === 0 && (typeof answer === "string" || Array.isArray(answer))) return [answer].flat() as Array<string>
  const { code } = (answer as { readonly error?: { readonly code?: string } } | undefined)?.error ?? {}
  if (code === "E404") return []
  throw new Error(
    `The registry did not say which versions are published (${code ?? `npm exited with status ${status}`})`
  )
}

const majorOf = (version: string): string | undefined => version.split(".")[0]

/** Fails if a newer version of an edition is published: its tag would move backwards. */
export const missingFrom = (
  published: ReadonlyArray<string>,
  editions: ReadonlyArray<Edition>
): ReadonlyArray<Edition> => {
  const missing = editions.filter(({ version }) => !published.includes(version))
  for (const { version } of missing) {
    const newer = published.find(
      (other) => majorOf(other) === majorOf(version) && compareVersions(other, version) > 0
    )
    if (newer !== undefined) throw new Error(`${newer} is published, so ${version} cannot be: release a newer version`)
  }
  return missing
}

/** What is wrong with the manifest of a tarball, one line each. */
export const problemsOf = (
  manifest: Readonly<Record<string, unknown>>,
  edition: Edition,
  name: string,
  repository: Repository
): ReadonlyArray<string> => {
  const { repository: expected } = fieldsOf(repository)
  const { url } = (manifest["repository"] ?? {}) as { readonly url?: string }
  const { tag } = (manifest["publishConfig"] ?? {}) as { readonly tag?: string }
  const facts: ReadonlyArray<readonly [field: string, actual: unknown, expected: string]> = [
    ["name", manifest["name"], name],
    ["version", manifest["version"], edition.version],
    ["publishConfig.tag", tag, edition.tag],
    ["repository.url", url, expected.url]
  ]
  return facts.flatMap(([field, actual, wanted]) =>
    actual === wanted ? [] : [`${edition.tarball}: ${field} is ${JSON.stringify(actual)}, not "${wanted}"`]
  )
}

/** The command that publishes. Only a workflow can prove where a package comes from. */
export const publishCommand = (edition: Edition, isDryRun: boolean): ReadonlyArray<string> => [
  "publish",
  `./${edition.tarball}`,
  "--access",
  "public",
  "--tag",
  edition.tag,
  isDryRun ? "--dry-run" : "--provenance"
]

/** The configuration with which npm sends a token to a registry. */
export const tokenVariables = (registry: string, token: string | undefined): Readonly<Record<string, string>> => {
  if (token === undefined || token === "") return {}
  const { host, pathname } = new URL(registry)
  return { [`npm_config_//${host}${pathname.endsWith("/") ? pathname : `${pathname}/`}:_authToken`]: token }
}
