/**
 * What a file of this folder says, and the simulated machine that it describes.
 */
import { Path } from "@effect/platform"
import { Duration, Layer, Option, Redacted, Schema } from "effect"
import {
  CliProfile,
  type CredentialProvider,
  DefaultChain,
  EcsRamRole,
  ExternalProcess,
  IniProfile,
  OidcRoleArn,
  RamRoleArn,
  StaticCredentials
} from "effect-alicloud-credentials"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { disk } from "../support/disk.ts"
import { Program, programs } from "../support/simulatedPrograms.ts"
import { variables } from "../support/variables.ts"

/** Such as `15 minutes`. */
const Length = Schema.declare((input: unknown): input is Duration.DurationInput =>
  typeof input === "string" && Option.isSome(Duration.decodeUnknown(input))
)

const target = {
  service: Schema.optional(Schema.Literal("sts", "imds", "uri", "cloudsso", "oauth", "openapi")),
  operation: Schema.optional(Schema.String),
  times: Schema.optional(Schema.Union(
    Schema.Int,
    // JSON has no word for infinity.
    Schema.transform(Schema.Literal("always"), Schema.Number, {
      strict: true,
      decode: () => Infinity,
      encode: () => "always" as const
    })
  ))
}

const Fault = Schema.Union(
  Schema.Struct({
    ...target,
    kind: Schema.Literal("status"),
    status: Schema.Int,
    code: Schema.optional(Schema.String),
    message: Schema.optional(Schema.String)
  }),
  Schema.Struct({ ...target, kind: Schema.Literal("silent") }),
  Schema.Struct({ ...target, kind: Schema.Literal("disconnect"), errorCode: Schema.optional(Schema.String) }),
  Schema.Struct({
    ...target,
    kind: Schema.Literal("malformed"),
    status: Schema.optional(Schema.Int),
    body: Schema.optional(Schema.String)
  }),
  Schema.Struct({ ...target, kind: Schema.Literal("missing"), fields: Schema.Array(Schema.String) }),
  Schema.Struct({ ...target, kind: Schema.Literal("expired"), ago: Schema.optional(Length) }),
  Schema.Struct({ ...target, kind: Schema.Literal("redirect"), location: Schema.String }),
  Schema.Struct({
    ...target,
    kind: Schema.Literal("skew"),
    millis: Schema.Int,
    of: Schema.optional(Schema.Literal("clock", "date"))
  })
)

/** The parts of the cloud that differ from the local cloud's defaults. */
const World = Schema.Struct({
  accessKeys: Schema.optional(Schema.Array(Schema.Struct({
    id: Schema.String,
    secret: Schema.String,
    accountId: Schema.String,
    user: Schema.optional(Schema.String),
    active: Schema.optional(Schema.Boolean)
  }))),
  roles: Schema.optional(Schema.Array(Schema.Struct({
    arn: Schema.String,
    trusted: Schema.Union(Schema.Literal("all"), Schema.Array(Schema.String)),
    maxSession: Length,
    externalId: Schema.optional(Schema.String)
  }))),
  oidcProviders: Schema.optional(Schema.Array(Schema.Struct({
    arn: Schema.String,
    tokens: Schema.Array(Schema.String)
  }))),
  imds: Schema.optional(Schema.partialWith(
    Schema.Struct({
      roles: Schema.Array(Schema.String),
      v1: Schema.Boolean,
      v2: Schema.Literal("available", "absent", "silent")
    }),
    { exact: true }
  ))
})

const role = {
  roleArn: Schema.String,
  duration: Schema.optional(Length),
  policy: Schema.optional(Schema.String),
  externalId: Schema.optional(Schema.String)
}

