/**
 * The completions of `@effect/cli`, corrected: for bash it mixes up hyphens in the names of commands and the
 * separator of choices, and it offers a wizard, which cannot know the program of `exec`.
 */

const escaped = (name: string): string => name.replaceAll("-", "__")

const ofBash = (name: string, script: string): string =>
  script
    .replaceAll(`cmd="${name}"`, `cmd="${escaped(name)}"`)
    .replaceAll(`        ${name})`, `        ${escaped(name)})`)
    // The word on the command line has its hyphens, unlike the name of the state that follows.
    .replaceAll(/^( +\w+,)(\w+)\)$/gm, (_, state: string, word: string) => `${state}${word.replaceAll("__", "-")})`)
    .replaceAll(/(?<=compgen -W ")[\w,]+(?=")/g, (choices) => choices.replaceAll(",", " "))
    .replaceAll(" --wizard", "")

export const corrected = (name: string, script: string): string =>
  script.startsWith("function _")
    ? ofBash(name, script)
    : script.split("\n").filter((line) => !/--wizard|-l wizard/.test(line)).join("\n")
