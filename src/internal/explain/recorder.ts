/**
 * Watches what a source reads and asks, and keeps it from doing what a dry run must not do. It knows names, paths and
 * hosts, and no value.
 */
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as Error from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Sink from "effect/Sink"
import * as CredentialProvider from "../../CredentialProvider.ts"
import type { FileLookup, Lookups, RequestLookup, VariableLookup } from "../../Explain.ts"
import { guarded } from "../compat/childProcess.ts"
import { withLogger } from "../compat/logging.ts"
import * as variable from "../compat/variable.ts"
import { isPlainPath } from "../process/commandLine.ts"
import { DryRun, type Observer, type Remark } from "../provider/dryRun.ts"
import * as Monitor from "../provider/monitor.ts"
import * as jwt from "../sts/jwt.ts"
import { impatient, patience } from "../throttling.ts"
import * as unread from "../unread.ts"

/** @internal */
export interface Allowed {
  readonly requests: boolean
  readonly sideEffects: boolean
}

/** The claims of a token in a file that a source read. @internal */
export interface TokenFile {
  readonly path: string
  /** In epoch milliseconds. */
  readonly expiration: number | undefined
}

/** @internal */
export interface Recorder {
  /** Runs the effect under observation. Undefined if it would do what is not allowed. */
  readonly observe: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  /** What it would have done. */
  readonly refused: () => string | undefined
  readonly lookups: () => Lookups
  readonly remarks: () => ReadonlyArray<Remark>
  readonly warnings: () => ReadonlyArray<string>
  readonly tokenFiles: () => ReadonlyArray<TokenFile>
}

/** @internal */
export const make = (allowed: Allowed): Effect.Effect<Recorder> =>
  Effect.map(Deferred.make<void>(), (refusal) => {
    const memory = makeMemory()
    let refused: string | undefined = undefined
    const end = (what: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        refused ??= what
        return Deferred.succeed(refusal, undefined)
      })
    const watch = <R>(context: Context.Context<R>): Context.Context<R> => watched(context, memory, allowed, end)
    const observer: Observer = {
      mayAct: allowed.sideEffects,
      watch,
      refuse: (what, program) => {
        if (program !== undefined) memory.programs.add(program)
        // Whoever waits for this must not wait for ever, also where nothing can interrupt it.
        return Effect.zipRight(end(what), Effect.dieMessage(refusedByDryRun))
      },
      remark: (remark) => Effect.sync(() => void memory.remarks.push(remark))
    }
    const observe = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R> =>
      Effect.context<R>().pipe(
        Effect.flatMap((context) =>
          effect.pipe(
            Effect.provideService(DryRun, observer),
            variable.watching((name, isSet) => void memory.variables.set(name, { name, isSet })),
            Effect.locally(patience, impatient),
            withLogger(loggerOf(memory)),
            Logger.withMinimumLogLevel(LogLevel.Warning),
            // What the context holds must not replace what is set above.
            Effect.provide(watch(context)),
            Effect.asSome
          )
        ),
        Effect.raceFirst(Effect.as(Deferred.await(refusal), Option.none<A>())),
        // What was refused may have failed before the race was over.
        Effect.matchCauseEffect({
          onFailure: (cause) => refused === undefined ? Effect.failCause(cause) : Effect.succeed(Option.none<A>()),
          onSuccess: Effect.succeed
        })
      )
    return {
      observe,
      refused: () => refused,
      lookups: () => ({
        variables: [...memory.variables.values()].filter(({ isSet, name }) => isSet || !unread.isGuess(name)),
        files: [...memory.files.values()],
        requests: memory.requests.map((request) => ({ ...request })),
        programs: [...memory.programs]
      }),
      remarks: () => memory.remarks,
      warnings: () => memory.warnings,
      tokenFiles: () => memory.tokens
    }
  })

const refusedByDryRun = "a dry run has no side effects"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

interface Memory {
  readonly variables: Map<string, VariableLookup>
  readonly files: Map<string, FileLookup>
  readonly requests: Array<Mutable<RequestLookup>>
  readonly programs: Set<string>
  readonly remarks: Array<Remark>
  readonly warnings: Array<string>
  readonly tokens: Array<TokenFile>
}

const makeMemory = (): Memory => ({
  variables: new Map(),
  files: new Map(),
  requests: [],
  programs: new Set(),
  remarks: [],
  warnings: [],
  tokens: []
})

type End = (what: string) => Effect.Effect<void>

/** The services of the context, where it has them. */
const watched = <R>(
  context: Context.Context<R>,
  memory: Memory,
  allowed: Allowed,
  end: End
): Context.Context<R> => {
  const replace =
    <I, S>(tag: Context.Tag<I, S>, wrap: (service: S) => S) => (context: Context.Context<R>): Context.Context<R> =>
      Option.match(Context.getOption(context, tag), {
        onNone: () => context,
        onSome: (service) => Context.add(context, tag, wrap(service)) as Context.Context<R>
      })
  return [
    replace(HttpClient.HttpClient, (client) => watchedClient(client, memory, allowed, end)),
    replace(FileSystem.FileSystem, (files) => watchedFiles(files, memory, allowed, end)),
    replace(CredentialProvider.CredentialProvider, (provider) => watchedProvider(provider, allowed, end)),
    replace(CommandExecutor.CommandExecutor, (executor) => watchedExecutor(executor, memory, allowed, end))
  ].reduce((context, step) => step(context), context)
}

