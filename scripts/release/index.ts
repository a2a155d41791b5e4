/**
 * The steps of a release. The workflow `release.yml` runs them, and CONTRIBUTING says when.
 *
 *     npm run release -- check       fails if a changeset cannot become part of a release
 *     npm run release -- version     turns the changesets into the next version
 *     npm run release -- plan        says whether there are changesets, and whether a version is not published
 *     npm run release -- propose     opens the pull request with the next version, or brings it up to date
 *     npm run release -- publish     packs and publishes the editions that the registry does not have (--dry-run: packs)
 *     npm run release -- announce    makes the tag and the page of the release
 */
import { setOutputs } from "./project.ts"
import { announce, propose } from "./propose.ts"
import { missing, publish } from "./publish.ts"
import { changes, version } from "./version.ts"

const steps: Readonly<Record<string, () => unknown>> = {
  check: async () => console.log(`${(await changes()).length} changesets can become part of a release`),
  version,
  plan: async () => {
    const pending = (await changes()).length > 0
    const unpublished = missing().length > 0
    if (pending && unpublished) {
      throw new Error("This version is not published: repeat the run of the commit that released it, then this one")
    }
    setOutputs({ pending, unpublished })
  },
  propose,
  publish: () => publish(process.argv.includes("--dry-run")),
  announce
}

const [name = ""] = process.argv.slice(2)
const step = steps[name]
try {
  if (step === undefined) throw new Error(`"${name}" is not one of ${Object.keys(steps).join(", ")}`)
  await step()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
