/**
 * `config.json`: damaged files, and profiles with fields of any kind. Only what stands in the place of a name, a host or
 * a path may be shown.
 */
import { assert } from "@effect/vitest"
import { FastCheck } from "effect"
import { canaryOf, configText, getFrom, profiles } from "../../support/canaryConfig.ts"
import { damaged } from "../damage.ts"
import { printed, target } from "../target.ts"

const fieldNames = [...new Set(profiles.flatMap((profile) => Object.keys(profile))), "sts_expiration", "__proto__", "x"]

// The ends of what a date can hold, and beyond.
const times = FastCheck.constantFrom(0, -1, 1, 0.5, 99_999, 8.64e12, 8.64e12 + 1, 9e15, 1e308, 2 ** 53)

const field = FastCheck.oneof(
  { weight: 2, arbitrary: times },
  { weight: 1, arbitrary: FastCheck.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: FastCheck.constantFrom(null, "", " ", "\"\"", "a\nb", "'a'", "CN", "__proto__") }
)

const stored = { access_key_id: "STS.Id", access_key_secret: "canary-stored-0123456789", sts_token: "t" }

const texts = FastCheck.tuple(
  FastCheck.constantFrom(...profiles),
  FastCheck.constantFrom(
    {},
    stored,
    ...[8.64e12, 8.64e12 + 1, 1e308].map((sts_expiration) => ({ ...stored, sts_expiration })),
    { mode: canaryOf("mode") }
  ),
  FastCheck.dictionary(FastCheck.constantFrom(...fieldNames), field, { maxKeys: 3 })
).map(([profile, session, changes]) => configText({ ...profile, ...session, ...changes }))

const inputs = FastCheck.oneof(
  { weight: 5, arbitrary: damaged(texts) },
  { weight: 1, arbitrary: FastCheck.json({ maxDepth: 4 }) },
  {
    weight: 1,
    arbitrary: FastCheck.tuple(texts, FastCheck.nat(), FastCheck.nat(255)).map(([text, at, byte]) => {
      const bytes = new TextEncoder().encode(text)
      bytes[at % bytes.length] = byte
      return bytes
    })
  }
)

/** What the hints of the library show. */
const example = "acs:ram::1234567890123456:role/deploy"

// A word with a few digits may be a name. No name goes on like this.
const trace = /-0123|23456789/

const shownFields = /^(?:name|current|source_profile|oidc_token_file|sts_region|sts_endpoint)$/

/** Whether a secret stands where a value is shown. Of a text that is not JSON, nothing is. */
const hasShownSecret = (text: string): boolean => {
  let found = false
  try {
    JSON.parse(text.replace(/^\ufeff/, ""), (name, value: unknown) => {
      const isShown = shownFields.test(name) ||
        (/ur[il]$/.test(name) && typeof value === "string" && URL.canParse(value) &&
          trace.test(new URL(value).host))
      found ||= isShown && typeof value === "string" && trace.test(value)
      return value
    })
  } catch {
    return false
  }
  return found
}

export default target({
  name: "config",
  share: 2,
  strands: 20,
  inputs,
  check: async (input) => {
    const text = (await printed(getFrom(input))).replaceAll(example, "")
    const plain = typeof input === "string" ? input : new TextDecoder().decode(input)
    if (!hasShownSecret(plain)) assert.notMatch(text, trace)
  }
})
