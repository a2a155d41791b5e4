import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { httpProxyFor, proxyFor } from "../../../src/internal/wire/proxy.ts"

const proxies = { http: "http://plain.example:1", https: "http://secure.example:2" }

const ask = (none: string, url: string) =>
  Either.getOrThrow(proxyFor({ ...proxies, none }, new URL(url))) === undefined ? "direct" : "proxy"

describe("NO_PROXY", () => {
  const cases: ReadonlyArray<readonly [string, string, "direct" | "proxy"]> = [
    ["*", "https://a.example/", "direct"],
    ["x.example, *", "https://a.example/", "direct"],
    ["a.example", "https://a.example/", "direct"],
    ["A.Example", "https://a.example./", "direct"],
    ["a.example", "https://b.a.example/", "direct"],
    ["a.example", "https://ba.example/", "proxy"],
    [".a.example", "https://b.a.example/", "direct"],
    [".a.example", "https://a.example/", "direct"],
    ["*.a.example", "https://b.a.example/", "direct"],
    [".", "https://a.example/", "proxy"],
    ["x.example a.example", "https://a.example/", "direct"],
    ["a.example:8443", "https://a.example:8443/", "direct"],
    ["a.example:8443", "https://a.example/", "proxy"],
    ["a.example:443", "https://a.example/", "direct"],
    ["a.example:80", "http://a.example/", "direct"],
    ["10.0.0.0/8", "http://10.200.3.4/", "direct"],
    ["10.0.0.0/8", "http://11.0.0.1/", "proxy"],
    ["10.1.0.0/15", "http://10.1.255.1/", "direct"],
    ["10.2.0.0/15", "http://10.4.0.1/", "proxy"],
    ["10.1.2.3", "http://10.1.2.3:8080/", "direct"],
    ["10.1.2.3:80", "http://10.1.2.3:8080/", "proxy"],
    ["0.0.0.0/0", "http://8.8.8.8/", "direct"],
    ["0.0.0.0/0", "http://[fd00::1]/", "proxy"],
    ["fd00::/8", "http://[fd12:3456::1]/", "direct"],
    ["fd00::/8", "http://[2001:db8::1]/", "proxy"],
    ["[fd12::1]:8080", "http://[fd12:0::1]:8080/", "direct"],
    ["2.3", "http://10.1.2.3/", "proxy"],
    ["10.0.0.0/", "http://99.1.1.1/", "proxy"],
    ["10.0.0.0/-1", "http://99.1.1.1/", "proxy"],
    ["10.0.0.0/33", "http://10.0.0.0/", "proxy"],
    ["", "http://a.example/", "proxy"],
    ["", "http://100.100.100.200/latest/api/token", "direct"],
    ["a.example", "http://100.100.100.200/latest/api/token", "direct"],
    ["", "http://localhost:3000/", "direct"],
    ["", "http://127.1.2.3/", "direct"],
    ["", "http://[::1]/", "direct"]
  ]
  for (const [none, url, expected] of cases) {
    it(`${JSON.stringify(none)}, ${url}: ${expected}`, () => {
      assert.strictEqual(ask(none, url), expected)
    })
  }
})

describe("a proxy variable", () => {
  const https = (value: string) =>
    Either.map(
      proxyFor({ http: "", https: value, none: "" }, new URL("https://a.example/")),
      (found) => found?.href
    )

  it("is an address with or without a scheme", () => {
    assert.deepStrictEqual(https("proxy.example:3128"), Either.right("http://proxy.example:3128/"))
    assert.deepStrictEqual(https("me:secret@proxy.example:3128"), Either.right("http://me:secret@proxy.example:3128/"))
    assert.deepStrictEqual(https("https://proxy.example"), Either.right("https://proxy.example/"))
    assert.deepStrictEqual(https(" "), Either.right(undefined))
  })

  it("that is not an address fails the requests that need it, and no others", () => {
    for (
      const value of [
        "canary-password@:no",
        "ftp://proxy.example",
        "http://",
        "u:canary%zz@proxy:1",
        "'http://proxy:1'"
      ]
    ) {
      const error = Either.getOrThrow(Either.flip(https(value)))
      assert.strictEqual(error.variable, "HTTPS_PROXY")
      assert.notInclude(JSON.stringify(error), "canary")
      const variables = { http: "", https: value, none: "b.example" }
      assert.isTrue(Either.isRight(proxyFor(variables, new URL("http://a.example/"))))
      assert.isTrue(Either.isRight(proxyFor(variables, new URL("https://b.example/"))))
    }
  })

  it("of http is not for https, nor the other way round", () => {
    const one = { http: "http://plain.example", https: "", none: "" }
    assert.deepStrictEqual(proxyFor(one, new URL("https://a.example/")), Either.right(undefined))
    assert.strictEqual(Either.getOrThrow(proxyFor(one, new URL("http://a.example/")))?.href, "http://plain.example/")
  })
})

describe("a client without SOCKS", () => {
  const found = (http: string) => httpProxyFor({ http, https: "", none: "10.0.0.1" }, new URL("http://a.example/"))

  it("refuses a SOCKS proxy, and no other one", () => {
    assert.deepStrictEqual(
      Either.map(found("http://proxy.example:1"), (url) => url?.href),
      Either.right("http://proxy.example:1/")
    )
    assert.deepStrictEqual(found(""), Either.right(undefined))
    for (const address of ["socks5://proxy.example:1", "socks://proxy.example:1"]) {
      const refused = Either.getOrThrow(Either.flip(found(address)))
      assert.strictEqual(refused.variable, "HTTP_PROXY")
      assert.strictEqual(refused.reason, "is the address of a SOCKS proxy, which this runtime cannot use")
    }
  })

  it("does not mind it for a host that is asked directly", () => {
    const direct = httpProxyFor({ http: "socks5://a:1", https: "", none: "10.0.0.1" }, new URL("http://10.0.0.1/"))
    assert.deepStrictEqual(direct, Either.right(undefined))
  })
})