const watchedClient = (
  client: HttpClient.HttpClient,
  memory: Memory,
  allowed: Allowed,
  end: End
): HttpClient.HttpClient =>
  HttpClient.transform(client, (response, request) =>
    Effect.suspend(() => {
      const seen: Mutable<RequestLookup> = {
        method: request.method,
        address: originOf(request),
        isSent: allowed.requests,
        status: undefined,
        isImdsV1: isImdsV1(request)
      }
      memory.requests.push(seen)
      if (!allowed.requests) {
        return Effect.zipRight(
          end(`ask ${seen.address}`),
          new HttpClientError.RequestError({ request, reason: "Transport", description: "a dry run sends no request" })
        )
      }
      return Effect.tap(response, ({ status }) =>
        Effect.sync(() => {
          seen.status = status
        }))
    }))

/** Scheme, host and port: the rest of an address may hold a ticket. */
const originOf = ({ url }: HttpClientRequest.HttpClientRequest): string => {
  if (!URL.canParse(url)) return "an invalid address"
  const { host, protocol } = new URL(url)
  return `${protocol}//${host}`
}

const metadata = "http://100.100.100.200"

const isImdsV1 = (request: HttpClientRequest.HttpClientRequest): boolean =>
  originOf(request) === metadata && request.method === "GET" &&
  request.headers["x-aliyun-ecs-metadata-token"] === undefined

const denied = (method: string, pathOrDescriptor: string) =>
  new Error.SystemError({
    module: "FileSystem",
    method,
    reason: "PermissionDenied",
    pathOrDescriptor,
    description: "a dry run changes nothing"
  })

const watchedFiles = (
  files: FileSystem.FileSystem,
  memory: Memory,
  allowed: Allowed,
  end: End
): FileSystem.FileSystem => {
  const note = (path: string, found: string, isRead: boolean): void => {
    const before = memory.files.get(path)
    memory.files.set(path, { path, found, isRead: isRead || before?.isRead === true })
  }
  const reading = <Args extends ReadonlyArray<unknown>, A>(
    read: (path: string, ...args: Args) => Effect.Effect<A, Error.PlatformError>,
    isRead: boolean,
    learn: (path: string, value: A) => void = () => {}
  ) =>
  (path: string, ...args: Args): Effect.Effect<A, Error.PlatformError> =>
    Effect.tapBoth(read(path, ...args), {
      onFailure: (error) =>
        Effect.sync(() => note(path, error._tag === "SystemError" ? error.reason : "BadPath", false)),
      onSuccess: (value) =>
        Effect.sync(() => {
          note(path, "found", isRead)
          learn(path, value)
        })
    })
  const learnToken = (path: string, text: string): void => {
    if (isToken(text.trim())) memory.tokens.push({ path, expiration: jwt.claimsOf(text.trim()).expiration })
  }
  const watched: FileSystem.FileSystem = {
    ...files,
    access: reading(files.access, false),
    stat: reading(files.stat, false),
    readFile: reading(files.readFile, true, (path, bytes) => learnToken(path, new TextDecoder().decode(bytes))),
    readFileString: reading(files.readFileString, true, learnToken)
  }
  if (allowed.sideEffects) return watched
  const refusing = (method: string) => (path: string): Effect.Effect<never, Error.PlatformError> =>
    Effect.zipRight(end(`write ${path}`), denied(method, path))
  return {
    ...watched,
    chmod: refusing("chmod"),
    chown: refusing("chown"),
    copy: refusing("copy"),
    copyFile: refusing("copyFile"),
    link: refusing("link"),
    makeDirectory: refusing("makeDirectory"),
    makeTempDirectory: () => refusing("makeTempDirectory")("a temporary folder"),
    makeTempDirectoryScoped: () => refusing("makeTempDirectoryScoped")("a temporary folder"),
    makeTempFile: () => refusing("makeTempFile")("a temporary file"),
    makeTempFileScoped: () => refusing("makeTempFileScoped")("a temporary file"),
    open: (path, options) =>
      options?.flag === undefined || options.flag === "r" ? files.open(path, options) : refusing("open")(path),
    remove: refusing("remove"),
    rename: refusing("rename"),
    symlink: refusing("symlink"),
    sink: (path) => Sink.unwrap(refusing("sink")(path)),
    truncate: refusing("truncate"),
    utimes: refusing("utimes"),
    writeFile: refusing("writeFile"),
    writeFileString: refusing("writeFileString")
  }
}

// A JSON Web Token. Nothing else of a file is looked at.
const isToken = (text: string): boolean => text.length < 64 * 1024 && /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)

const watchedExecutor = (
  executor: CommandExecutor.CommandExecutor,
  memory: Memory,
  allowed: Allowed,
  end: End
): CommandExecutor.CommandExecutor =>
  guarded(executor, (program = "a pipe of programs") => {
    memory.programs.add(isPlainPath(program) ? program : "a program")
    return allowed.sideEffects ? Effect.void : Effect.zipRight(end("run a program"), denied("start", program))
  })

/** A provider that the program already has: what it would do to get credentials cannot be watched. */
const watchedProvider = (
  provider: CredentialProvider.Service,
  allowed: Allowed,
  end: End
): CredentialProvider.Service =>
  allowed.requests && allowed.sideEffects ? provider : {
    name: provider.name,
    get: Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const cached = Monitor.of(provider)?.status(now).credentials
      return cached === undefined
        ? Effect.zipRight(end(`ask the provider ${provider.name} of the context`), Effect.dieMessage(refusedByDryRun))
        : Effect.succeed(cached)
    }),
    invalidate: () => Effect.void
  }

/** Only what a person should see: the message, which our errors keep free of secrets. */
const loggerOf = (memory: Memory): Logger.Logger<unknown, void> =>
  Logger.make(({ message }) => {
    const parts = Array.isArray(message) ? message : [message]
    const text = parts.filter((part) => typeof part === "string").join(" ")
    if (text !== "") memory.warnings.push(text)
  })
