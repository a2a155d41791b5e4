/**
 * The steps of a release in a copy of the few files that they change. The remote repository is a folder. `npm` and `gh`
 * are programs of the test, which write down what they were asked.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { execFile } from "node:child_process"
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("../..", import.meta.url))
const changelog = "# Changes\n\n## 3.1.0 and 4.1.0\n\n- The first.\n"
const feature = "---\n\"effect-alicloud-credentials\": minor\n---\n\nA feature.\n"
const fix = "---\n\"effect-alicloud-credentials\": patch\n---\n\nA fix,\nin two lines.\n"

/** A program that writes down its arguments, as JSON, and then does what `body` says. */
const recorder = (body: string): string =>
  `#!${process.execPath}
const fs = require("node:fs")
const words = process.argv.slice(2)
fs.appendFileSync("asked.log", JSON.stringify([require("node:path").basename(__filename), ...words]) + "\\n")
${body}
`

/** It has the versions of the file `published.json`. Packing writes tarballs with the manifests of `packed.json`. */
const npm = recorder(`
if (words[0] === "view") {
  const published = fs.readFileSync("published.json", "utf8")
  console.log(published)
  process.exitCode = published.includes("error") ? 1 : 0
}
if (words[0] === "config") console.log("http://127.0.0.1:9/")
if (words[0] === "run") {
  fs.mkdirSync("tarballs/package", { recursive: true })
  for (const manifest of JSON.parse(fs.readFileSync("packed.json", "utf8"))) {
    fs.writeFileSync("tarballs/package/package.json", JSON.stringify(manifest))
    const file = "tarballs/" + manifest.name + "-" + manifest.version + ".tgz"
    require("node:child_process").execFileSync("tar", ["-czf", file, "-C", "tarballs", "package/package.json"])
  }
}
if (words[0] === "publish") fs.appendFileSync("tokens.log", process.env["npm_config_//127.0.0.1:9/:_authToken"] + "\\n")
`)

const gh = recorder(
  `if (words[1] === "list") console.log(fs.existsSync("open.json") ? fs.readFileSync("open.json", "utf8") : "[]")
if (words[1] === "view") process.exitCode = 1`
)

interface Project {
  readonly folder: string
  readonly read: (file: string) => Promise<string>
  readonly write: (file: string, text: string) => Promise<void>
  readonly git: (...words: ReadonlyArray<string>) => Promise<string>
  /** Runs a step. The result is what it printed. */
  readonly step: (words: ReadonlyArray<string>, variables?: Readonly<Record<string, string>>) => Promise<string>
  /** What the programs were asked, in order. */
  readonly asked: () => Promise<ReadonlyArray<ReadonlyArray<string>>>
}

const execute = promisify(execFile)

/** The steps as one file, which starts at once. It is in a folder where packages are found. */
const script = join(root, `node_modules/.release-${process.pid}/index.js`)

beforeAll(() =>
  build({
    entryPoints: [join(root, "scripts/release/index.ts")],
    outfile: script,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm"
  })
)

afterAll(() => rm(dirname(script), { recursive: true, force: true }))

const withProject = async (use: (project: Project) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "release-"))
  try {
    const path = (file: string) => join(folder, file)
    const programs = path("programs")
    const write = (file: string, text: string) => writeFile(path(file), text)
    for (const needed of ["programs", ".changeset", "src/internal/wire"]) await mkdir(path(needed), { recursive: true })
    for (
      const file of [".changeset/config.json", "package.json", "package-lock.json", "src/internal/wire/userAgent.ts"]
    ) {
      await cp(join(root, file), path(file))
    }
    const manifest = JSON.parse(await readFile(path("package.json"), "utf8")) as Record<string, unknown>
    await write("package.json", `${JSON.stringify({ ...manifest, version: "3.1.0" }, undefined, 2)}\n`)
    await write("CHANGELOG.md", changelog)
    await write("programs/package.json", "{}")
    for (const [name, text] of [["npm", npm], ["gh", gh]] as const) {
      await write(`programs/${name}`, text)
      await chmod(path(`programs/${name}`), 0o755)
    }
    // Nothing of the workflow that runs this test.
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(?:GITHUB_|NPM_TOKEN$|npm_config_)/.test(name))
    )
    const environment = {
      ...clean,
      PATH: [programs, join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter)
    }
    await use({
      folder,
      write,
      read: (file) => readFile(path(file), "utf8"),
      git: async (...words) => (await execute("git", words, { cwd: folder })).stdout,
      step: async (words, variables) => {
        const { stdout } = await execute(process.execPath, [script, ...words], {
          cwd: folder,
          env: { ...environment, ...variables }
        })
        return stdout
      },
      asked: async () =>
        (await readFile(path("asked.log"), "utf8")).trimEnd().split("\n").map((line) =>
          JSON.parse(line) as Array<string>
        )
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const repository = "some-owner/some-name"

/** The manifests as `npm run pack:all` writes them. */
const packed = (of: string) =>
  JSON.stringify([["3.1.0", "effect3"], ["4.1.0", "latest"]].map(([version, tag]) => ({
    name: "effect-alicloud-credentials",
    version,
    publishConfig: { tag },
    repository: { type: "git", url: `git+https://github.com/${of}.git` }
  })))

const failure = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run
  } catch (error) {
    return String((error as { readonly stderr?: string }).stderr)
  }
  throw new Error("the step did not fail")
}

