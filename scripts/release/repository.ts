/**
 * The repository on GitHub. Its name is written nowhere but in the field `repository` of `package.json`, or, if that is
 * missing, in the variable `GITHUB_REPOSITORY`, which workflows have. The fields of published manifests follow from it.
 */

export interface Repository {
  readonly owner: string
  readonly name: string
}

const forms = [
  // owner/name, github:owner/name
  /^(?:github:)?([\w.-]+)\/([\w.-]+)$/,
  // https://github.com/owner/name, with git+, ssh or .git
  /^(?:git\+)?(?:https|ssh|git):\/\/(?:git@)?github\.com\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/,
  /^git@github\.com:([\w.-]+)\/([\w.-]+?)(?:\.git)?$/
]

const parse = (text: string, from: string): Repository => {
  for (const form of forms) {
    const [, owner, name] = form.exec(text) ?? []
    if (owner !== undefined && name !== undefined) return { owner, name }
  }
  throw new Error(`${from} is not a repository on GitHub: "${text}". Write it as owner/name`)
}

/** What `package.json` has in `repository`. */
export const fromManifest = (field: unknown): Repository | undefined => {
  if (field === undefined) return undefined
  const url = typeof field === "string" ? field : (field as { readonly url?: unknown } | null)?.url
  return parse(typeof url === "string" ? url : "", "repository in package.json")
}

export const fromEnvironment = (variable: string | undefined): Repository | undefined =>
  variable === undefined || variable === "" ? undefined : parse(variable, "GITHUB_REPOSITORY")

/** The repository that packed manifests name, or `undefined` if no name is given. */
export const repositoryOf = (field: unknown, variable: string | undefined): Repository | undefined =>
  fromManifest(field) ?? fromEnvironment(variable)

/**
 * The repository to publish from. Provenance has the repository of the workflow, and the registry refuses a package that
 * names another one.
 */
export const requiredRepository = (field: unknown, variable: string | undefined): Repository => {
  const named = fromManifest(field)
  const running = fromEnvironment(variable)
  const repository = named ?? running
  if (repository === undefined) {
    throw new Error(
      "The repository is unknown. Publish from the workflow, which sets GITHUB_REPOSITORY, " +
        "or write owner/name to the field repository of package.json"
    )
  }
  if (running !== undefined && textOf(running) !== textOf(repository)) {
    throw new Error(
      `repository in package.json is ${textOf(repository)}, but this workflow runs in ${textOf(running)}: ` +
        "correct the field, or remove it"
    )
  }
  return repository
}

export const textOf = ({ name, owner }: Repository): string => `${owner}/${name}`

/** The fields of a manifest that follow from the repository. */
export const fieldsOf = (repository: Repository) => {
  const page = `https://github.com/${textOf(repository)}`
  return {
    repository: { type: "git", url: `git+${page}.git` },
    homepage: `${page}#readme`,
    bugs: { url: `${page}/issues` }
  }
}

/** The manifest as it is packed: without what only the repository uses, and with the fields of the repository. */
export const packedManifest = (
  manifest: Readonly<Record<string, unknown>>,
  repository: Repository | undefined
): Readonly<Record<string, unknown>> => {
  const { devDependencies: _dev, overrides: _overrides, scripts: _scripts, ...kept } = manifest
  return { ...kept, ...(repository === undefined ? {} : fieldsOf(repository)) }
}
