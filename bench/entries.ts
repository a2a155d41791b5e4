/**
 * The entry points of the package that have a source or what programs call, and the rest of the package that they need.
 */
import { build } from "esbuild"

export const sources: ReadonlyArray<string> = [
  "StaticCredentials",
  "Environment",
  "CredentialsUri",
  "EcsRamRole",
  "RamRoleArn",
  "OidcRoleArn",
  "ExternalProcess",
  "CloudSso",
  "OAuth",
  "KmsSecret",
  "CliProfile",
  "IniProfile"
]

export const others: ReadonlyArray<string> = ["DefaultChain", "Profiles", "OpenApi", "AlicloudSdk", "index"]

export const nameOf = (entry: string): string =>
  entry === "index" ? "effect-alicloud-credentials" : `effect-alicloud-credentials/${entry}`

export interface Bundle {
  readonly code: Uint8Array
  /** The packages that it imports. */
  readonly imports: ReadonlyArray<string>
}

/** An entry point of `dist`, minified. Everything that it exports is kept. */
export const bundle = async (entry: string, external: ReadonlyArray<string>): Promise<Bundle> => {
  const { metafile, outputFiles: [file] } = await build({
    entryPoints: [`dist/${entry}.js`],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: [...external],
    logLevel: "error"
  })
  if (file === undefined) throw new Error(`no bundle of ${entry}`)
  const imports = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  return { code: file.contents, imports: [...new Set(imports)] }
}

/** What an application with Effect has anyway. */
export const effect: ReadonlyArray<string> = ["effect", "@effect/platform", "@effect/platform-node"]

export const everything: ReadonlyArray<string> = [...effect, "@noble/hashes", "node:*"]
