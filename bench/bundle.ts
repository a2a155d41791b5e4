/**
 * Compiles programs of benchmarks.
 */
import { build } from "esbuild"
import { rmSync } from "node:fs"

/** The library stays the package of the folder in which the programs are, and is not its source. */
export const bundle = async (programs: ReadonlyArray<string>, folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  await build({
    entryPoints: [...programs],
    outdir: folder,
    entryNames: "[name]",
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    // Without the paths of the tsconfig.
    tsconfigRaw: {},
    logLevel: "warning"
  })
}
