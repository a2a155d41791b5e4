/**
 * The subjects, in the order in which they run. Their head comments say how each is measured.
 */
import type { Subject } from "./subject.ts"

export const subjects: Readonly<Record<string, () => Promise<{ readonly subject: Subject }>>> = {
  warm: () => import("./warm.ts"),
  allocation: () => import("./allocation.ts"),
  readers: () => import("./readers.ts"),
  tenants: () => import("./tenants.ts"),
  renewal: () => import("./renewal.ts"),
  sources: () => import("./sources.ts"),
  "off-cloud": () => import("./offCloud.ts"),
  signing: () => import("./signing.ts"),
  calls: () => import("./calls.ts"),
  weight: () => import("./weight.ts"),
  imports: () => import("./imports.ts"),
  providers: () => import("./providers.ts"),
  profiles: () => import("./profiles.ts")
}

export const names: ReadonlyArray<string> = Object.keys(subjects)