const Source = Schema.Union(
  Schema.Literal("default", "strict"),
  Schema.Struct({
    source: Schema.Literal("CliProfile", "IniProfile"),
    file: Schema.optional(Schema.String),
    profile: Schema.optional(Schema.String)
  }),
  Schema.Struct({ source: Schema.Literal("EcsRamRole"), roleName: Schema.optional(Schema.String) }),
  Schema.Struct({ source: Schema.Literal("ExternalProcess"), command: Schema.String }),
  Schema.Struct({
    source: Schema.Literal("OidcRoleArn"),
    ...role,
    oidcProviderArn: Schema.String,
    oidcTokenFile: Schema.String
  }),
  /** A role over an AccessKey, or over a session if there is a token. */
  Schema.Struct({
    source: Schema.Literal("RamRoleArn"),
    ...role,
    accessKeyId: Schema.String,
    accessKeySecret: Schema.String,
    securityToken: Schema.optional(Schema.String)
  })
)

const Situation = Schema.Struct({
  /** What the user did wrong, or what happened to the user. */
  about: Schema.NonEmptyString,
  variables: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** Texts by path; an object is written as JSON. */
  files: Schema.optionalWith(
    Schema.Record({
      key: Schema.String,
      value: Schema.Union(Schema.String, Schema.Record({ key: Schema.String, value: Schema.Unknown }))
    }),
    { default: () => ({}) }
  ),
  /** Paths that exist, and that the user may not read. */
  unreadable: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  /** The permissions of files, in octal digits; 600 by default. */
  modes: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) }),
  /** Whether the folders of the files cannot be written to. */
  readOnly: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  faults: Schema.optionalWith(Schema.Array(Fault), { default: () => [] }),
  world: Schema.optionalWith(World, { default: () => ({}) }),
  /** The programs of the machine by name. Every other is missing. */
  programs: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Program }), { default: () => ({}) }),
  layer: Source,
  /** The options of a dry run. */
  explain: Schema.optionalWith(
    Schema.Struct({
      all: Schema.optional(Schema.Boolean),
      identity: Schema.optional(Schema.Boolean),
      offline: Schema.optional(Schema.Boolean),
      allowSideEffects: Schema.optional(Schema.Boolean)
    }),
    { default: () => ({}) }
  ),
  /** Every secret in it. */
  secrets: Schema.Array(Schema.String.pipe(Schema.minLength(8)))
})

export type Situation = typeof Situation.Type

/** A misspelled field is an error. */
export const decode = Schema.decodeSync(Schema.parseJson(Situation), { onExcessProperty: "error" })

/** The machine of the user, with the local cloud as its network. */
export const machineOf = (situation: Situation) =>
  Layer.mergeAll(
    disk(situation),
    Path.layer,
    programs(situation.programs),
    LocalCloud.layer({ world: worldOf(situation.world), seed: "diagnosis" })
  ).pipe(Layer.provideMerge(variables(situation.variables)))

const { world } = LocalCloud.defaults

const worldOf = (changes: Situation["world"]): LocalCloud.World => ({
  ...world,
  accessKeys: changes.accessKeys ?? world.accessKeys,
  roles: changes.roles ?? world.roles,
  oidcProviders: changes.oidcProviders ?? world.oidcProviders,
  imds: { ...world.imds, ...changes.imds }
})

type Needs = Layer.Layer.Success<ReturnType<typeof machineOf>>

/** What the program of the user provides. */
export const layerOf = ({ layer }: Situation): Layer.Layer<CredentialProvider.CredentialProvider, never, Needs> => {
  if (layer === "default") return DefaultChain.layer
  if (layer === "strict") return DefaultChain.layerStrict
  switch (layer.source) {
    case "CliProfile":
      return CliProfile.layer(layer)
    case "IniProfile":
      return IniProfile.layer(layer)
    case "EcsRamRole":
      return EcsRamRole.layer(layer)
    case "ExternalProcess":
      return ExternalProcess.layer({ command: Redacted.make(layer.command) })
    case "OidcRoleArn":
      return OidcRoleArn.layer(layer)
    case "RamRoleArn":
      return Layer.provide(RamRoleArn.layer(layer), keyOf(layer))
  }
}

interface Key {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string | undefined
}

const keyOf = ({ accessKeyId, accessKeySecret, securityToken }: Key) => {
  const pair = { accessKeyId, accessKeySecret: Redacted.make(accessKeySecret) }
  return securityToken === undefined
    ? StaticCredentials.layerAccessKey(pair)
    : StaticCredentials.layerStsToken({ ...pair, securityToken: Redacted.make(securityToken) })
}
