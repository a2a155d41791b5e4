/** Turns the changesets into the next version: `package.json`, its lockfile, the header for servers, `CHANGELOG.md`. */
import readChangesets from "@changesets/read"
import { readFileSync } from "node:fs"
import { type Change, problemsOf, sectionOf, titleOf, withLockedVersion, withSection, withVersion } from "./changes.ts"
import { changeFile, manifest, run } from "./project.ts"

/** Fails if a changeset cannot become part of a release. */
export const changes = async (): Promise<ReadonlyArray<Change>> => {
  const found: ReadonlyArray<Change> = await readChangesets(process.cwd())
  const problems = problemsOf(found, manifest().name)
  if (problems.length > 0) throw new Error(problems.join("\n"))
  return found
}

export const version = async (): Promise<string> => {
  const found = await changes()
  if (found.length === 0) throw new Error("There is no changeset, so there is no next version")
  run("changeset", "version")
  const { version } = manifest()
  changeFile("package-lock.json", (text) => withLockedVersion(text, version))
  changeFile("src/internal/wire/userAgent.ts", (text) => withVersion(text, version))
  changeFile("CHANGELOG.md", (text) => withSection(text, sectionOf(version, found)))
  console.log(`${titleOf(version)}, with ${found.length} changes`)
  return version
}

export const changelog = (): string => readFileSync("CHANGELOG.md", "utf8")
