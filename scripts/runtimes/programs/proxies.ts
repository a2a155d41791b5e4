/** The HTTP client for Node.js, Bun and Deno: the proxies of the variables, and errors that say what is wrong. */
import { Config, ConfigProvider, Effect, Layer } from "effect"
import * as NodeCredentials from "effect-alicloud-credentials/node"
import { areAsExpected, type Case } from "./answers.ts"

type Variables = Readonly<Record<string, string>>

/** The client as it is with these variables. */
const clientWith = (variables: Variables) =>
  Layer.provide(
    NodeCredentials.layerHttpClient,
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

const servers = Config.all({
  closed: Config.string("CLOSED_ADDRESS"),
  direct: Config.string("DIRECT_SERVER"),
  encoded: Config.string("ENCODED_SERVER"),
  proxy: Config.string("PROXY"),
  refusing: Config.string("REFUSING_PROXY"),
  untrusted: Config.string("UNTRUSTED_SERVER")
})

interface CaseWith extends Case {
  readonly variables?: Variables
}

const http = "http://keys.invalid/"
const https = "https://keys.invalid/"

export const proxies = Effect.flatMap(servers, ({ closed, direct, encoded, proxy, refusing, untrusted }) => {
  const cases: ReadonlyArray<CaseWith> = [
    { name: "http", uri: http, variables: { HTTP_PROXY: proxy }, answer: /^through-proxy$/ },
    { name: "https", uri: https, variables: { HTTPS_PROXY: proxy }, answer: /^through-tunnel$/ },
    { name: "in NO_PROXY", uri: direct, variables: { HTTP_PROXY: proxy, NO_PROXY: "0.0.0.0" }, answer: /^direct$/ },
    { name: "not in NO_PROXY", uri: direct, variables: { HTTP_PROXY: proxy }, answer: /^through-proxy$/ },
    {
      name: "no address",
      uri: http,
      variables: { HTTP_PROXY: "canary@:no" },
      answer: /HTTP_PROXY: is not the address/
    },
    {
      name: "closed, http",
      uri: http,
      variables: { HTTP_PROXY: `http://${closed}` },
      answer: /ECONNREFUSED at 127.0.0.1:\d+, perhaps that of a proxy/
    },
    {
      name: "closed, https",
      uri: https,
      variables: { HTTPS_PROXY: `http://${closed}` },
      answer: /ECONNREFUSED at 127.0.0.1:\d+, perhaps that of a proxy/
    },
    { name: "closed, no proxy", uri: `http://${closed}/`, answer: /no connection: ECONNREFUSED/ },
    { name: "refusing, http", uri: http, variables: { HTTP_PROXY: refusing }, answer: /502/ },
    {
      name: "refusing, https",
      uri: https,
      variables: { HTTPS_PROXY: refusing },
      answer: /refused the tunnel with status 502/
    },
    {
      name: "SOCKS",
      uri: http,
      variables: { HTTP_PROXY: `socks5://${closed}` },
      answer: /ECONNREFUSED at 127|HTTP_PROXY: is the address of a SOCKS proxy/
    },
    { name: "encoding", uri: encoded, answer: /^encoded$/ },
    { name: "certificate", uri: untrusted, answer: /fix: trust the certificate/ }
  ]
  return areAsExpected(cases, ({ variables = {} }) => clientWith(variables))
})
