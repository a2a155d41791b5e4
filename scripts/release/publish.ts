/** Publishes what the registry does not have yet. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { answerOf, manifest, outputOf, run } from "./project.ts"
import {
  type Edition,
  editionsOf,
  missingFrom,
  problemsOf,
  publishCommand,
  publishedVersions,
  tokenVariables
} from "./publication.ts"
import { requiredRepository, textOf } from "./repository.ts"

/** The editions of this commit that are not published. */
export const missing = (): ReadonlyArray<Edition> => {
  const { name, version } = manifest()
  return missingFrom(publishedVersions(answerOf("npm", "view", name, "versions", "--json")), editionsOf(name, version))
}

const packedManifestOf = ({ tarball }: Edition): Readonly<Record<string, unknown>> =>
  JSON.parse(outputOf("tar", "-xOf", tarball, "package/package.json")) as Readonly<Record<string, unknown>>

const check = (editions: ReadonlyArray<Edition>): void => {
  const { name, repository: field } = manifest()
  const repository = requiredRepository(field, process.env["GITHUB_REPOSITORY"])
  const problems = editions.flatMap((edition) =>
    existsSync(edition.tarball)
      ? problemsOf(packedManifestOf(edition), edition, name, repository)
      : [`${edition.tarball} is missing`]
  )
  if (problems.length > 0) throw new Error(`${problems.join("\n")}\n\nPack both editions anew: npm run pack:all`)
  console.log(`from ${textOf(repository)}: ${editions.map(({ tag, version }) => `${version} (${tag})`).join(", ")}`)
}

export const publish = (isDryRun: boolean): void => {
  const token = process.env["NPM_TOKEN"]
  // Building and asking the registry need no token.
  delete process.env["NPM_TOKEN"]
  // Nothing is asked or packed before the repository is known.
  requiredRepository(manifest()["repository"], process.env["GITHUB_REPOSITORY"])
  const editions = missing()
  if (editions.length === 0) return console.log("Both editions of this version are published already")
  run("npm", "run", "--silent", "pack:all")
  check(editions)
  const registry = outputOf("npm", "config", "get", "registry").trim()
  const variables = tokenVariables(registry, token)
  for (const edition of editions) {
    execFileSync("npm", publishCommand(edition, isDryRun), { stdio: "inherit", env: { ...process.env, ...variables } })
  }
}
