/**
 * `@alicloud/log` accepts only native async functions, so the output of the compiler is tested too.
 */
import Log from "@alicloud/log"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import ts from "typescript"
import { KeyRing, toCredentials } from "../fixtures/keyRing.ts"
import * as signedServices from "../fixtures/signedServices.ts"

const projectPath = fileURLToPath(new URL("../..", import.meta.url))

const compilerOptions = (): ts.CompilerOptions => {
  const file = join(projectPath, "tsconfig.build.json")
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path))
  return ts.parseJsonConfigFileContent(config, ts.sys, projectPath).options
}

const source = join(projectPath, "src")

/** The modules of the library that a module imports, directly or indirectly. */
const reachable = async (file: string, found = new Map<string, string>()): Promise<Map<string, string>> => {
  if (found.has(file)) return found
  const text = await readFile(join(source, file), "utf8")
  found.set(file, text)
  for (const [, imported = ""] of text.matchAll(/ from "(\.[^"]+)"/g)) {
    await reachable(join(dirname(file), imported), found)
  }
  return found
}

/** The compiled module, in a folder where packages are found. */
const build = Effect.acquireRelease(
  Effect.promise(async () => {
    // Without a package.json, Node.js would load the file as CommonJS.
    const options = { ...compilerOptions(), sourceMap: false, module: ts.ModuleKind.ESNext }
    const folder = await mkdtemp(join(projectPath, "node_modules", ".built-"))
    for (const [file, text] of await reachable("AlicloudSdk.ts")) {
      const { outputText } = ts.transpileModule(text, { compilerOptions: options, fileName: file })
      const target = join(folder, file.replace(/\.ts$/, ".js"))
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, outputText)
    }
    await writeFile(join(folder, "package.json"), "{\"type\":\"module\"}")
    return folder
  }),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

describe("the built library", () => {
  it.live("has native async functions where a client requires them", () =>
    Effect.gen(function*() {
      const folder = yield* build
      const load = <A>(module: string) =>
        Effect.promise(() => import(pathToFileURL(join(folder, `${module}.js`)).href) as Promise<A>)
      const AlicloudSdk = yield* load<typeof import("effect-alicloud-credentials/AlicloudSdk")>("AlicloudSdk")
      const CredentialProvider = yield* load<typeof import("effect-alicloud-credentials/CredentialProvider")>(
        "CredentialProvider"
      )
      const ring = new KeyRing()
      const services = yield* signedServices.make(ring)
      const credential = yield* Effect.provideService(
        AlicloudSdk.make,
        CredentialProvider.CredentialProvider,
        CredentialProvider.succeed(toCredentials(ring.issue(3_600_000)))
      )
      for (
        const credentialsProvider of [AlicloudSdk.aliyunLog(credential), AlicloudSdk.popCore(credential), credential]
      ) {
        assert.strictEqual(credentialsProvider.getCredentials.constructor.name, "AsyncFunction")
        const client = new Log({ endpoint: services.url, credentialsProvider })
        yield* Effect.promise(() => client.listLogStore("", {}))
      }
      assert.deepStrictEqual(services.arrivals.map((arrival) => arrival.refusal), ["", "", ""])
      const bound = () => credential.getCredentials()
      assert.throws(() => new Log({ endpoint: services.url, credentialsProvider: { getCredentials: bound } }), /async/)
    }).pipe(Effect.scoped))
})
