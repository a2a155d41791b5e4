import type { Path } from "@effect/platform"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, type Layer, Option } from "effect"
import { inHome, SystemHome } from "../../../src/internal/files/home.ts"
import type { Texts } from "../../support/variables.ts"

const find = (paths: Layer.Layer<Path.Path>, values: Texts, system?: string) =>
  inHome("cli_profile", ".aliyun", "config.json").pipe(
    Effect.provideService(SystemHome, Option.fromNullable(system)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(values)))),
    Effect.provide(paths)
  )

const posix = NodePath.layerPosix
const windows = NodePath.layerWin32

describe("the home folder on Linux and macOS is", () => {
  it.effect.each<[string, Texts, string | undefined, string]>([
    ["HOME on Linux", { HOME: "/home/u" }, undefined, "/home/u/.aliyun/config.json"],
    ["HOME on macOS", { HOME: "/Users/some one" }, "/Users/other", "/Users/some one/.aliyun/config.json"],
    ["HOME with a trailing slash", { HOME: "/root/" }, undefined, "/root/.aliyun/config.json"],
    ["that of the system without HOME", {}, "/var/lib/app", "/var/lib/app/.aliyun/config.json"],
    ["that of the system if HOME is empty", { HOME: "" }, "/var/lib/app", "/var/lib/app/.aliyun/config.json"],
    ["not USERPROFILE", { USERPROFILE: "C:\\Users\\u" }, "/home/u", "/home/u/.aliyun/config.json"]
  ])(
    "%s",
    ([, values, system, expected]) =>
      Effect.map(find(posix, values, system), (path) => assert.strictEqual(path, expected))
  )
})

describe("the home folder on Windows is", () => {
  const expected = "C:\\Users\\u\\.aliyun\\config.json"
  const all = { USERPROFILE: "D:\\p", HOMEDRIVE: "E:", HOMEPATH: "\\h" }

  it.effect.each<[string, Texts, string | undefined, string]>([
    ["HOME first", { ...all, HOME: "C:\\Users\\u" }, "F:\\s", expected],
    ["then USERPROFILE", { ...all, HOME: "", USERPROFILE: "C:\\Users\\u" }, "F:\\s", expected],
    ["then HOMEDRIVE with HOMEPATH", { HOMEDRIVE: "C:", HOMEPATH: "\\Users\\u" }, "F:\\s", expected],
    ["a HOMEPATH with its own drive", { HOMEDRIVE: "E:", HOMEPATH: "C:\\Users\\u" }, "F:\\s", expected],
    ["HOMEPATH without a drive", { HOMEPATH: "\\Users\\u" }, undefined, "\\Users\\u\\.aliyun\\config.json"],
    ["not HOMEDRIVE without HOMEPATH", { HOMEDRIVE: "E:" }, "C:\\Users\\u", expected],
    ["finally that of the system", {}, "C:\\Users\\u", expected]
  ])(
    "%s",
    ([, values, system, path]) => Effect.map(find(windows, values, system), (found) => assert.strictEqual(found, path))
  )
})

describe("without a home folder, the error names the variables on", () => {
  it.effect.each<[string, Layer.Layer<Path.Path>, string]>([
    ["Linux", posix, "cli_profile: not configured (no home folder: HOME not set)"],
    ["Windows", windows, "cli_profile: not configured (no home folder: HOME, USERPROFILE not set)"]
  ])("%s", ([, paths, message]) =>
    Effect.map(Effect.flip(find(paths, {})), (error) => {
      assert.strictEqual(error._tag, "CredentialsNotConfigured")
      assert.strictEqual(error.message, message)
    }))
})
