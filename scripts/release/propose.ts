/** On GitHub: the pull request that makes the next version, and the page of a version that was published. */
import { sectionIn, titleOf } from "./changes.ts"
import { answerOf, manifest, outputOf, run } from "./project.ts"
import { changelog, version } from "./version.ts"

const branch = "release/next"
const author = ["github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"] as const

/** Opens the pull request for the next version, or brings it up to date. */
export const propose = async (): Promise<void> => {
  const base = process.env["GITHUB_REF_NAME"]
  if (base === undefined) throw new Error("GITHUB_REF_NAME is missing, the branch that the release is made from")
  if (outputOf("git", "status", "--porcelain", "--untracked-files=no").trim() !== "") {
    throw new Error("There are changes that are not committed. They would become part of the release")
  }
  run("git", "switch", "--force-create", branch)
  const next = await version()
  const title = `Release ${titleOf(next)}`
  run("git", "add", "--update")
  run("git", "-c", `user.name=${author[0]}`, "-c", `user.email=${author[1]}`, "commit", "--message", title)
  run("git", "push", "--force", "origin", branch)

  const text = ["--title", title, "--body", `${sectionIn(changelog(), next)}\n`]
  const listed = JSON.parse(
    outputOf(
      "gh",
      "pr",
      "list",
      "--head",
      branch,
      "--base",
      base,
      "--state",
      "open",
      "--json",
      "number,isCrossRepository"
    )
  ) as ReadonlyArray<{ readonly number: number; readonly isCrossRepository: boolean }>
  // A fork can have a branch of this name.
  const own = listed.find(({ isCrossRepository }) => !isCrossRepository)
  if (own === undefined) run("gh", "pr", "create", "--head", branch, "--base", base, ...text)
  else run("gh", "pr", "edit", String(own.number), ...text)
}

/** Makes the tag and the page of the release, once both editions are published. */
export const announce = (): void => {
  const { version } = manifest()
  const tag = `v${version}`
  if (answerOf("gh", "release", "view", tag).status === 0) return console.log(`${tag} has a page already`)
  const commit = process.env["GITHUB_SHA"] ?? outputOf("git", "rev-parse", "HEAD").trim()
  const notes = sectionIn(changelog(), version)
  run("gh", "release", "create", tag, "--target", commit, "--title", titleOf(version), "--notes", notes)
}
