/**
 * What `npm run mutate` changes, and the tests that may notice it.
 */

/** @internal */
export const areas: Readonly<Record<string, ReadonlyArray<string>>> = {
  time: ["wire/time"],
  deadlines: ["provider/deadlines"],
  signing: [
    "signing/acs3",
    "signing/client",
    "signing/parameters",
    "signing/request",
    "signing/response",
    "signing/signature",
    "wire/encode",
    "wire/hash"
  ],
  "server text": [
    "signing/conceal",
    "wire/codes",
    "wire/disguise",
    "wire/lost",
    "wire/serverText",
    "wire/serviceError"
  ],
  cache: [
    "provider/cacheEntry",
    "provider/cacheState",
    "provider/monitor",
    "provider/refreshCache",
    "provider/watch"
  ],
  chain: ["credentialChain"],
  messages: ["diagnosis/sentence", "diagnosis/surroundings", "diagnosis/verdict", "provider/errors"],
  instance: ["imds/client", "imds/hardware", "imds/session"],
  sts: ["sts/client", "sts/endpoint", "sts/jwt", "sts/oidcHints", "sts/role", "sts/signature", "sts/tokenFile"],
  files: ["files/lockFile", "files/replacement", "files/temporaryFile", "files/writeBack"]
}

/** @internal */
export const filesOf = (area: string): ReadonlyArray<string> =>
  (areas[area] ?? []).map((name) => `src/internal/${name}.ts`)

/** The tests of each area: most of what they do is done by it. */
const near: Readonly<Record<string, ReadonlyArray<string>>> = {
  time: ["test/internal/wire/time.test.ts", "test/internal/wire/serverClock.test.ts"],
  deadlines: ["test/internal/provider/{deadlines,refusals}.test.ts", "test/provider/refreshCache.session.test.ts"],
  signing: [
    "test/conformance/signing.test.ts",
    "test/consumers/*.test.ts",
    "test/internal/signing/*.test.ts",
    "test/internal/wire/{encode,hash}.test.ts"
  ],
  "server text": [
    "test/consumers/{OpenApi,SignedHttpClient.concealment,SignedHttpClient.signing}.test.ts",
    "test/internal/sts/sts.test.ts",
    "test/internal/wire/{codes,disguise,errorBody,lost,serverText}.test.ts"
  ],
  cache: [
    "test/internal/provider/{cacheEntry,cacheState,monitor}.test.ts",
    "test/provider/{CredentialChanges,get,health,patience,refreshCache.*}.test.ts"
  ],
  chain: ["test/provider/{CredentialChain,CredentialChanges,DefaultChain,health,patience}.test.ts"],
  messages: [
    "test/diagnosis/*.test.ts",
    "test/internal/diagnosis/*.test.ts",
    "test/internal/provider/errors.test.ts",
    "test/provider/CredentialError.test.ts"
  ],
  instance: ["test/internal/imds/*.test.ts", "test/sources/EcsRamRole.*.test.ts"],
  sts: [
    "test/consumers/CallerIdentity.test.ts",
    "test/diagnosis/*.test.ts",
    "test/internal/sts/*.test.ts",
    "test/sources/{OidcRoleArn,RamRoleArn.*}.test.ts"
  ],
  files: ["test/internal/files/*.test.ts"]
}

/** Tests of the library in one process. Those of packages, documents and other programs notice no mutant. @internal */
export const allTests: ReadonlyArray<string> = [
  "test/{conformance,consumers,diagnosis,explain,internal,leaks,provider,sdk,sources}/**/*.test.ts"
]

/** The tests of the areas of some files, or all of them for a file of no area. @internal */
export const testsOf = (files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const names = Object.keys(areas)
  const found = files.map((file) => names.find((area) => filesOf(area).includes(file)))
  return found.includes(undefined) ? allTests : [...new Set(found.flatMap((area) => near[area ?? ""] ?? []))]
}
