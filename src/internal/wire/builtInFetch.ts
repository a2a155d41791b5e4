/**
 * The `fetch` of Node.js 20 loads when it is first needed. If a newer undici, such as that of `@effect/platform-node`, was
 * loaded before, it sends with that one's connections, which refuse a request with its own `content-length`. Import this
 * module before undici.
 */
void globalThis.Response
