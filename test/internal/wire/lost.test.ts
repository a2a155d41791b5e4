/** Errors as the runtimes make them: each was seen, with other hosts and ports. */
import { assert, describe, it } from "@effect/vitest"
import { atProxy, notConnected } from "../../../src/internal/wire/connection.ts"
import { isMiscoded } from "../../../src/internal/wire/lost.ts"

const errorWith = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields)

/** As fetch of Node.js and of Deno wraps it. */
const fetchFailed = (message: string, fields: object = {}): Error =>
  new TypeError("fetch failed", { cause: errorWith(message, fields) })

const ofBun = (message: string, code: string, fields: object = {}): Error =>
  Object.assign(new TypeError(message), { code, path: "http://sts.example/secret", errno: 0, ...fields })

const sending = "error sending request for url (https://sts.example/secret): client error (Connect): "

const linesOf = (cause: unknown, address = "https://sts.example/secret") =>
  notConnected("test", address, cause).message.split("\n  ").slice(1)

const trust =
  "fix: trust the certificate of the proxy or firewall that intercepts TLS: NODE_EXTRA_CA_CERTS=/path/to/ca.pem"

describe("a failed connection", () => {
  const cases: ReadonlyArray<readonly [runtime: string, cause: unknown, words: string, fix?: string]> = [
    [
      "Node.js",
      fetchFailed("connect ECONNREFUSED 127.0.0.1:39915", {
        code: "ECONNREFUSED",
        syscall: "connect",
        address: "127.0.0.1",
        port: 443
      }),
      "ECONNREFUSED at 127.0.0.1:443"
    ],
    [
      "Node.js",
      fetchFailed("getaddrinfo EAI_AGAIN sts.example", { code: "EAI_AGAIN", hostname: "sts.example" }),
      "host does not resolve (EAI_AGAIN)"
    ],
    [
      "Node.js with several addresses",
      fetchFailed("", {
        code: "ECONNREFUSED",
        errors: [{ address: "::1", port: 443 }, { address: "127.0.0.1", port: 443 }]
      }),
      "ECONNREFUSED at [::1]:443"
    ],
    [
      "Node.js with one address",
      fetchFailed("", { code: "ECONNREFUSED", errors: [], address: "FD00::1", port: 443 }),
      "ECONNREFUSED at [FD00::1]:443"
    ],
    [
      "undici",
      errorWith("Proxy response (407) !== 200 when HTTP Tunneling", { code: "UND_ERR_ABORTED" }),
      "the proxy refused the tunnel with status 407"
    ],
    ["Bun", ofBun("ECONNREFUSED: Unable to connect. Is the computer able…", "ECONNREFUSED"), "ECONNREFUSED"],
    [
      "Bun",
      ofBun("getaddrinfo EAI_AGAIN proxy.example", "EAI_AGAIN", { hostname: "proxy.example", errno: -3001 }),
      "the host of the proxy does not resolve (EAI_AGAIN)"
    ],
    [
      "Bun",
      errorWith("Proxy refused to open a tunnel: 502 Bad Gateway", { code: "ERR_PROXY_TUNNEL", status: 502 }),
      "the proxy refused the tunnel with status 502"
    ],
    [
      "Bun",
      ofBun("self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      trust
    ],
    ["Bun", ofBun("EPROTO: The TLS handshake failed. Does the server speak TLS…", "EPROTO"), "EPROTO"],
    ["Bun 1.3", ofBun("Unable to connect. Is the computer able…", "ConnectionRefused"), "ConnectionRefused"],
    ["Bun 1.3", ofBun("Was there a typo in the url or port?", "FailedToOpenSocket"), "FailedToOpenSocket"],
    ["Deno", fetchFailed(`${sending}tcp connect error: Connection refused (os error 111)`), "ECONNREFUSED"],
    ["Deno", fetchFailed(`${sending}tcp connect error: Network is unreachable (os error 101)`), "ENETUNREACH"],
    ["Deno", fetchFailed("Connection reset by peer (os error 104)"), "ECONNRESET"],
    [
      "Deno",
      fetchFailed(
        "error sending request from 127.0.0.1:44542 for http://127.0.0.1:33301/ (127.0.0.1:33301): client error (SendRequest): connection closed before message completed"
      ),
      "ECONNRESET"
    ],
    [
      "Deno",
      fetchFailed(`${sending}dns error: failed to lookup address information: Temporary failure in name resolution`),
      "host does not resolve (EAI_AGAIN)"
    ],
    [
      "Deno",
      fetchFailed(`${sending}dns error: failed to lookup address information: Name or service not known`),
      "host does not resolve (ENOTFOUND)"
    ],
    [
      "Deno",
      fetchFailed(`${sending}invalid peer certificate: UnknownIssuer`),
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      trust
    ],
    [
      "Deno",
      fetchFailed(`${sending}invalid peer certificate: certificate not valid for name "sts.example"; certificate is…`),
      "ERR_TLS_CERT_ALTNAME_INVALID"
    ],
    [
      "Deno",
      fetchFailed(`${sending}invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))`),
      "the certificate is not valid"
    ],
    [
      "Deno",
      fetchFailed(`${sending}invalid peer certificate: certificate expired: verification time 1800000000 (UNIX), but…`),
      "CERT_HAS_EXPIRED"
    ],
    ["Deno", fetchFailed(`${sending}tcp connect error: No route to host (os error 113)`), "EHOSTUNREACH"],
    ["Deno", fetchFailed(`${sending}tcp connect error: Connection timed out (os error 110)`), "ETIMEDOUT"],
    ["Deno", fetchFailed(`${sending}received corrupt message of type InvalidContentType`), "EPROTO"],
    [
      "Deno",
      errorWith("Requires net access to \"sts.example:443\", run again with the --allow-net flag", {
        name: "NotCapable"
      }),
      "EPERM",
      "fix: allow the program to connect to sts.example; with Deno: --allow-net=sts.example"
    ],
    [
      "Deno with undici",
      errorWith("getaddrinfo EPERM sts.example", { code: "EPERM", syscall: "getaddrinfo", hostname: "sts.example" }),
      "EPERM",
      "fix: allow the program to connect to sts.example; with Deno: --allow-net=sts.example"
    ],
    ["workerd", errorWith("Network connection lost.", { retryable: true }), "refused, or connection lost"],
    [
      "workerd",
      errorWith("internal error; reference = 40l1drjvcki3les17ps53hk0"),
      "internal error of the runtime, reference 40l1drjvcki3les17ps53hk0 in its log"
    ]
  ]
  for (const [runtime, cause, words, fix] of cases) {
    it(`of ${runtime}: ${words}`, () => {
      assert.deepStrictEqual(linesOf(cause), [
        `server: sts.example: no connection: ${words}`,
        ...fix === undefined ? [] : [fix]
      ])
    })
  }

  it.each(
    [
      fetchFailed("canary https://sts.example/secret"),
      errorWith("internal error; reference = canary secret"),
      errorWith("canary: internal error; reference = 40l1drjvcki3les17ps53hk0"),
      errorWith("internal error; reference = 40l1drjvcki3les17ps53hk0 canary"),
      errorWith("canary: Requires net access to \"sts.example:443\""),
      errorWith("canary: Network connection lost."),
      errorWith("Network connection lost. canary"),
      errorWith("canary: Proxy response (407) !== 200 when HTTP Tunneling"),
      errorWith("Proxy response (407) !== 200 when HTTP Tunneling canary"),
      { message: ["Network connection lost."] },
      { code: ["ECONNREFUSED"] },
      { code: "canary ECONNREFUSED" },
      { code: "ECONNREFUSED canary" },
      { cause: null },
      null,
      "ECONNREFUSED"
    ].map((cause) => ({ cause }))
  )("without a cause that is known shows nothing of $cause", ({ cause }) => {
    assert.deepStrictEqual(linesOf(cause), ["server: sts.example: no connection"])
  })

  it.each(
    [
      { address: "canary 127.0.0.1" },
      { address: "127.0.0.1 canary" },
      { address: "canary::1" },
      { address: "::1 canary" },
      { address: "canary" },
      { address: "cafe" },
      { address: ["10.0.0.1"] },
      { address: 5 },
      { port: "canary" },
      { port: 44.3 },
      { status: 502 }
    ].map((fields) => ({ fields }))
  )("has no address but an IP address with a port: $fields", ({ fields }) => {
    const cause = errorWith("", { code: "ECONNREFUSED", address: "10.0.0.1", port: 3128, ...fields })
    const at = "status" in fields ? " at 10.0.0.1:3128, perhaps that of a proxy" : ""
    assert.deepStrictEqual(linesOf(cause), [`server: sts.example: no connection: ECONNREFUSED${at}`])
  })

  it("has a host only if that is a text, and the status of a proxy only if that is a number", () => {
    assert.deepStrictEqual(linesOf(errorWith("", { code: "ENOTFOUND", hostname: 5 })), [
      "server: sts.example: no connection: host does not resolve (ENOTFOUND)"
    ])
    assert.deepStrictEqual(linesOf(errorWith("", { code: "ERR_PROXY_TUNNEL", status: "canary" })), [
      "server: sts.example: no connection: ERR_PROXY_TUNNEL"
    ])
  })

  it("is looked for in five errors, each the cause of the one before", () => {
    const nested = (levels: number): object => levels === 0 ? { code: "ECONNRESET" } : { cause: nested(levels - 1) }
    assert.deepStrictEqual(linesOf(nested(4)), ["server: sts.example: no connection: ECONNRESET"])
    assert.deepStrictEqual(linesOf(nested(5)), ["server: sts.example: no connection"])
    const endless: { cause?: unknown } = {}
    endless.cause = endless
    assert.deepStrictEqual(linesOf(endless), ["server: sts.example: no connection"])
  })
})

describe("a failed connection to a proxy, on Bun", () => {
  const proxy = new URL("http://user:canary@proxy.example:3128")

  it("has the address of the proxy", () => {
    const codes = [
      "ECONNREFUSED",
      "ENETUNREACH",
      "EHOSTUNREACH",
      "ETIMEDOUT",
      "ConnectionRefused",
      "FailedToOpenSocket"
    ]
    for (const code of codes) {
      assert.deepStrictEqual(linesOf(atProxy(ofBun("Unable to connect", code), proxy)), [
        `server: sts.example: no connection: ${code} at proxy.example:3128, perhaps that of a proxy`
      ])
    }
    assert.deepStrictEqual(linesOf(atProxy(ofBun("", "ECONNREFUSED"), new URL("http://[fd00::1]"))), [
      "server: sts.example: no connection: ECONNREFUSED at [fd00::1]:80, perhaps that of a proxy"
    ])
  })

  it("is left as it is if the connection was opened, or has the name that does not resolve", () => {
    const certificate = ofBun("self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT")
    const unresolved = ofBun("getaddrinfo ENOTFOUND proxy.example", "ENOTFOUND", { hostname: "proxy.example" })
    for (const cause of [certificate, unresolved, undefined, new Error("other")]) {
      assert.strictEqual(atProxy(cause, proxy), cause)
    }
  })
})

describe("an answer that is not compressed as its content-encoding says", () => {
  it("is recognized on each runtime", () => {
    const causes = {
      "Node.js": new TypeError("terminated", { cause: errorWith("incorrect header check", { code: "Z_DATA_ERROR" }) }),
      Bun: ofBun("ZlibError fetching \"http://127.0.0.1:41029/\"", "ZlibError"),
      Deno: new TypeError("Invalid gzip header"),
      workerd: new TypeError("Gzip decompression failed.")
    }
    for (const [runtime, cause] of Object.entries(causes)) {
      assert.isTrue(isMiscoded(cause), runtime)
      assert.isTrue(isMiscoded({ _tag: "ResponseError", cause }), runtime)
    }
    assert.isFalse(isMiscoded(ofBun("The socket connection was closed unexpectedly", "ECONNRESET")))
    for (const code of ["XZ_DATA_ERROR", "Z_DATA_ERROR_2", "AZlibError", "ZlibErrors"]) {
      assert.isFalse(isMiscoded({ code }), code)
    }
    assert.isFalse(isMiscoded(new TypeError("canary: Invalid gzip header")))
    assert.isFalse(isMiscoded(undefined))
  })
})
