/**
 * The completions of `@effect/cli`, corrected: for bash it mixes up hyphens in the names of commands and the
 * separator of choices, for zsh it takes options with a text for switches, and it offers a wizard, which cannot know the
 * program of `exec`.
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

const withoutWizard = (script: string): string =>
  script.split("\n").filter((line) => !/--wizard|-l wizard/.test(line)).join("\n")

const ofZsh = (script: string): string =>
  withoutWizard(script)
    .replaceAll(/^( +'--(?:profile|role)\[.*\])(?=' \\$)/gm, "$1:value:")
    // After two dashes, the words are those of the program.
    .replace(/\(exec\)\n +_arguments .*\n/, (start) => `${start}                '*:: :_normal' \\\n`)

export const corrected = (name: string, script: string): string =>
  script.startsWith("function _")
    ? ofBash(name, script)
    : script.startsWith("#compdef")
    ? ofZsh(script)
    : withoutWizard(script)
