import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import * as address from "../../../src/internal/server/address.ts"
import { type Asked, type Policy, refusalOf } from "../../../src/internal/server/guard.ts"
import * as publicUrl from "../../../src/internal/server/publicUrl.ts"

const listening = { hostname: "127.0.0.1", port: 4000 }
const policy: Policy = { listening, hosts: new Set(address.hostsOf(listening)), allowRemoteClients: false }
const good: Asked = { method: "GET", target: "/", hosts: ["127.0.0.1:4000"], peer: "127.0.0.1", headers: {} }

describe("who may ask", () => {
  it("is on the same machine", () => {
    for (const peer of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
      assert.isUndefined(refusalOf({ ...good, peer }, policy), peer)
    }
    for (const peer of ["10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1.evil", "1270.0.0.1", "fe80::1", "", undefined]) {
      assert.strictEqual(refusalOf({ ...good, peer }, policy), "it came from another machine", peer)
      assert.isUndefined(refusalOf({ ...good, peer }, { ...policy, allowRemoteClients: true }), peer)
    }
    const own = { ...policy, listening: { hostname: "100.100.100.200", port: 80 } }
    assert.isUndefined(refusalOf({ ...good, peer: "100.100.100.200" }, own))
    assert.isDefined(refusalOf({ ...good, peer: "100.100.100.201" }, own))
    const every = { ...policy, listening: { hostname: "0.0.0.0", port: 80 } }
    assert.isDefined(refusalOf({ ...good, peer: "0.0.0.0" }, every))
  })

  it("asks the address itself", () => {
    for (const host of ["127.0.0.1:4000", "localhost:4000", "LOCALHOST:4000", "[::1]:4000"]) {
      assert.isUndefined(refusalOf({ ...good, hosts: [host] }, policy), host)
    }
    for (
      const host of ["localhost", "127.0.0.2:4000", "localhost:40000", "::1:4000", "localhost:4000.evil.example", ""]
    ) {
      assert.isDefined(refusalOf({ ...good, hosts: [host] }, policy), host)
    }
    assert.deepStrictEqual(address.hostsOf({ hostname: "100.100.100.200", port: 80 }), [
      "100.100.100.200",
      "100.100.100.200:80"
    ])
    assert.strictEqual(address.authority({ hostname: "::1", port: 1 }), "[::1]:1")
    assert.strictEqual(address.authority({ hostname: "::ffff:127.0.0.1", port: 1 }), "127.0.0.1:1")
  })

  it("is no proxy", () => {
    for (
      const name of ["forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]
    ) {
      assert.strictEqual(refusalOf({ ...good, headers: { [name]: "" } }, policy), "a proxy passed it on", name)
      assert.isUndefined(refusalOf({ ...good, headers: { [name]: "" } }, { ...policy, allowRemoteClients: true }), name)
    }
  })

  it("is no web page", () => {
    assert.isUndefined(refusalOf({ ...good, headers: { "sec-fetch-site": "none", "sec-fetch-mode": "cors" } }, policy))
    assert.isDefined(refusalOf({ ...good, headers: { "sec-fetch-site": "same-origin" } }, policy))
    assert.isDefined(refusalOf({ ...good, headers: { origin: "" } }, policy))
  })
})

describe("the public address", () => {
  it("is a scheme, a host and a port", () => {
    assert.deepStrictEqual(Either.getOrNull(publicUrl.parse("https://KEYS.example:8443/")), {
      base: "https://keys.example:8443",
      hosts: ["keys.example:8443"]
    })
    assert.deepStrictEqual(Either.getOrNull(publicUrl.parse("http://10.0.0.5")), {
      base: "http://10.0.0.5",
      hosts: ["10.0.0.5"]
    })
  })
})
