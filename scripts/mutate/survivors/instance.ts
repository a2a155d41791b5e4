import type { Survivors } from "./index.ts"

/** @internal */
export const instance: Survivors = {
  "imds/client": [
    {
      why: "only what may pass comes here, and of the errors of a request only CredentialsUnavailable may",
      mutants: ["error._tag === \"CredentialsUnavailable\" && error.status === undefined => error.status === undefined"]
    }
  ],
  "imds/session": [
    {
      why: "a text that is split has a first part",
      mutants: [
        "answer.body.trim().split(\"\\n\")[0] ?? \"\" => answer.body.trim().split(\"\\n\")[0]",
        "\"\" => \"mutated\""
      ]
    },
    {
      why: "the guess makes an error of its own of it, with the name of the provider",
      mutants: [
        "{ provider: name, reason: `100.100.100.200: no whole answer within ${millis} ms` } => ({ reason: `100.100.100.200: no whole answer within ${millis} ms` })"
      ]
    },
    {
      why: "a request that got no whole answer fails with one issue, or with an error that has a reason",
      mutants: ["\"; \" => \"\"", "\"reason\" in error => true"]
    }
  ]
}
