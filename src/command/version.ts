/**
 * The version of the package that this file is part of. Both editions have the same file, so their manifests know more
 * than the sources; without a manifest, it is that of the sources.
 */
import { readFileSync } from "node:fs"
import { userAgent } from "../internal/wire/userAgent.ts"

const [name, own = ""] = userAgent.split("/")

const ofManifest = (): string | undefined => {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    const { name: found, version } = manifest as { readonly name?: unknown; readonly version?: unknown }
    return found === name && typeof version === "string" ? version : undefined
  } catch {
    return undefined
  }
}

export const version = ofManifest() ?? own
