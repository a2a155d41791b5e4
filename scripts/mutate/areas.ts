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

/** Tests of the library in one process. Those of packages, documents and other programs notice no mutant. @internal */
export const tests: ReadonlyArray<string> = [
  "test/conformance/**/*.test.ts",
  "test/consumers/**/*.test.ts",
  "test/diagnosis/**/*.test.ts",
  "test/explain/**/*.test.ts",
  "test/internal/**/*.test.ts",
  "test/leaks/**/*.test.ts",
  "test/provider/**/*.test.ts",
  "test/sdk/**/*.test.ts",
  "test/sources/**/*.test.ts"
]
