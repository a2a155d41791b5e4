import { Error as PlatformError, FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import * as tokenFile from "../../../src/internal/sts/tokenFile.ts"
import { elapsed } from "../../support/clock.ts"
import { failingCall } from "../../support/faultyFiles.ts"
import { fileInfo } from "../../support/fileInfo.ts"

const path = "/var/run/secrets/token"

const time = new Date("2026-01-01T00:00:00Z")

const file: tokenFile.TokenFile = {
  provider: "oidc_role_arn",
  path,
  option: "oidcTokenFile",
  variable: "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  mount: "Mount the token",
  maxBytes: 64 * 1024,
  isCutShort: (token) => token.startsWith("cut")
}

const holding = (text: string): FileSystem.FileSystem =>
  FileSystem.makeNoop({
    stat: () => Effect.succeed(fileInfo(text.length, time)),
    readFileString: () => Effect.succeed(text)
  })

const failing = (reason: PlatformError.SystemErrorReason) => FileSystem.makeNoop({ stat: failingCall("stat", reason) })

describe("where a token comes from", () => {
  const info = fileInfo(1, time)

  it.effect.each<[string, FileSystem.FileSystem["stat"], string]>([
    ["the time of its file", () => Effect.succeed(info), `${path}, last written at 2026-01-01T00:00:00.000Z`],
    ["no time if the file has none", () => Effect.succeed({ ...info, mtime: Option.none() }), path],
    ["no time if it is not valid", () => Effect.succeed({ ...info, mtime: Option.some(new Date(Number.NaN)) }), path],
    ["no time if the file is gone", failingCall("stat", "NotFound"), path]
  ])("has %s", ([, stat, expected]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tokenFile.describe(FileSystem.makeNoop({ stat }), path), expected)
    }))
})

describe("the text of a token file", () => {
  const tokenOf = (text: string) => Effect.map(tokenFile.read(holding(text), file), Redacted.value)

  it.effect("has its lines joined, since some tools wrap Base64", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tokenOf("one\ntwo\r\nthree\n"), "onetwothree")
    }))

  it.effect.each<[string, string]>([
    ["of the largest size", "x".repeat(64 * 1024)],
    ["that looks cut short and stays so", "cut"]
  ])("is taken %s", ([, text]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* elapsed(tokenOf(text))).value, text)
    }))
})

describe("the error for a token file", () => {
  const errorOf = (files: FileSystem.FileSystem, changes: Partial<tokenFile.TokenFile> = {}) =>
    Effect.map(elapsed(Effect.flip(tokenFile.read(files, { ...file, ...changes }))), ({ value }) => value)

  it.effect.each<[string, FileSystem.FileSystem, string, string]>([
    ["missing", failing("NotFound"), "no such file", "Mount the token"],
    [
      "not readable",
      failing("PermissionDenied"),
      "cannot be read (PermissionDenied)",
      "Set securityContext.fsGroup of the pod, for example to 1000, so that its user may read the file"
    ],
    ["broken", failing("Unknown"), "cannot be read (Unknown)", "Mount the token"],
    ["empty", holding("\n"), "empty", "Recreate the pod; if the file stays empty, mount the token"]
  ])("that is %s says how to get it, and what names it", ([, files, reason, fix]) =>
    Effect.gen(function*() {
      const error = yield* errorOf(files)
      assert(error._tag === "CredentialsUnavailable")
      assert.deepStrictEqual(
        [error.provider, error.reason, error.hint],
        ["oidc_role_arn", `${path}: ${reason}`, `${fix}, or correct ALIBABA_CLOUD_OIDC_TOKEN_FILE`]
      )
    }))

  it.effect("names the option if no variable names the file", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(failing("NotFound"), { variable: undefined })
      assert.strictEqual(error.hint, "Mount the token, or correct the option oidcTokenFile")
    }))

  const badArgument = new PlatformError.BadArgument({ module: "FileSystem", method: "stat", description: "x" })

  it.effect.each<[string, FileSystem.FileSystem, string, string]>([
    [
      "with a path that is not valid",
      FileSystem.makeNoop({ stat: () => Effect.fail(badArgument) }),
      "oidcTokenFile",
      "not a path"
    ],
    ["larger than the limit", holding("x".repeat(64 * 1024 + 1)), path, "not a file of at most 64 KiB"],
    ["with bytes that are no text", holding("a\u0000b"), path, "not the text of a token"]
  ])("%s says what is wrong, and where", ([, files, at, reason]) =>
    Effect.gen(function*() {
      const error = yield* errorOf(files)
      assert(error._tag === "CredentialsMisconfigured")
      assert.deepStrictEqual([error.provider, error.at, error.reason], ["oidc_role_arn", at, reason])
    }))
})
