/** The manifest of the package for Effect 4: that of the package for Effect 3, with other versions. */

interface Manifest {
  readonly version: string
  readonly engines: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly scripts?: unknown
  readonly devDependencies?: unknown
  readonly overrides?: unknown
}

/** `3.y.z` and `4.y.z` are the same sources. */
export const versionFor4 = (version: string): string => {
  if (!version.startsWith("3.")) throw new Error(`${version} is not a version of the edition for Effect 3`)
  return version.replace(/^3\./, "4.")
}

export const manifestFor4 = (of3: Manifest, of4: Pick<Manifest, "engines" | "peerDependencies">): object => {
  const { devDependencies: _dev, overrides: _overrides, scripts: _scripts, ...kept } = of3
  return {
    ...kept,
    version: versionFor4(of3.version),
    engines: of4.engines,
    peerDependencies: of4.peerDependencies,
    publishConfig: { tag: "latest" }
  }
}
