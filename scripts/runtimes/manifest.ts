/** Which package, at which version, has a runtime for a kind of machine. */

export interface Manifest {
  readonly optionalDependencies: Readonly<Record<string, string>>
}

export interface Pin {
  /** The folder in `node_modules`. */
  readonly name: string
  readonly version: string
}

/** The runtime for a machine, such as `linux-x64`; undefined if no package has it. */
export const pinOf = ({ optionalDependencies }: Manifest, runtime: string, machine: string): Pin | undefined => {
  const name = `${runtime}-${machine}`
  const [, version] = /^npm:.+@([^@]+)$/.exec(optionalDependencies[name] ?? "") ?? []
  return version === undefined ? undefined : { name, version }
}

export interface Lock {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly libc?: ReadonlyArray<string> }>>
}

/** Whether the package is for a library of C. Most do not say. */
export const isForLibc = ({ packages }: Lock, name: string, libc: string): boolean =>
  packages[`node_modules/${name}`]?.libc?.includes(libc) ?? true

/** The part of the manifest and of its lock that has one package: each runtime is a hundred megabytes. */
export const partFor = (
  name: string,
  manifest: Manifest,
  lock: Lock
): { readonly manifest: object; readonly lock: object } => {
  const own = { name: "runtime", private: true, optionalDependencies: { [name]: manifest.optionalDependencies[name] } }
  const folder = `node_modules/${name}`
  return {
    manifest: own,
    lock: {
      name: own.name,
      lockfileVersion: lock.lockfileVersion,
      requires: true,
      packages: { "": own, [folder]: lock.packages[folder] }
    }
  }
}
