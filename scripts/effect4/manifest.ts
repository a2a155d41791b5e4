/** The manifest of the package for Effect 4: that of the package for Effect 3, with other versions. */
import { packedManifest } from "../release/repository.ts"

interface Manifest {
  readonly version: string
  readonly engines: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** `3.y.z` and `4.y.z` are the same sources. */
export const versionFor4 = (version: string): string => {
  if (!version.startsWith("3.")) throw new Error(`${version} is not a version of the edition for Effect 3`)
  return version.replace(/^3\./, "4.")
}

export const manifestFor4 = (of3: Manifest, of4: Pick<Manifest, "engines" | "peerDependencies">): object => ({
  ...packedManifest({ ...of3 }, undefined),
  version: versionFor4(of3.version),
  engines: of4.engines,
  peerDependencies: of4.peerDependencies,
  publishConfig: { tag: "latest" }
})
