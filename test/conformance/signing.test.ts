import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import * as acs3 from "../../src/internal/signing/acs3.ts"
import * as rpc from "../../src/internal/sts/signature.ts"
import { canonicalQuery } from "../../src/internal/wire/encode.ts"
import { digest, hashing } from "../../src/internal/wire/hash.ts"
import { decodeSigning, type SigningCase } from "./case.ts"

const folder = "conformance/cases/signing"

const pairsOf = (lists: SigningCase["query"]) => lists.map(([name = "", value = ""]) => [name, value] as const)

const acs3Of = (test: SigningCase) =>
  Effect.map(digest(new TextEncoder().encode(test.body), hashing()), (payloadHash) => {
    const request: acs3.Signable = {
      method: test.method,
      path: Either.getOrThrow(acs3.canonicalPath(test.path)),
      query: pairsOf(test.query),
      headers: Object.fromEntries(pairsOf(test.headers)),
      payloadHash
    }
    const canonicalRequest = acs3.canonicalRequest(request)
    const stringToSign = acs3.stringToSign(canonicalRequest)
    return {
      canonicalRequest,
      stringToSign,
      signatureValue: acs3.sign(stringToSign, test.accessKeySecret),
      authorization: acs3.authorization(request, test.accessKeyId, test.accessKeySecret)
    }
  })

const rpcOf = (test: SigningCase) => {
  const parameters = Object.fromEntries(pairsOf(test.query))
  return {
    canonicalRequest: canonicalQuery(parameters),
    stringToSign: rpc.stringToSign(test.method, parameters),
    signatureValue: rpc.sign(test.method, parameters, test.accessKeySecret)
  }
}

describe("signing", () => {
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const test = decodeSigning(readFileSync(path.join(folder, file), "utf8"))
    it.effect(`${file.slice(0, -5)}: ${test.about}`, () =>
      Effect.gen(function*() {
        const signed: Readonly<Record<string, string>> = test.signature === "acs3" ? yield* acs3Of(test) : rpcOf(test)
        assert.strictEqual(signed["canonicalRequest"], test.canonicalRequest)
        assert.strictEqual(signed["stringToSign"], test.stringToSign)
        assert.strictEqual(signed["signatureValue"], test.signatureValue)
        if (test.authorization !== undefined) assert.strictEqual(signed["authorization"], test.authorization)
      }))
  }
})
