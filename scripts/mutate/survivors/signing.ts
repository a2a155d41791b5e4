import type { Survivors } from "./index.ts"

/** @internal */
export const signing: Survivors = {
  "signing/request": [
    {
      why: "in Effect 3 the headers of a request always have the type of its body; in Effect 4 a header can be removed",
      mutants: [
        "request.headers[\"content-type\"] ?? request.body.contentType => request.headers[\"content-type\"]"
      ]
    },
    {
      why: "only a matter of speed: what is assigned to the URL is what it has already",
      mutants: ["path !== url.pathname => true", "url.href.includes(\"#\") => true", "\"#\" => \"\""]
    },
    {
      why: "only a matter of speed: nothing is deleted where there is no such header",
      mutants: ["name in headers => true"]
    }
  ],
  "signing/response": [
    {
      why: "only a matter of speed: looked at one by one, texts without a secret stay as they are",
      mutants: ["!holdsSecret(all.join(\"\\n\"), hidden) => false"]
    },
    {
      why:
        "it differs only for the codes of letters that end one header while the next begins with a letter, and then only the first and last letter of the secret are not recognized",
      mutants: ["\"\\n\" => \"\""]
    },
    {
      why:
        "only a matter of speed: each response is looked through with one set of secrets, and the second time it has nothing left to hide",
      mutants: ["this.#original instanceof SignedResponse => false"]
    },
    {
      why: "neither is a number, nor undefined, which the pattern sees as a text",
      mutants: ["headers[\"content-length\"] ?? \"\" => headers[\"content-length\"]"]
    },
    {
      why:
        "neither is a number; and a body without a type of content is no form, whatever other type it is said to have",
      mutants: ["\"\" => \"mutated\""]
    },
    {
      why:
        "a body without a type of content is no form: the header would be the text undefined, which is no type of a form",
      mutants: ["original.headers[\"content-type\"] ?? \"\" => original.headers[\"content-type\"]"]
    },
    {
      why:
        "a stream of Effect 3 releases what it holds when it ends, so that its scope has nothing left to close; one of Effect 4 holds the reader of the body until its scope is closed",
      mutants: ["head.end === \"whole\" => false", "yield* discard => "]
    },
    {
      why: "what is closed already is closed again without effect",
      mutants: ["head.end !== \"whole\" => true"]
    },
    {
      why: "every runtime of the tests has it",
      mutants: ["\"FinalizationRegistry\" in globalThis => true"]
    },
    {
      why: "the other ends are texts, which have no failure; the compiler needs the check",
      mutants: [
        "typeof head.end === \"object\" && isEmptyBody(head.end.failure) => isEmptyBody(head.end.failure)"
      ]
    },
    {
      why:
        "in Effect 3 a stream that failed fails in the same way when it is pulled again; Effect 4 does not promise that",
      mutants: ["typeof head.end === \"object\" => false"]
    }
  ],
  "wire/encode": [
    {
      why: "only a matter of speed: encoding leaves such a text as it is",
      mutants: ["isUnreserved(text) => false", "/^[\\w.~-]*$/.test(text) => undefined"]
    }
  ],
  "wire/hash": [
    {
      why: "only a matter of speed: another limit for hashing in the background, with the same hash",
      mutants: [
        "{ sha256: (data) => bytesToHex(sha256(typeof data === \"string\" ? utf8ToBytes(data) : data)), hmacSha256: (key, text) => bytesToHex(hmac(sha256, utf8ToBytes(key), utf8ToBytes(text))), hmacSha1: (key, t… => ({ sha256: (data) => bytesToHex(sha256(typeof data === \"string\" ? utf8ToBytes(data) : data)), hmacSha256: (key, text) => bytesToHex(hmac(sha256, utf8ToBytes(key), utf8ToBytes(text))), hmacSha1: (key, …",
        "10 * 1024 => 10 / 1024",
        "10 => 11",
        "1024 => 1025",
        "{ sha256: (data) => crypto.createHash(\"sha256\").update(data).digest(\"hex\"), hmacSha256: (key, text) => crypto.createHmac(\"sha256\", key).update(text).digest(\"hex\"), hmacSha1: (key, text) => crypto.crea… => ({ sha256: (data) => crypto.createHash(\"sha256\").update(data).digest(\"hex\"), hmacSha256: (key, text) => crypto.createHmac(\"sha256\", key).update(text).digest(\"hex\"), hmacSha1: (key, text) => crypto.cre…",
        "1024 * 1024 => 1024 / 1024"
      ]
    },
    {
      why: "the length of a hash is the same for every text",
      mutants: ["\"\" => \"mutated\""]
    }
  ]
}
