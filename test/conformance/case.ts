/** A file of `conformance/cases`, as `conformance/README.md` explains it. */
import { Schema } from "effect"
import { Program } from "../support/simulatedPrograms.ts"

const Texts = Schema.Record({ key: Schema.String, value: Schema.String })

/** A text, or an object that stands for its JSON. */
const Content = Schema.Union(Schema.String, Schema.Record({ key: Schema.String, value: Schema.Unknown }))
/** Lists of a name and a value. */
const Pairs = Schema.Array(Schema.Array(Schema.String))

const Files = Schema.Record({ key: Schema.String, value: Content })

const Request = Schema.Struct({
  method: Schema.String,
  /** Scheme, host and path. */
  url: Schema.String,
  /** Some of the fields of the query. */
  query: Schema.optional(Texts),
  /** Some of the fields of the form in the body. */
  form: Schema.optional(Texts),
  /** Some of the fields of the query and the form together, for a server that takes them in either. */
  parameters: Schema.optional(Texts),
  /** Some of the fields of the JSON object in the body. */
  json: Schema.optional(Texts),
  /** Some of the headers, in lower case. */
  headers: Schema.optional(Texts),
  /** Headers and fields of the query or the body that are not sent. */
  without: Schema.optional(Schema.Array(Schema.String))
})

const Response = Schema.Union(
  /** The connection is refused, or nothing is ever answered. */
  Schema.Literal("refused", "silent"),
  Schema.Struct({
    status: Schema.optionalWith(Schema.Int, { default: () => 200 }),
    headers: Schema.optionalWith(Texts, { default: () => ({}) }),
    body: Schema.optionalWith(Content, { default: () => "" }),
    /** How far the `Date` of the server is ahead of the clock, in seconds. Without it, there is no `Date`. */
    date: Schema.optional(Schema.Number),
    /** The clock jumps by so many seconds during the request: the machine sleeps, or somebody sets the clock. */
    jump: Schema.optional(Schema.Number)
  })
)

export const Exchange = Schema.Struct({
  request: Request,
  response: Response,
  /** How many requests in a row get this answer. */
  times: Schema.optionalWith(Schema.Int, { default: () => 1 })
})

const Credentials = Schema.Struct({
  type: Schema.Literal("access_key", "sts", "bearer"),
  accessKeyId: Schema.optional(Schema.String),
  accessKeySecret: Schema.optional(Schema.String),
  securityToken: Schema.optional(Schema.String),
  bearerToken: Schema.optional(Schema.String),
  /** In the notation of the official tools. */
  provider: Schema.optional(Schema.String)
})

const Failure = Schema.Struct({
  tag: Schema.String,
  code: Schema.optional(Schema.String),
  /** The tags of the errors of a chain, in the order of its links. */
  attempts: Schema.optional(Schema.Array(Schema.String)),
  /** Parts of the message. */
  says: Schema.optional(Schema.Array(Schema.String))
})

const Get = Schema.Struct({
  get: Schema.Union(Schema.Struct({ credentials: Credentials }), Schema.Struct({ error: Failure })),
  /** So many callers at once, each of which gets this. */
  callers: Schema.optionalWith(Schema.Int, { default: () => 1 }),
  /** How many requests there are because of it, in the background too. */
  requests: Schema.optional(Schema.Int)
})

const Programs = Schema.Record({ key: Schema.String, value: Program })

const Step = Schema.Union(
  Get,
  /** So many seconds pass. */
  Schema.Struct({ advance: Schema.Number }),
  /** Somebody sets the clock, by so many seconds. */
  Schema.Struct({ setClock: Schema.Number }),
  /** A service refuses the credentials of the last `get`. */
  Schema.Struct({ invalidate: Schema.Literal(true) }),
  /** Another program writes files. Null removes one. */
  Schema.Struct({ write: Schema.Record({ key: Schema.String, value: Schema.NullOr(Content) }) }),
  /** Somebody replaces programs. */
  Schema.Struct({ install: Programs })
)

export const Case = Schema.Struct({
  $schema: Schema.Literal("../../case.schema.json"),
  about: Schema.NonEmptyString,
  /** Why an official tool, or another design, does it differently. */
  differs: Schema.optional(Schema.String),
  /** The time at the start. */
  start: Schema.optionalWith(Schema.String, { default: () => "2026-01-02T03:04:05Z" }),
  environment: Schema.optionalWith(Texts, { default: () => ({}) }),
  files: Schema.optionalWith(Files, { default: () => ({}) }),
  programs: Schema.optionalWith(Programs, { default: () => ({}) }),
  /** The default chain, tolerant or strict, or the parameters of the official `Config`. */
  source: Schema.Union(
    Schema.Literal("default", "strict"),
    Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean) })
  ),
  /** How many seconds before they expire sessions of the default chain are renewed, if the program configures it. */
  prefetch: Schema.optional(Schema.Number),
  /** All requests, in their order. */
  exchanges: Schema.optionalWith(Schema.Array(Exchange), { default: () => [] }),
  steps: Schema.NonEmptyArray(Step),
  /** Parts of the JSON of files, at the end. */
  written: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { default: () => ({}) }),
  /** Parts of each line that is logged at warning or above, in order. */
  warnings: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] })
})

export const SigningCase = Schema.Struct({
  $schema: Schema.Literal("../../signing.schema.json"),
  about: Schema.NonEmptyString,
  /** `acs3`: ACS3-HMAC-SHA256. `rpc`: the signature version 1.0 of RPC, with HMAC-SHA1. */
  signature: Schema.Literal("acs3", "rpc"),
  accessKeyId: Schema.String,
  accessKeySecret: Schema.String,
  method: Schema.String,
  /** The path as it is sent. */
  path: Schema.optionalWith(Schema.String, { default: () => "/" }),
  /** Names and values before they are encoded, in the order in which they are given. For `rpc`, also those of the body. */
  query: Schema.optionalWith(Pairs, { default: () => [] }),
  headers: Schema.optionalWith(Pairs, { default: () => [] }),
  body: Schema.optionalWith(Schema.String, { default: () => "" }),
  /** For `rpc`, the encoded and sorted parameters of the query and the body. */
  canonicalRequest: Schema.String,
  stringToSign: Schema.String,
  /** For `acs3` in hexadecimal digits, for `rpc` in base64. */
  signatureValue: Schema.String,
  /** The header, for `acs3`. */
  authorization: Schema.optional(Schema.String)
})

export type Case = typeof Case.Type
export type Exchange = typeof Exchange.Type
export type Step = typeof Step.Type
export type SigningCase = typeof SigningCase.Type

const strict = { onExcessProperty: "error" } as const

/** A misspelled field is an error. */
export const decode = Schema.decodeUnknownSync(Schema.parseJson(Case), strict)
export const decodeSigning = Schema.decodeUnknownSync(Schema.parseJson(SigningCase), strict)
