/**
 * Finds words that readers stumble over, and British spellings. CONTRIBUTING has the glossary.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import { Array as Arr, Console, Data, Effect, Order } from "effect"

const places = [
  "README.md",
  "CONTRIBUTING.md",
  "AGENTS.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs",
  "examples",
  "scripts",
  "bench",
  "src",
  "test"
]

// TEMPORARY: these folders still have such words. Empty the list once they are fixed.
const notYetChecked: ReadonlyArray<string> = []

const itself = "scripts/check-words.ts"

class WordsFound extends Data.TaggedError("WordsFound")<{ readonly message: string }> {}

/** Words and phrases as regular expressions, and what to use instead. A space also matches a line break. */
const instead: Readonly<Record<string, string>> = {
  "at hand": "cached",
  "mend(?:s|ed|ing)?": "fix",
  "(?:is|are|was|were) told": "documented, reported, or notified",
  "told at": "see",
  "of one's own": "your own",
  "who wants": "to (do something), or: if you want",
  "for want of": "without",
  "comes? to": "the plain verb",
  "sets? up|set-up": "configured, or configuration",
  "(?:where )?nobody named": "if no name is given",
  "where nobody": "if nobody",
  "somebody else's": "another account's, or another program's",
  "is none": "is not one, or: there is none",
  "however many": "all",
  "without a word": "silently",
  "put to use": "used",
  "ended": "expired",
  "out of reach": "unavailable",
  "passed? over": "skip",
  "\\w+alis(?:e|es|ed|er|ing|ation)": "-alize",
  "(?:author|organ|recogn|custom|optim|minim|maxim|summar|categor|synchron|priorit|util|emphas)is(?:e|es|ed|er|ing|ation)":
    "-ize",
  "analys(?:e|es|ed|ing)": "analyze",
  "(?:behavi|col|fav|hon|neighb|lab)our\\w*": "-or",
  "licence": "license",
  "defence": "defense",
  "centre": "center",
  "catalogue": "catalog",
  "artefact": "artifact",
  "judgement": "judgment",
  "(?:cancel|label|model|signal|travel)l(?:ed|ing)": "one l",
  "grey": "gray",
  "learnt": "learned",
  "spelt": "spelled",
  "whilst": "while",
  "amongst": "among"
}

/** Legitimate uses: the file, and the text that contains the word. */
const allowed: ReadonlyArray<readonly [file: string, text: string]> = [
  ["CONTRIBUTING.md", "| set up |"],
  // The name of the status in Effect's tracer.
  ["test/support/spans.ts", "_tag: \"Ended\""],
  ["CONTRIBUTING.md", "| at hand |"],
  ["CONTRIBUTING.md", "| ended |"],
  ["CONTRIBUTING.md", "| mend |"],
  ["src/internal/files/writeBack.ts", "the result is None"],
  ["src/internal/process/run.ts", "ended with exit code"],
  ["test/sources/ExternalProcess.test.ts", "ended with exit code"]
]

/** White space, or a line break with the comment marks of the next line. */
const gap = "(?:[ \\t]+|[ \\t]*\\r?\\n[ \\t]*(?:(?:\\*|//|>|-)[ \\t]+)?)"

const rules = Object.entries(instead).map(([words, better]) => ({
  better,
  pattern: new RegExp(`(?<![\\w-])(?:${words.replaceAll(" ", gap)})(?![\\w-])`, "gi")
}))

const isAllowed = (file: string, text: string, index: number): boolean =>
  allowed.some(([allowedFile, context]) => {
    if (file !== allowedFile) return false
    const start = text.indexOf(context, Math.max(0, index - context.length))
    return start !== -1 && start <= index
  })

interface Hit {
  readonly index: number
  readonly line: string
}

const hitsOf = (file: string, text: string): ReadonlyArray<string> =>
  rules
    .flatMap(({ better, pattern }) =>
      [...text.matchAll(pattern)].flatMap(({ 0: found, index }): ReadonlyArray<Hit> => {
        const number = text.slice(0, index).split("\n").length
        const shown = found.replace(/\s+(?:\*|\/\/|>|-)?\s*/g, " ")
        return isAllowed(file, text, index)
          ? []
          : [{ index, line: `${file}:${number}: "${shown}", use instead: ${better}` }]
      })
    )
    .sort((one, other) => one.index - other.index)
    .map(({ line }) => line)

const isText = (path: string): boolean => /\.(?:ts|md)$/.test(path)

const isChecked = (path: string): boolean =>
  isText(path) && !path.includes("node_modules") && path !== itself &&
  !notYetChecked.some((folder) => path.startsWith(folder))

const filesIn = (place: string) =>
  Effect.gen(function*() {
    if (isText(place)) return [place]
    const files = yield* FileSystem.FileSystem
    const paths = yield* files.readDirectory(place, { recursive: true })
    return paths.map((path) => `${place}/${path.replaceAll("\\", "/")}`).filter(isChecked).sort(Order.string)
  })

const check = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const paths = Arr.flatten(yield* Effect.forEach(places, filesIn))
  const hits = Arr.flatten(
    yield* Effect.forEach(paths, (path) => Effect.map(files.readFileString(path), (text) => hitsOf(path, text)))
  )
  if (hits.length > 0) return yield* new WordsFound({ message: hits.join("\n") })
  const rest = notYetChecked.length === 0 ? "" : `; not checked yet: ${notYetChecked.join(", ")}`
  yield* Console.log(`${paths.length} files use the words of the glossary${rest}`)
})

check.pipe(
  Effect.provide(NodeContext.layer),
  Effect.tapError((error) => Console.error(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
