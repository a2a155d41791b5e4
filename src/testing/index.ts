/**
 * A local Alibaba Cloud for tests. It checks signatures, issues sessions, records requests and fails on demand, in
 * memory or as a real server.
 *
 * @since 0.1.0
 */
export * as LocalCloud from "./LocalCloud.ts"

/**
 * A `CredentialProvider` for tests of programs that use credentials. It returns what the test sets and counts the
 * calls.
 *
 * @since 0.1.0
 */
export * as TestCredentialProvider from "./TestCredentialProvider.ts"
