/** Names of Effect 3 in docstrings and documents, which the compiler does not see. */
const names: Readonly<Record<string, string>> = { CommandExecutor: "ChildProcessSpawner" }

/** This document has the names of both. */
const comparison = "docs/effect-4.md"

export const prose = (file: string, text: string): string =>
  file === comparison
    ? text
    : Object.entries(names).reduce((text, [from, to]) => text.replaceAll(`\`${from}\``, `\`${to}\``), text)
