/**
 * The output of an external program, decoded as credentials.
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CredentialsMalformed, CredentialsMisconfigured } from "../../CredentialError.ts"
import { AccessKey, StsToken } from "../../Credentials.ts"
import type { Fetched } from "../provider/fetched.ts"
import { decodeJson } from "../wire/json.ts"
import { parseInstant } from "../wire/time.ts"

const Text = Schema.optionalWith(Schema.String, { default: () => "", nullable: true })

const Output = Schema.Struct({
  mode: Text,
  access_key_id: Schema.NonEmptyString,
  access_key_secret: Schema.Redacted(Schema.NonEmptyString),
  sts_token: Text,
  expiration: Text
})

const decode = decodeJson(Output, "the output")

/**
 * As in the official tools, the token decides and not the mode, except that mode `StsToken` needs a token. The CLI is
 * different: it reads the output as a profile, and starts itself without end if the mode of that is `External`.
 *
 * @internal
 */
export const interpret = (
  provider: string,
  text: string
): Either.Either<Fetched, CredentialsMalformed | CredentialsMisconfigured> =>
  Either.gen(function*() {
    const output = yield* decode(provider, text)
    const ends = output.expiration === "" ? undefined : parseInstant(output.expiration)
    if (output.mode === "External") {
      return yield* Either.left(
        new CredentialsMisconfigured({
          provider,
          reason: "the program prints a profile of mode External, not credentials",
          hint: "Make it print mode AK or StsToken"
        })
      )
    }
    const issues = [
      output.mode === "StsToken" && output.sts_token === "" ? ["sts_token is missing"] : [],
      output.expiration !== "" && ends === undefined ? ["expiration is not a time such as 2030-01-01T00:00:00Z"] : []
    ].flat()
    if (issues.length > 0) return yield* Either.left(new CredentialsMalformed({ provider, issues }))
    return toFetched(
      {
        provider,
        accessKeyId: output.access_key_id,
        accessKeySecret: Redacted.make(Redacted.value(output.access_key_secret))
      },
      output.sts_token,
      Option.map(Option.fromNullable(ends), DateTime.unsafeMake)
    )
  })

const toFetched = (
  key: Omit<AccessKey, "_tag">,
  token: string,
  expiration: Option.Option<DateTime.Utc>
): Fetched => ({
  credentials: token === "" ? AccessKey(key) : StsToken({ ...key, securityToken: Redacted.make(token), expiration }),
  expiration
})
