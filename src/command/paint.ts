/** Colors of a terminal. */
import type { Severity } from "../Explain.ts"
import { hasColor } from "./terminal.ts"

const codes = { error: 31, warning: 33, info: 36, valid: 32, expired: 31, unknown: 33 } as const

export const paint = (style: Severity | "valid" | "expired" | "unknown", text: string): string =>
  hasColor() ? `\u001b[${codes[style]}m${text}\u001b[0m` : text
