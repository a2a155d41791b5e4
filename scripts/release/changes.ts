/** What changesets become in a release. Pure functions. */
import { versionFor4 } from "../effect4/manifest.ts"

/** A file of `.changeset`, as `@changesets/read` returns it. */
export interface Change {
  readonly id: string
  readonly summary: string
  readonly releases: ReadonlyArray<{ readonly name: string; readonly type: string }>
}

const sizes = ["minor", "patch"]

/** What is wrong with changesets, one line each. */
export const problemsOf = (changes: ReadonlyArray<Change>, name: string): ReadonlyArray<string> =>
  changes.flatMap(({ id, releases, summary }) => {
    const file = `.changeset/${id}.md`
    const problems = releases.flatMap((release) =>
      release.name !== name
        ? [`${file}: ${release.name} is not the package ${name}`]
        : release.type === "major"
        ? [
          `${file}: major is not possible, because the first number of a version is the major of Effect. ` +
          "Write minor, and say in the text what callers have to change"
        ]
        : sizes.includes(release.type)
        ? []
        : [`${file}: ${release.type} is not minor or patch`]
    )
    return [
      ...problems,
      ...(releases.length === 0 ? [`${file}: no release: write "${name}": minor or patch`] : []),
      ...(summary.trim() === "" ? [`${file}: the text is missing, which becomes the line of CHANGELOG.md`] : [])
    ]
  })

const sizeOf = ({ releases }: Change): number => Math.min(...releases.map(({ type }) => sizes.indexOf(type)))

const lineOf = ({ summary }: Change): string =>
  `- ${summary.trim().split("\n").map((line, index) => index === 0 || line === "" ? line : `  ${line}`).join("\n")}`

export const titleOf = (version: string): string => `${version} and ${versionFor4(version)}`

/** The section of a version in the changelog: new features first, then fixes, each in the order of the file names. */
export const sectionOf = (version: string, changes: ReadonlyArray<Change>): string =>
  [
    `## ${titleOf(version)}`,
    "",
    ...[...changes]
      .sort((one, other) => sizeOf(one) - sizeOf(other) || (one.id < other.id ? -1 : 1))
      .map(lineOf)
  ].join("\n")

/** The changelog with a new section on top. */
export const withSection = (changelog: string, section: string): string => {
  const [title, ...rest] = changelog.split("\n")
  return [title, "", section, ...rest].join("\n")
}

/** The section of a version as it stands in the changelog, without its heading. */
export const sectionIn = (changelog: string, version: string): string => {
  const lines = changelog.split("\n")
  const start = lines.findIndex((line) => line === `## ${titleOf(version)}`)
  if (start === -1) throw new Error(`CHANGELOG.md has no section "## ${titleOf(version)}"`)
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("## "))
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join("\n").trim()
}

/** The source of the header that servers get, with another version. */
export const withVersion = (source: string, version: string): string => {
  const changed = source.replace(/^(export const version = )".*"$/m, `$1"${version}"`)
  if (!changed.includes(`export const version = "${version}"`)) {
    throw new Error("the version of the library was not found")
  }
  return changed
}

/** The lockfile with another version of the package itself. */
export const withLockedVersion = (lockfile: string, version: string): string => {
  const lock = JSON.parse(lockfile) as { readonly packages: Readonly<Record<string, object>> }
  const changed = { ...lock, version, packages: { ...lock.packages, "": { ...lock.packages[""], version } } }
  return `${JSON.stringify(changed, undefined, 2)}\n`
}
