/**
 * What comes of each link of a chain in a dry run.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Link, Named } from "../../CredentialChain.ts"
import { type CredentialError, CredentialsUnavailable, isNotConfigured } from "../../CredentialError.ts"
import * as CredentialProvider from "../../CredentialProvider.ts"
import { type Credentials, expiration } from "../../Credentials.ts"
import type { Found, LinkReport, Lookups, Options, Outcome, Winner } from "../../Explain.ts"
import { isConfigError } from "../compat/configError.ts"
import { detailsOf, partsOf } from "../diagnosis/sentence.ts"
import { buildAnew } from "../provider/build.ts"
import { maskedId } from "../provider/credentials.ts"
import type { Remark } from "../provider/dryRun.ts"
import { inOneLine } from "../provider/errors.ts"
import * as variables from "../variables.ts"
import * as recorder from "./recorder.ts"

/** @internal */
export interface Judged {
  readonly report: LinkReport
  readonly credentials: Credentials | undefined
  /** What the source would say of its configuration. */
  readonly remarks: ReadonlyArray<Remark>
  readonly tokenFiles: ReadonlyArray<recorder.TokenFile>
}

interface NamedLink {
  readonly name: string
  readonly layer: Link
}

/** Asks the links in order until one wins. @internal */
export const all = <R>(
  links: Arr.NonEmptyReadonlyArray<Link | Named>,
  options: Options
): Effect.Effect<Arr.NonEmptyReadonlyArray<Judged>, never, R> =>
  Effect.gen(function*() {
    const sideEffects = options.allowSideEffects === true
    let isOver = false
    const judged: Array<Judged> = []
    for (const link of Arr.map(links, toNamed)) {
      const isAsked: boolean = options.offline !== true && (options.all === true || !isOver)
      const one: Judged = yield* judge<R>(link, { requests: isAsked, sideEffects }, isOver)
      isOver = isOver || ends(one.report, options)
      judged.push(one)
    }
    return judged as unknown as Arr.NonEmptyReadonlyArray<Judged>
  })

const toNamed = (link: Link | Named, index: number): NamedLink =>
  isNamed(link) ? link : { name: `link ${index + 1}`, layer: link }

const isNamed = (link: Link | Named): link is Named => !Layer.isLayer(link)

/** Whether a chain would not ask the links after this one. A link that was not asked is taken to work. */
const ends = ({ error, isConfigured, outcome }: LinkReport, { stopWhen }: Options): boolean =>
  outcome === "used" || (outcome === "not asked" && isConfigured) || (error !== undefined && stopWhen?.(error) === true)

interface Answer {
  readonly credentials: Credentials
  readonly nextRenewal: DateTime.Utc | undefined
}

const judge = <R>(
  { layer, name }: NamedLink,
  allowed: recorder.Allowed,
  isOver: boolean
): Effect.Effect<Judged, never, R> =>
  Effect.gen(function*() {
    const watch = yield* recorder.make(allowed)
    const start = yield* Clock.currentTimeNanos
    const exit = yield* Effect.exit(watch.observe(ask(name, layer)))
    const millis = Number((yield* Clock.currentTimeNanos) - start) / 1e6
    const answer = Exit.isSuccess(exit) ? Option.getOrUndefined(exit.value) : undefined
    const error = Exit.isFailure(exit) ? errorOf(name, exit.cause) : undefined
    const lookups = watch.lookups()
    const outcome = outcomeOf(answer, error, isOver)
    const report: LinkReport = {
      name: printable(name),
      outcome,
      isConfigured: isConfigured(outcome, lookups),
      ...wordsOf(error, answer === undefined ? watch.refused() : undefined),
      error,
      found: answer === undefined ? undefined : foundOf(answer, lookups),
      lookups,
      warnings: [...watch.warnings(), ...omitted(answer, watch.refused())].map(printable),
      millis
    }
    return { report, credentials: answer?.credentials, remarks: watch.remarks(), tokenFiles: watch.tokenFiles() }
  }) as Effect.Effect<Judged, never, R>

/** A source can go on without what it was not allowed to do. */
const omitted = (answer: Answer | undefined, refused: string | undefined): ReadonlyArray<string> =>
  answer === undefined || refused === undefined ? [] : [`a dry run does not ${refused}`]

// An error of a source of your own may hold anything, and a terminal obeys control characters.
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ")

/** Builds the link anew, as a program would at its start. */
const ask = <R>(name: string, layer: Link<R>): Effect.Effect<Answer, CredentialError, R> =>
  Effect.scoped(
    Effect.gen(function*() {
      const context = yield* Effect.mapError(
        Effect.flatMap(Effect.scope, (scope) => buildAnew(layer, scope)),
        (error): CredentialError => isConfigError(error) ? variables.toCredentialError(name)(error) : error
      )
      const service = Context.get(context, CredentialProvider.CredentialProvider)
      const credentials = yield* service.get
      const { nextRenewal } = yield* CredentialProvider.health(service)
      return { credentials, nextRenewal }
    })
  )

/** A defect may carry anything, so only that there was one is shown. */
const errorOf = (provider: string, cause: Cause.Cause<CredentialError>): CredentialError =>
  Option.getOrElse(
    Cause.failureOption(cause),
    () => new CredentialsUnavailable({ provider, reason: "defect", hint: "Report it to the author of this source" })
  )

const outcomeOf = (answer: Answer | undefined, error: CredentialError | undefined, isOver: boolean): Outcome => {
  if (answer !== undefined) return isOver ? "works" : "used"
  if (error === undefined) return "not asked"
  return isNotConfigured(error) ? "not configured" : "failed"
}

const metadata = "http://100.100.100.200"

const isConfigured = (outcome: Outcome, lookups: Lookups): boolean => outcome !== "not configured" && !isGuess(lookups)

/** If no variable names a role, the metadata service is asked to find out whether there is one. */
const isGuess = ({ requests, variables: read }: Lookups): boolean =>
  requests.at(-1)?.address === metadata &&
  read.some(({ isSet, name }) => !isSet && name === variables.names.ecsMetadata)

const wordsOf = (
  error: CredentialError | undefined,
  refused: string | undefined
): Pick<LinkReport, "reason" | "fix"> => {
  if (error === undefined) return { reason: refused === undefined ? "" : `would ${refused}`, fix: undefined }
  const [reason, fix] = error._tag === "CredentialChainError"
    ? [inOneLine(error), error.hint]
    : [detailsOf(error), partsOf(error).fix]
  return { reason: printable(reason), fix: fix === undefined ? undefined : printable(fix) }
}

const foundOf = ({ credentials, nextRenewal }: Answer, { requests }: Lookups): Found => ({
  provider: credentials.provider,
  kind: credentials._tag,
  accessKeyId: credentials._tag === "BearerToken" ? undefined : maskedId(credentials.accessKeyId),
  expiration: Option.getOrUndefined(expiration(credentials)),
  nextRenewal,
  endpoint: credentials._tag === "StsToken"
    ? requests.filter(({ status }) => status === 200).at(-1)?.address
    : undefined
})

/** The first link that works or was not asked, unless the chain stops before it. @internal */
export const winnerOf = (links: ReadonlyArray<LinkReport>, options: Options): Winner | undefined => {
  const index = links.findIndex((link) => ends(link, options))
  const first = links[index]
  if (first === undefined || first.error !== undefined) return undefined
  const isCertain = first.outcome === "used" && links.slice(0, index).every(({ outcome }) => outcome !== "not asked")
  return { index, link: first.name, isCertain, found: first.found }
}
