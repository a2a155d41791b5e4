/** Where the modules of Effect 3 live in Effect 4. */

export interface Move {
  readonly from: string
  readonly to: string
  readonly why: string
}

const http = [
  "Cookies",
  "FetchHttpClient",
  "Headers",
  "HttpBody",
  "HttpClient",
  "HttpClientError",
  "HttpClientRequest",
  "HttpClientResponse",
  "HttpIncomingMessage",
  "HttpMethod",
  "HttpRouter",
  "HttpServer",
  "HttpServerError",
  "HttpServerRequest",
  "HttpServerResponse",
  "HttpTraceContext",
  "UrlParams"
]

export const moves: ReadonlyArray<Move> = [
  ...http.map((name): Move => ({
    from: `@effect/platform/${name}`,
    to: `effect/http/${name}`,
    why: "Effect 4 has no @effect/platform: HTTP is effect/http"
  })),
  { from: "@effect/platform/FileSystem", to: "effect/FileSystem", why: "Effect 4 has no @effect/platform" },
  { from: "@effect/platform/Path", to: "effect/Path", why: "Effect 4 has no @effect/platform" },
  { from: "@effect/platform/Error", to: "effect/PlatformError", why: "Effect 4 has no @effect/platform" },
  { from: "@effect/platform/Command", to: "effect/process/ChildProcess", why: "processes are effect/process" },
  {
    from: "@effect/platform/CommandExecutor",
    to: "effect/process/ChildProcessSpawner",
    why: "processes are effect/process"
  },
  {
    from: "@effect/platform-node/NodeContext",
    to: "@effect/platform-node/NodeServices",
    why: "a context is now called services"
  },
  { from: "effect/Either", to: "effect/Result", why: "Either is now called Result" },
  { from: "effect/TestClock", to: "effect/testing/TestClock", why: "what tests need is effect/testing" },
  { from: "effect/TestContext", to: "effect/testing/TestClock", why: "the clock is all that is left of it" },
  { from: "effect/FastCheck", to: "fast-check", why: "Effect 4 does not include fast-check" },
  { from: "effect/Encoding", to: "effect/encoding/Base64", why: "each encoding has its module" },
  { from: "effect/ConfigError", to: "effect/Config", why: "the error is in the module of Config" },
  { from: "effect/Runtime", to: "effect/Effect", why: "a runtime is now a context, and effects run with it" }
]

/** Modules of Effect 3 without one in Effect 4. Each of their members needs a rule. */
export const gone: ReadonlySet<string> = new Set([
  "effect/ExecutionStrategy",
  "effect/FiberId",
  "effect/FiberRef",
  "effect/GlobalValue",
  "effect/MetricBoundaries",
  "effect/ParseResult",
  "effect/Supervisor",
  "effect/TestServices"
])

/** The barrel of a module of Effect 4, where importing it is safe. */
export const barrelOf = (module: string): string | undefined => {
  const [, folder] = /^effect\/(http|process|testing|encoding)\/\w+$/.exec(module) ?? []
  if (folder !== undefined) return `effect/${folder}`
  return /^effect\/\w+$/.test(module) ? "effect" : undefined
}