// The programs of the test are scripts with a first line that only Unix reads.
describe.skipIf(process.platform === "win32")("a release", () => {
  it("changes every place that has the version, and takes the changesets away", () =>
    withProject(async ({ read, step, write }) => {
      await write(".changeset/a-fix.md", fix)
      await write(".changeset/feature.md", feature)
      assert.include(await step(["version"]), "3.2.0 and 4.2.0, with 2 changes")
      assert.strictEqual(
        await read("CHANGELOG.md"),
        changelog.replace(
          "# Changes\n",
          "# Changes\n\n## 3.2.0 and 4.2.0\n\n- A feature.\n- A fix,\n  in two lines.\n"
        )
      )
      assert.strictEqual((JSON.parse(await read("package.json")) as { version: string }).version, "3.2.0")
      const lock = JSON.parse(await read("package-lock.json")) as {
        readonly version: string
        readonly packages: Readonly<Record<string, { readonly version: string }>>
      }
      assert.deepStrictEqual([lock.version, lock.packages[""]?.version], ["3.2.0", "3.2.0"])
      assert.include(await read("src/internal/wire/userAgent.ts"), "version = \"3.2.0\"")
      assert.include(await failure(step(["version"])), "There is no changeset")
    }))

  it("does not begin with a major changeset", () =>
    withProject(async ({ read, step, write }) => {
      await write(".changeset/feature.md", feature.replace("minor", "major"))
      for (const name of ["check", "version"]) {
        assert.match(await failure(step([name])), /^\.changeset\/feature\.md: major is not possible/)
      }
      assert.strictEqual(await read("CHANGELOG.md"), changelog)
    }))

  it("is planned from the changesets and from what the registry has", () =>
    withProject(async ({ read, step, write }) => {
      await write("outputs", "")
      const plan = async (published: string) => {
        await write("published.json", published)
        return step(["plan"], { GITHUB_OUTPUT: "outputs" })
      }
      assert.strictEqual(await plan("{\"error\":{\"code\":\"E404\"}}"), "pending=false\nunpublished=true\n")
      assert.strictEqual(await plan("[\"3.1.0\",\"4.1.0\"]"), "pending=false\nunpublished=false\n")
      await write(".changeset/feature.md", feature)
      assert.strictEqual(await plan("[\"3.1.0\",\"4.1.0\"]"), "pending=true\nunpublished=false\n")
      assert.include(await read("outputs"), "pending=true\nunpublished=false\n")
      // Otherwise this version would be skipped for ever.
      assert.include(await failure(plan("[\"3.1.0\"]")), "This version is not published")
    }))

  it("is proposed in one pull request, which later changesets bring up to date", () =>
    withProject(async ({ asked, git, step, write }) => {
      const variables = { GITHUB_REF_NAME: "trunk" }
      await git("init", "--quiet", "--initial-branch=trunk")
      await git("init", "--quiet", "--bare", "remote.git")
      await git("remote", "add", "origin", "./remote.git")
      const commit = async (file: string, text: string) => {
        await write(file, text)
        await git("add", ".changeset", "package.json", "package-lock.json", "CHANGELOG.md", "src")
        await git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", file)
      }
      await commit(".changeset/a-fix.md", fix)
      await step(["propose"], variables)
      assert.strictEqual(
        await git("show", "--name-status", "--format=%s", "release/next", "--"),
        "Release 3.1.1 and 4.1.1\n\nD\t.changeset/a-fix.md\nM\tCHANGELOG.md\nM\tpackage-lock.json\nM\tpackage.json\n" +
          "M\tsrc/internal/wire/userAgent.ts\n"
      )

      await git("switch", "--quiet", "trunk")
      await write("CHANGELOG.md", `${changelog}\n- Not committed.\n`)
      assert.include(await failure(step(["propose"], variables)), "There are changes that are not committed")
      await write("CHANGELOG.md", changelog)
      await commit(".changeset/feature.md", feature)
      await write(
        "open.json",
        "[{\"number\":66,\"isCrossRepository\":true},{\"number\":7,\"isCrossRepository\":false}]"
      )
      await step(["propose"], variables)
      assert.strictEqual(
        await git("--git-dir=remote.git", "log", "--format=%s", "release/next"),
        "Release 3.2.0 and 4.2.0\n.changeset/feature.md\n.changeset/a-fix.md\n"
      )
      assert.deepStrictEqual((await asked()).filter(([name, , what]) => name === "gh" && what !== "list"), [
        [
          "gh",
          "pr",
          "create",
          "--head",
          "release/next",
          "--base",
          "trunk",
          "--title",
          "Release 3.1.1 and 4.1.1",
          "--body",
          "- A fix,\n  in two lines.\n"
        ],
        [
          "gh",
          "pr",
          "edit",
          "7",
          "--title",
          "Release 3.2.0 and 4.2.0",
          "--body",
          "- A feature.\n- A fix,\n  in two lines.\n"
        ]
      ])
    }))

  it("publishes what the registry does not have, the latest version last", () =>
    withProject(async ({ asked, read, step, write }) => {
      await write("packed.json", packed(repository))
      await write("published.json", "{\"error\":{\"code\":\"E404\"}}")
      const published = async () => (await asked()).filter(([, name]) => name === "publish").map(([, , file]) => file)
      await step(["publish"], { GITHUB_REPOSITORY: repository, NPM_TOKEN: "some-token" })
      const both = [
        "./tarballs/effect-alicloud-credentials-3.1.0.tgz",
        "./tarballs/effect-alicloud-credentials-4.1.0.tgz"
      ]
      assert.deepStrictEqual(await published(), both)
      assert.strictEqual(await read("tokens.log"), "some-token\nsome-token\n")

      await write("published.json", "\"3.1.0\"")
      await step(["publish"], { GITHUB_REPOSITORY: repository })
      assert.deepStrictEqual(await published(), [...both, ...both.slice(1)])
      assert.match(await read("tokens.log"), /\nundefined\n$/)

      await write("published.json", "[\"3.1.0\",\"4.1.0\"]")
      assert.include(await step(["publish"], { GITHUB_REPOSITORY: repository }), "published already")
      assert.deepStrictEqual(await published(), [...both, ...both.slice(1)])
    }))

  it("publishes nothing without the name of the repository, or with tarballs that name another one", () =>
    withProject(async ({ asked, step, write }) => {
      await write("packed.json", packed("another/repository"))
      await write("published.json", "[]")
      await write("asked.log", "")
      assert.match(await failure(step(["publish"])), /^The repository is unknown/)
      assert.deepStrictEqual(await asked().catch(() => []), [])

      const reason = await failure(step(["publish"], { GITHUB_REPOSITORY: repository }))
      assert.match(
        reason,
        /3\.1\.0\.tgz: repository\.url is "git\+https:\/\/github\.com\/another\/repository\.git", not/
      )
      assert.deepStrictEqual((await asked()).filter(([, name]) => name === "publish"), [])
    }))

  it("gets a tag and a page with its section of the changelog", () =>
    withProject(async ({ asked, step }) => {
      await step(["announce"], { GITHUB_SHA: "0123456789" })
      assert.deepStrictEqual((await asked()).at(-1), [
        "gh",
        "release",
        "create",
        "v3.1.0",
        "--target",
        "0123456789",
        "--title",
        "3.1.0 and 4.1.0",
        "--notes",
        "- The first."
      ])
    }))
})
