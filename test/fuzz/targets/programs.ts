/**
 * What external programs print, on both outputs, and how they exit.
 */
import { assert } from "@effect/vitest"
import { Effect, FastCheck, Redacted } from "effect"
import { ExternalProcess } from "effect-alicloud-credentials"
import { leakDetector } from "../../support/leaks.ts"
import { programs } from "../../support/simulatedPrograms.ts"
import { damaged, wordsOf } from "../damage.ts"
import { printed, target } from "../target.ts"

const secrets = {
  argument: "canaryArgumentOfCommand0123456789",
  secret: "canaryPrintedSecret0123456789",
  token: "canaryPrintedToken0123456789"
}

const leaks = leakDetector(secrets)

const fields = { access_key_id: "LTAI", access_key_secret: secrets.secret }

const outputs = FastCheck.oneof(
  FastCheck.constantFrom(
    { mode: "AK", ...fields },
    { mode: "StsToken", ...fields, sts_token: secrets.token },
    { mode: "StsToken", ...fields, sts_token: secrets.token, expiration: "9999-12-31T23:59:59Z" },
    { mode: secrets.token, ...fields, ram_role_arn: secrets.token },
    { AccessKeyId: "LTAI", AccessKeySecret: secrets.secret, [secrets.secret]: 1 }
  ).map((output) => JSON.stringify(output)),
  FastCheck.constantFrom(`hello ${secrets.secret}\n{"a": {"b": 1}}`, secrets.secret, "", `<html>${secrets.secret}`)
)

export default target({
  name: "programs",
  share: 2,
  strands: 20,
  inputs: FastCheck.record({
    prints: FastCheck.oneof(damaged(outputs), wordsOf("{", "}", "\"", ":", secrets.secret, "mode")),
    complains: FastCheck.constantFrom("", secrets.secret),
    exits: FastCheck.constantFrom(0, 0, 0, 1, -1, 255)
  }),
  check: async (program) => {
    const command = Redacted.make(`keys --token ${secrets.argument}`)
    const text = await printed(
      Effect.flatMap(ExternalProcess.make({ command }), (provider) => provider.get).pipe(
        Effect.provide(programs({ keys: program }))
      )
    )
    assert.deepStrictEqual(leaks(text), [])
  }
})
