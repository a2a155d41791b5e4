/**
 * A dry run of a chain: what each link looks at, which one wins, and what to improve. For a support ticket, for a pod
 * that has the wrong identity, and for a check in CI before a program starts.
 *
 * @since 0.1.0
 */

import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as CallerIdentity from "./CallerIdentity.ts"
import type * as CredentialChain from "./CredentialChain.ts"
import type { CredentialError, Surroundings } from "./CredentialError.ts"
import * as CredentialProvider from "./CredentialProvider.ts"
import type { Credentials } from "./Credentials.ts"
import * as DefaultChain from "./DefaultChain.ts"
import * as surroundings from "./internal/diagnosis/surroundings.ts"
import * as evidence from "./internal/explain/evidence.ts"
import * as json from "./internal/explain/json.ts"
import * as judge from "./internal/explain/judge.ts"
import * as lint from "./internal/explain/lint.ts"
import * as text from "./internal/explain/text.ts"

/**
 * What a dry run may do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Asks the links after the winner too, which costs their requests. Defaults to false. */
  readonly all?: boolean | undefined
  /**
   * Asks STS whose the credentials of the winner are (`GetCallerIdentity`), which needs an `HttpClient` and is one
   * request more. Defaults to false.
   */
  readonly identity?: boolean | undefined
  /** Sends no request at all, so that each link is judged by what is configured. Defaults to false. */
  readonly offline?: boolean | undefined
  /**
   * Lets sources do what they do in a program: renew the login of a person, write files, run programs. Defaults to
   * false; a source that would do so is then reported as not asked.
   */
  readonly allowSideEffects?: boolean | undefined
  /** When the chain stops, as in the options of the chain. Defaults to never. */
  readonly stopWhen?: CredentialChain.ChainOptions["stopWhen"]
}

/**
 * What came of a link. `used`: the chain uses it. `works`: it has credentials too, but comes later. `not asked`: it
 * would have to send a request, run a program or write something. `not configured` and `failed`: as its error says.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = "used" | "works" | "not asked" | "not configured" | "failed"

/**
 * A variable that a source read. Its value is not kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface VariableLookup {
  /** The name of the variable. */
  readonly name: string
  /** Whether it has a value that is not empty. */
  readonly isSet: boolean
}

/**
 * A file that a source looked for. Its text is not kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileLookup {
  /** The path, as the source named it. */
  readonly path: string
  /** `found`, or the reason why not, such as `NotFound` or `PermissionDenied`. */
  readonly found: string
  /** Whether the source read the text. */
  readonly isRead: boolean
}

/**
 * A request of a source.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestLookup {
  /** The HTTP method. */
  readonly method: string
  /** Scheme, host and port; the rest of an address may hold a secret. */
  readonly address: string
  /** False if the dry run did not send it. */
  readonly isSent: boolean
  /** The status of the answer, if there was one. */
  readonly status: number | undefined
  /** Whether it asked the metadata service without a token. */
  readonly isImdsV1: boolean
}

/**
 * All that a link looked at, in the order of the first time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lookups {
  /** The variables. */
  readonly variables: ReadonlyArray<VariableLookup>
  /** The files. */
  readonly files: ReadonlyArray<FileLookup>
  /** The requests, those that were not sent too. */
  readonly requests: ReadonlyArray<RequestLookup>
  /** The names of the programs that it ran or would run. */
  readonly programs: ReadonlyArray<string>
}

/**
 * Credentials without anything secret.
 *
 * @since 0.1.0
 * @category models
 */
export interface Found {
  /** The path of the provider that they came from, for example `cli_profile/ram_role_arn/static_ak`. */
  readonly provider: string
  /** The kind of the credentials. */
  readonly kind: Credentials["_tag"]
  /** The first and the last four characters of the AccessKey id; undefined for a bearer token. */
  readonly accessKeyId: string | undefined
  /** When they expire; undefined if they do not, or if that is unknown. */
  readonly expiration: DateTime.Utc | undefined
  /** From when a program would renew them; undefined if never. */
  readonly nextRenewal: DateTime.Utc | undefined
  /** Scheme, host and port of the server that gave the session; undefined for a key and for a bearer token. */
  readonly endpoint: string | undefined
}

/**
 * What a link of the chain did.
 *
 * @since 0.1.0
 * @category models
 */
export interface LinkReport {
  /** The name of the link, or `link 2` for one without a name. */
  readonly name: string
  /** What came of it. */
  readonly outcome: Outcome
  /** Whether a variable, a file or an option asks for this source. A guess, such as the metadata service, is not. */
  readonly isConfigured: boolean
  /** Why, in one line: the error without its fix, or what it would have to do. Empty for a link with credentials. */
  readonly reason: string
  /** How to fix the error, if it says so. */
  readonly fix: string | undefined
  /** The error, if it failed or is not configured. */
  readonly error: CredentialError | undefined
  /** The credentials, if it has some. */
  readonly found: Found | undefined
  /** What it looked at. */
  readonly lookups: Lookups
  /** What it logged as warnings. */
  readonly warnings: ReadonlyArray<string>
  /** How long it took, in milliseconds. */
  readonly millis: number
}

