/** The documents with which a registry describes a package and its versions. Pure functions. */
import { compareVersions, isRelease } from "../versions.ts"

export interface Version {
  readonly version: string
  readonly dist: { readonly tarball: string; readonly integrity?: string; readonly shasum?: string }
  readonly [field: string]: unknown
}

export interface Packument {
  readonly name: string
  readonly "dist-tags": Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, Version>>
  readonly time?: Readonly<Record<string, string>>
}

/** The newest release that is not newer than `limit`, or undefined without one. */
const newestUpTo = (versions: ReadonlyArray<string>, limit: string): string | undefined =>
  versions
    .filter((version) => isRelease(version) && compareVersions(version, limit) <= 0)
    .sort(compareVersions)
    .at(-1)

/**
 * The document as it was at `date`: without the versions that were published later. A dist-tag of such a version
 * names the newest release before it that is left. A document without times is kept as it is.
 */
export const before = (date: string, document: Packument): Packument => {
  const { time } = document
  if (time === undefined) return document
  const isKept = (version: string): boolean => Date.parse(time[version] ?? date) <= Date.parse(date)
  const versions = Object.fromEntries(Object.entries(document.versions).filter(([version]) => isKept(version)))
  const names = Object.keys(versions)
  const tags = Object.entries(document["dist-tags"]).flatMap(([tag, version]): ReadonlyArray<[string, string]> => {
    const kept = version in versions ? version : newestUpTo(names, version)
    return kept === undefined ? [] : [[tag, kept]]
  })
  return {
    ...document,
    versions,
    "dist-tags": Object.fromEntries(tags),
    time: Object.fromEntries(
      Object.entries(time).filter(([version]) => !(version in document.versions) || isKept(version))
    )
  }
}

/** What a package manager reads to choose and install a version. Whole documents have megabytes of other fields. */
const installed = [
  "name",
  "version",
  "dependencies",
  "optionalDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "bundleDependencies",
  "bundledDependencies",
  "bin",
  "directories",
  "engines",
  "os",
  "cpu",
  "libc",
  "deprecated",
  "hasInstallScript",
  "dist"
]

/** The document without what no installation reads, and with the addresses of tarballs that `address` gives. */
export const slim = (document: Packument, address: (version: Version) => string): Packument => ({
  name: document.name,
  "dist-tags": document["dist-tags"],
  versions: Object.fromEntries(
    Object.entries(document.versions).map(([name, version]) => {
      const scripts = version["scripts"] as Readonly<Record<string, string>> | undefined
      const kept = Object.fromEntries(Object.entries(version).filter(([field]) => installed.includes(field)))
      const hasInstallScript = ["preinstall", "install", "postinstall"].some((script) =>
        scripts?.[script] !== undefined
      )
      return [name, {
        ...kept,
        ...(hasInstallScript ? { hasInstallScript } : {}),
        version: version.version,
        dist: { ...version.dist, tarball: address(version) }
      }]
    })
  ),
  ...(document.time === undefined ? {} : { time: document.time })
})
