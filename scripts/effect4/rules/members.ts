/** Members with another name or another module in Effect 4, and the same meaning. */

export interface Rename {
  readonly module: string
  readonly from: string
  readonly to: string
  /** The module of Effect 4, where it is not the one that the module moved to. */
  readonly in?: string
  readonly why: string
}

const renames = (module: string, why: string, names: Readonly<Record<string, string>>): ReadonlyArray<Rename> =>
  Object.entries(names).map(([from, to]) => ({ module, from, to, why }))

const unsafe = "unsafe is a suffix"

export const members: ReadonlyArray<Rename> = [
  ...renames("effect/Effect", "catching has shorter names", {
    catchAll: "catch",
    catchAllCause: "catchCause",
    catchAllDefect: "catchDefect",
    tapErrorCause: "tapCause"
  }),
  ...renames("effect/Effect", "Either is now called Result", { either: "result" }),
  ...renames("effect/Effect", "forking names whose child the fiber is", {
    fork: "forkChild",
    forkDaemon: "forkDetach"
  }),
  ...renames("effect/Effect", "there is one kind of fiber", { withFiberRuntime: "withFiber" }),
  ...renames("effect/Effect", "named after its form", { async: "callback" }),
  ...renames("effect/Effect", "a runtime is now a context", { runtime: "context" }),
  ...renames("effect/Effect", "the same with one name less", { orElse: "catch", zipLeft: "tap", zipRight: "andThen" }),
  { module: "effect/Effect", from: "Latch", to: "Latch", in: "effect/Latch", why: "latches have their module" },
  { module: "effect/Effect", from: "makeLatch", to: "make", in: "effect/Latch", why: "latches have their module" },
  {
    module: "effect/Effect",
    from: "unsafeMakeSemaphore",
    to: "makeUnsafe",
    in: "effect/Semaphore",
    why: "semaphores have their module"
  },
  { module: "effect/Effect", from: "clock", to: "Clock", in: "effect/Clock", why: "a service is read by its key" },
  ...renames("effect/Either", "Either is now called Result", {
    Either: "Result",
    left: "fail",
    right: "succeed",
    isLeft: "isFailure",
    isRight: "isSuccess",
    mapLeft: "mapError",
    filterOrLeft: "filterOrFail",
    getRight: "getSuccess",
    getLeft: "getFailure",
    fromNullable: "fromNullishOr"
  }),
  ...renames("effect/ConfigProvider", "any object is one, of JSON or not", { fromJson: "fromUnknown" }),
  ...renames("effect/Array", "Either is now called Result", { getLefts: "getFailures", getRights: "getSuccesses" }),
  ...renames("effect/Array", "adjectives come last", { isNonEmptyReadonlyArray: "isReadonlyArrayNonEmpty" }),
  ...renames("effect/Cause", "a cause is a list of reasons", {
    failureOption: "findErrorOption",
    isInterruptedOnly: "hasInterruptsOnly",
    isDie: "hasDies",
    isInterrupted: "hasInterrupts"
  }),
  ...renames("effect/Exit", "a cause is a list of reasons", { isInterrupted: "hasInterrupts" }),
  ...renames("effect/Config", "configs are named as schemas", {
    string: "String",
    nonEmptyString: "NonEmptyString",
    boolean: "Boolean",
    duration: "Duration",
    url: "URL",
    integer: "Int"
  }),
  ...renames("effect/Context", unsafe, { unsafeGet: "getUnsafe" }),
  ...renames("effect/Context", "a tag is now a key", { Tag: "Key" }),
  ...renames("effect/Clock", unsafe, { ClockTypeId: "Clock" }),
  ...renames("effect/DateTime", unsafe, { unsafeMake: "makeUnsafe", unsafeNow: "nowUnsafe" }),
  ...renames("effect/Duration", "named as the module's input", {
    DurationInput: "Input",
    decode: "fromInputUnsafe"
  }),
  ...renames("effect/Fiber", "there is one kind of fiber", { RuntimeFiber: "Fiber" }),
  ...renames("effect/Fiber", "interrupting does not wait by itself", { interruptFork: "interrupt" }),
  ...renames("effect/Layer", "every layer may hold a scope", {
    scoped: "effect",
    scopedDiscard: "effectDiscard",
    unwrapEffect: "unwrap",
    unwrapScoped: "unwrap"
  }),
  ...renames("effect/Layer", "catching has shorter names", { orElse: "catch" }),
  ...renames("effect/Stream", "every stream may hold a scope", { unwrapScoped: "unwrap" }),
  ...renames("effect/Stream", "the same with one name less", {
    repeatEffect: "fromEffectRepeat"
  }),
  ...renames("effect/Logger", "a formatter is no logger that prints", {
    jsonLogger: "formatJson",
    logfmtLogger: "formatLogFmt",
    stringLogger: "formatSimple",
    structuredLogger: "formatStructured"
  }),
  ...renames("effect/Metric", "every metric is updated", { set: "update" }),
  ...renames("effect/Option", "null and undefined are nullish", { fromNullable: "fromNullishOr" }),
  ...renames("effect/Order", "orders are named as schemas", { string: "String", number: "Number" }),
  ...renames("effect/Random", "named after what it gives", { nextRange: "nextBetween" }),
  {
    module: "effect/TestClock",
    from: "currentTimeMillis",
    to: "currentTimeMillis",
    in: "effect/Clock",
    why: "the test clock is the clock"
  },
  ...renames("effect/Ref", unsafe, { unsafeMake: "makeUnsafe" }),
  ...renames("effect/Scope", "a scope is provided as any service", { extend: "provide", CloseableScope: "Closeable" }),
  ...renames("effect/Schema", "decoding names what it gives", {
    decodeUnknownEither: "decodeUnknownResult",
    decodeUnknown: "decodeUnknownEffect"
  }),
  ...renames("effect/Schema", "a schema named after the type has the value itself", {
    DurationFromSelf: "Duration",
    Redacted: "RedactedFromValue",
    NumberFromString: "FiniteFromString",
    typeSchema: "toType",
    parseJson: "fromJsonString"
  }),
  {
    module: "effect/Encoding",
    from: "encodeBase64",
    to: "encode",
    in: "effect/encoding/Base64",
    why: "each encoding has its module"
  },
  {
    module: "effect/Encoding",
    from: "encodeBase64Url",
    to: "encode",
    in: "effect/encoding/Base64Url",
    why: "each encoding has its module"
  },
  {
    module: "effect/Encoding",
    from: "decodeBase64UrlString",
    to: "decodeString",
    in: "effect/encoding/Base64Url",
    why: "each encoding has its module"
  },
  {
    module: "effect/Encoding",
    from: "encodeHex",
    to: "encode",
    in: "effect/encoding/Hex",
    why: "each encoding has its module"
  },
  ...renames("effect/Runtime", "a runtime is now a context, and effects run with it", {
    runFork: "runForkWith",
    runPromise: "runPromiseWith",
    runPromiseExit: "runPromiseExitWith",
    runSync: "runSyncWith",
    runSyncExit: "runSyncExitWith"
  }),
  {
    module: "effect/Runtime",
    from: "Runtime",
    to: "Context",
    in: "effect/Context",
    why: "a runtime is now a context, and effects run with it"
  },
  {
    module: "effect/Runtime",
    from: "isAsyncFiberException",
    to: "isAsyncFiberError",
    in: "effect/Cause",
    why: "it is one of the errors of causes"
  },
  ...renames("@effect/platform/CommandExecutor", "processes are spawned", {
    CommandExecutor: "ChildProcessSpawner",
    Process: "ChildProcessHandle",
    makeExecutor: "make"
  }),
  ...renames("@effect/platform/Error", "named after its field", { SystemErrorReason: "SystemErrorTag" }),
  ...renames("@effect/platform/Headers", "settings are references", { currentRedactedNames: "CurrentRedactedNames" }),
  ...renames("@effect/platform/HttpClient", "settings are references", {
    currentTracerDisabledWhen: "TracerDisabledWhen",
    currentTracerPropagation: "TracerPropagationEnabled"
  }),
  ...renames("@effect/platform/HttpBody", unsafe, { unsafeJson: "jsonUnsafe" }),
  ...renames("@effect/platform/HttpClientRequest", unsafe, { bodyUnsafeJson: "bodyJsonUnsafe" }),
  ...renames("@effect/platform/HttpClientError", "there is one error, with reasons in it", {
    RequestError: "HttpClientError",
    ResponseError: "HttpClientError"
  }),
  ...renames("@effect/platform/HttpServerError", "there is one error, with reasons in it", {
    RequestError: "HttpServerError"
  }),
  ...renames("@effect/platform-node/NodeContext", "a context is now called services", { NodeContext: "NodeServices" }),
  ...renames("@effect/platform-node/NodeHttpClient", "named after what it is made of", {
    layer: "layerNodeHttp",
    layerWithoutAgent: "layerNodeHttpNoAgent",
    makeAgentLayer: "layerAgentOptions",
    layerUndiciWithoutDispatcher: "layerUndiciNoDispatcher",
    UndiciRequestOptions: "UndiciOptions"
  })
]