/**
 * How bad a finding is. `error`: it does not work, or soon will not. `warning`: it works, and should be changed.
 * `info`: good to know.
 *
 * @since 0.1.0
 * @category models
 */
export type Severity = "error" | "warning" | "info"

/**
 * Something to improve.
 *
 * @since 0.1.0
 * @category models
 */
export interface Finding {
  /** A stable name of the rule, such as `shadowed-source`. The rules are in docs/explain.md. */
  readonly code: string
  /** How bad it is. */
  readonly severity: Severity
  /** The name of the link that it is about, if it is about one. */
  readonly link: string | undefined
  /** What is found, without a value that could be a secret. */
  readonly reason: string
  /** How to fix it: a sentence that starts with a verb. */
  readonly fix: string
}

/**
 * The link that a program would use.
 *
 * @since 0.1.0
 * @category models
 */
export interface Winner {
  /** Which link it is, from 0. */
  readonly index: number
  /** The name of the link. */
  readonly link: string
  /** False if it was not asked, or if a link before it was not: then another one may win. */
  readonly isCertain: boolean
  /** Its credentials, if it was asked. */
  readonly found: Found | undefined
}

/**
 * A dry run of a chain.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report {
  /** When it began, by the local clock. */
  readonly time: DateTime.Utc
  /** Where it ran. */
  readonly surroundings: Surroundings
  /** The links, in the order of the chain. */
  readonly links: Arr.NonEmptyReadonlyArray<LinkReport>
  /** Which link a program would use; undefined if none works. */
  readonly winner: Winner | undefined
  /** Whose the credentials are, or why that is unknown. Undefined unless it was asked for, or if no link works. */
  readonly identity: Either.Either<CallerIdentity.CallerIdentity, string> | undefined
  /** What to improve, the worst first. */
  readonly findings: ReadonlyArray<Finding>
}

/**
 * The fields of a report as JSON. Each has the meaning of the field of the same name in {@link Report}; times are ISO
 * 8601 texts, and an error is its tag.
 *
 * @since 0.1.0
 * @category rendering
 * @example
 * ```ts
 * import { Explain } from "effect-alicloud-credentials"
 * import { Schema } from "effect"
 *
 * declare const text: string
 *
 * // what another program wrote with `JSON.stringify(Explain.toJson(report))`
 * const report = Schema.decodeUnknownEither(Schema.parseJson(Explain.Json))(text)
 * ```
 */
export const Json = Schema.Struct({
  version: Schema.Literal(1),
  time: Schema.String,
  surroundings: Schema.Struct({
    user: Schema.optionalWith(Schema.String, { exact: true }),
    home: Schema.optionalWith(Schema.String, { exact: true }),
    inKubernetes: Schema.Boolean,
    onInstance: Schema.Boolean,
    proxy: Schema.optionalWith(Schema.String, { exact: true })
  }),
  links: Schema.Array(Schema.Struct({
    name: Schema.String,
    outcome: Schema.Literal("used", "works", "not asked", "not configured", "failed"),
    isConfigured: Schema.Boolean,
    reason: Schema.String,
    fix: Schema.optionalWith(Schema.String, { exact: true }),
    error: Schema.optionalWith(Schema.String, { exact: true }),
    found: Schema.optionalWith(
      Schema.Struct({
        provider: Schema.String,
        kind: Schema.Literal("AccessKey", "StsToken", "BearerToken"),
        accessKeyId: Schema.optionalWith(Schema.String, { exact: true }),
        expiration: Schema.optionalWith(Schema.String, { exact: true }),
        nextRenewal: Schema.optionalWith(Schema.String, { exact: true }),
        endpoint: Schema.optionalWith(Schema.String, { exact: true })
      }),
      { exact: true }
    ),
    lookups: Schema.Struct({
      variables: Schema.Array(Schema.Struct({ name: Schema.String, isSet: Schema.Boolean })),
      files: Schema.Array(Schema.Struct({ path: Schema.String, found: Schema.String, isRead: Schema.Boolean })),
      requests: Schema.Array(Schema.Struct({
        method: Schema.String,
        address: Schema.String,
        isSent: Schema.Boolean,
        status: Schema.optionalWith(Schema.Number, { exact: true }),
        isImdsV1: Schema.Boolean
      })),
      programs: Schema.Array(Schema.String)
    }),
    warnings: Schema.Array(Schema.String),
    millis: Schema.Number
  })),
  winner: Schema.optionalWith(
    Schema.Struct({ index: Schema.Number, link: Schema.String, isCertain: Schema.Boolean }),
    { exact: true }
  ),
  identity: Schema.optionalWith(
    Schema.Union(
      Schema.Struct({ accountId: Schema.String, arn: Schema.String, identityType: Schema.String }),
      Schema.Struct({ unknown: Schema.String })
    ),
    { exact: true }
  ),
  findings: Schema.Array(Schema.Struct({
    code: Schema.String,
    severity: Schema.Literal("error", "warning", "info"),
    link: Schema.optionalWith(Schema.String, { exact: true }),
    reason: Schema.String,
    fix: Schema.String
  }))
})

