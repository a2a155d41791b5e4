/**
 * The `fetch` of Node.js loads when it is first needed. On Node.js 20, if a newer undici, such as that of
 * `@effect/platform-node`, was loaded before, it sends with that one's connections, which refuse a request with its own
 * `content-length`. Import this module before undici.
 */

// Without the types of Node.js, which the library must not use by mistake.
interface Global {
  readonly process?: { readonly versions?: { readonly node?: string } }
}

const version = (globalThis as Global).process?.versions?.node ?? ""

// Not needed later, where it would only make the start slower.
if (version.startsWith("20.")) void globalThis.Response
