import type { Survivors } from "./index.ts"

/** @internal */
export const sts: Survivors = {
  "sts/client": [
    {
      why: "only an answer can be a refusal, and an answer sets it first",
      mutants: ["false => true"]
    },
    {
      why: "every request of this module has its time in the map",
      mutants: ["stamps.get(request) ?? answer.exchange.sentAt => stamps.get(request)"]
    },
    {
      why:
        "the other errors of a call, a malformed answer and an expired session, have no reason that could be changed",
      mutants: ["error._tag !== \"CredentialsRejected\" && error._tag !== \"CredentialsUnavailable\" => false"]
    }
  ],
  "sts/jwt": [
    {
      why: "neither text is JSON, so that there are no claims",
      mutants: ["\"\" => \"mutated\""]
    }
  ],
  "sts/oidcHints": [
    {
      why: "undefined is not less than a number, so that the first half is for the compiler",
      mutants: ["expiration !== undefined && expiration <= now => expiration <= now"]
    }
  ]
}
