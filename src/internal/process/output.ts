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
import { textOrEmpty } from "../compat/schema.ts"
import type { Fetched } from "../provider/fetched.ts"
import * as appearance from "../wire/appearance.ts"
import { decodeJson, parseJson } from "../wire/json.ts"
import { parseInstant } from "../wire/time.ts"

const Text = textOrEmpty

const Kind = Schema.Struct({ mode: Text, ram_role_arn: Text, sts_token: Text })

const decodeKind = decodeJson(Kind, "the output")

const Output = Schema.Struct({
  mode: Text,
  access_key_id: Schema.NonEmptyString,
  access_key_secret: Schema.Redacted(Schema.NonEmptyString),
  sts_token: Text,
  expiration: Text
})

const decode = decodeJson(Output, "the output")

// The modes of the CLI whose credentials are not the key pair of the profile, or not yet.
const otherModes = [
  "Anonymous",
  "BearerToken",
  "ChainableRamRoleArn",
  "CloudSSO",
  "CredentialsURI",
  "EcsRamRole",
  "External",
  "OAuth",
  "OIDC",
  "RamRoleArn",
  "RamRoleArnWithRoleName",
  "RsaKeyPair"
]

/** What a program prints that prints a profile, whose key pair is not the credentials that the profile describes. */
const profileIn = ({ mode, ram_role_arn, sts_token }: typeof Kind.Type): string | undefined => {
  const other = otherModes.find((other) => other.toLowerCase() === mode.toLowerCase())
  if (other !== undefined) return `a profile of mode ${other}`
  const isKey = mode === "AK" || mode === "StsToken" || sts_token !== ""
  return ram_role_arn === "" || isKey ? undefined : "a profile with ram_role_arn"
}

const onlyJson = "Make the program print only JSON to stdout, and messages to stderr"

/** What is wrong with an output that is not JSON: how much text is before the object, but not which. */
const notJson = (provider: string, program: string, text: string): CredentialsMalformed => {
  if (text.trim() === "") {
    return new CredentialsMalformed({
      provider,
      issues: [`${program} printed nothing`],
      hint: "Run it in a terminal: it may need one, or a login"
    })
  }
  const before = textBefore(text)
  return new CredentialsMalformed({
    provider,
    issues: [
      before === undefined
        ? `${program} printed ${appearance.ofNoJson(text)}`
        : `${program} printed other text before the JSON (${new TextEncoder().encode(before).byteLength} bytes)`
    ],
    hint: onlyJson
  })
}

// A greeting has few lines, and each try parses the rest of the output.
const mostLines = 16

const textBefore = (text: string): string | undefined => {
  const starts = [...text.matchAll(/\{/g)].slice(0, mostLines).map(({ index }) => index)
  const start = starts.find((start) => start > 0 && Option.isSome(parseJson(text.slice(start))))
  return start === undefined ? undefined : text.slice(0, start)
}

const names = { expected: ["access_key_id", "access_key_secret"], known: Object.keys(Output.fields) }

/** A program for another cloud prints other names. */
const withOtherNames = (program: string, text: string, error: CredentialsMalformed): CredentialsMalformed => {
  const other = error.issues.every((issue) => issue.endsWith(" is missing"))
    ? appearance.otherNames(text, names)
    : undefined
  return new CredentialsMalformed({
    provider: error.provider,
    issues: other === undefined ? error.issues : [`${program} printed ${other}`],
    hint: "Make the program print access_key_id, access_key_secret and sts_token"
  })
}

/**
 * As in the official SDKs, the token decides and not the mode, except that mode `StsToken` needs a token. The CLI reads
 * the output as a profile and resolves it: a role profile would be assumed there, and its base key must not be used here.
 * `program` is how errors call the program.
 *
 * @internal
 */
export const interpret = (
  provider: string,
  program: string,
  text: string
): Either.Either<Fetched, CredentialsMalformed | CredentialsMisconfigured> =>
  Either.gen(function*() {
    if (Option.isNone(parseJson(text))) return yield* Either.left(notJson(provider, program, text))
    const printed = profileIn(yield* decodeKind(provider, text))
    if (printed !== undefined) {
      return yield* Either.left(
        new CredentialsMisconfigured({
          provider,
          reason: `${program} prints ${printed}, not credentials`,
          hint: "Make it print mode AK or StsToken"
        })
      )
    }
    const output = yield* Either.mapLeft(decode(provider, text), (error) => withOtherNames(program, text, error))
    const ends = output.expiration === "" ? undefined : parseInstant(output.expiration)
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
