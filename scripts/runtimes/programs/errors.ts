/** Errors of fetch, of which each runtime has its own: they say what is wrong, as far as the runtime says it. */
import { FetchHttpClient } from "@effect/platform"
import { Config, Effect } from "effect"
import { areAsExpected } from "./answers.ts"

const servers = Config.all({
  closed: Config.string("CLOSED_ADDRESS"),
  encoded: Config.string("ENCODED_SERVER"),
  untrusted: Config.string("UNTRUSTED_SERVER")
})

export const errors = Effect.flatMap(servers, ({ closed, encoded, untrusted }) =>
  areAsExpected(
    [
      { name: "closed", uri: `http://${closed}/`, answer: /: (?:ECONNREFUSED|refused, or connection lost)/ },
      // Deno leaves an answer as it is if the request asks for one that is not compressed.
      { name: "encoding", uri: encoded, answer: /^encoded$|the answer is not compressed as its content-encoding says/ },
      { name: "certificate", uri: untrusted, answer: /fix: trust the certificate|internal error of the runtime, ref/ }
    ],
    () => FetchHttpClient.layer
  ))