/**
 * A report as JSON.
 *
 * @since 0.1.0
 * @category rendering
 */
export type Json = typeof Json.Type

type Link = CredentialChain.Link | CredentialChain.Named

type Requirements<Links extends ReadonlyArray<Link>> = Links[number] extends infer L
  ? L extends CredentialChain.Named<infer R> ? R : L extends CredentialChain.Link<infer R> ? R : never
  : never

type Platform = HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor

/**
 * Runs through the links of a chain without using it, and reports what each of them looks at, what came of it and how
 * long it took. The links default to those of `DefaultChain`. It never fails: errors are in the report.
 *
 * By default it asks the links in order until one has credentials, so that it sends as many requests as the first `get`
 * of a program. The links after that are judged by what is configured: they read variables and files and send nothing.
 * No dry run renews a login, writes a file or runs a program unless `allowSideEffects` says so.
 *
 * It watches links through `Config`, and through the `HttpClient`, `FileSystem` and `CommandExecutor` of the context. A
 * link that brings its own, as with `Layer.provide(FetchHttpClient.layer)`, is neither watched nor kept from anything.
 * Of a `CredentialProvider` in the context, which a link may need, only what it has cached is used. A source that never
 * answers and has no time limit of its own holds up the report.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Explain } from "effect-alicloud-credentials"
 * import { Console, Effect } from "effect"
 *
 * const program = Explain.run().pipe(
 *   Effect.flatMap((report) => Console.log(Explain.render(report)))
 * )
 * ```
 */
export const run: {
  (links?: undefined, options?: Options): Effect.Effect<Report, never, Platform>
  <const Links extends Arr.NonEmptyReadonlyArray<Link>>(
    links: Links,
    options?: Options
  ): Effect.Effect<Report, never, Exclude<Requirements<Links>, Scope.Scope>>
} = <R>(
  links: Arr.NonEmptyReadonlyArray<Link> = DefaultChain.links,
  options: Options = {}
): Effect.Effect<Report, never, R> =>
  Effect.gen(function*() {
    const time = yield* DateTime.now
    const where = yield* surroundings.look
    const judged = yield* judge.all<R>(links, options)
    const reports = Arr.map(judged, ({ report }) => report)
    const credentials = judged.find(({ report }) => report.outcome === "used")?.credentials
    const identity = options.identity === true && options.offline !== true && credentials !== undefined
      ? yield* identityOf(credentials)
      : undefined
    const report = { time, surroundings: where, links: reports, winner: judge.winnerOf(reports, options), identity }
    return { ...report, findings: lint.findings(report, yield* evidence.gather(judged)) }
  })

const identityOf = (credentials: Credentials): Effect.Effect<NonNullable<Report["identity"]>> =>
  Effect.flatMap(
    Effect.serviceOption(HttpClient.HttpClient),
    Option.match({
      onNone: () => Effect.succeed(Either.left("no HttpClient to ask with")),
      onSome: (client) =>
        CallerIdentity.get().pipe(
          Effect.provideService(HttpClient.HttpClient, client),
          Effect.provideService(CredentialProvider.CredentialProvider, CredentialProvider.succeed(credentials)),
          Effect.mapError(({ message }) => message.replaceAll(/\n\s*/g, "; ")),
          Effect.either
        )
    })
  )

/**
 * The report as text: the winner, a line for each link, what each looked at that mattered, and the findings with their
 * fixes. Without colors, unless `color` is true. Nothing in it is secret.
 *
 * @since 0.1.0
 * @category rendering
 * @example
 * ```ts
 * import { DefaultChain, Explain } from "effect-alicloud-credentials"
 * import { Console, Effect } from "effect"
 *
 * const program = Explain.run(DefaultChain.links, { offline: true }).pipe(
 *   Effect.flatMap((report) => Console.log(Explain.render(report, { color: true })))
 * )
 * ```
 */
export const render: (report: Report, options?: { readonly color?: boolean | undefined }) => string = text.render

/**
 * The report as a value for `JSON.stringify`, for tools. {@link Json} describes it. Fields that are undefined are left
 * out, and `version` changes if a field changes its meaning or goes away. Nothing in it is secret.
 *
 * @since 0.1.0
 * @category rendering
 * @example
 * ```ts
 * import { Explain } from "effect-alicloud-credentials"
 * import { Console, Effect } from "effect"
 *
 * const program = Explain.run().pipe(
 *   Effect.flatMap((report) => Console.log(JSON.stringify(Explain.toJson(report), null, 2)))
 * )
 * ```
 */
export const toJson: (report: Report) => Json = json.encode
