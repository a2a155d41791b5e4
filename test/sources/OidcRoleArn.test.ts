import { Error as PlatformError, FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer, Redacted, TestClock } from "effect"
import { CredentialError, type CredentialProvider, OidcRoleArn } from "effect-alicloud-credentials"
import type { LocalCloud } from "effect-alicloud-credentials/testing"
import { elapsed } from "../support/clock.ts"
import { count, defaults, fault, overCloud, requests } from "../support/cloud.ts"
import { faultyFiles } from "../support/faultyFiles.ts"
import { failure, get, getSession, renew } from "../support/provider.ts"
import { assertShowsNone } from "../support/renderings.ts"
import type { Texts } from "../support/variables.ts"

const { oidcProviderArn, oidcToken, roleArn } = defaults

const file = "/var/run/secrets/token"

const options: OidcRoleArn.OidcOptions = { roleArn, oidcProviderArn, oidcTokenFile: file, refresh: { jitter: 0 } }

const systemError = (reason: PlatformError.SystemErrorReason, method: string, path: string) =>
  new PlatformError.SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: path })

type Looked = string | PlatformError.PlatformError | { readonly type: FileSystem.File.Type; readonly size?: number }

/** A file whose state advances through this list at each look and stays at the last. */
const looks = (...found: ReadonlyArray<Looked>) => {
  const state = { stats: 0, reads: [] as Array<string> }
  const lookAt = (index: number): Looked => found[Math.min(index, found.length - 1)] as Looked
  const layer = FileSystem.layerNoop({
    stat: (path) =>
      Effect.suspend(() => {
        const look = path === file ? lookAt(state.stats++) : systemError("NotFound", "stat", path)
        if (typeof look === "string") {
          return Effect.succeed({ type: "File", size: FileSystem.Size(look.length) } as FileSystem.File.Info)
        }
        return "_tag" in look
          ? Effect.fail(look)
          : Effect.succeed({ type: look.type, size: FileSystem.Size(look.size ?? 0) } as FileSystem.File.Info)
      }),
    readFileString: (path) =>
      Effect.suspend(() => {
        state.reads.push(path)
        const look = lookAt(state.stats - 1)
        return typeof look === "string" ? Effect.succeed(look) : Effect.fail(systemError("NotFound", "open", path))
      })
  })
  return { state, layer }
}

const withFile = (
  files: Layer.Layer<FileSystem.FileSystem>,
  changes: Partial<OidcRoleArn.OidcOptions> = {},
  world?: Partial<LocalCloud.World>
) => overCloud(Layer.provide(OidcRoleArn.layer({ ...options, ...changes }), files), { world })

const notFound = systemError("NotFound", "stat", file)

describe("the AssumeRoleWithOIDC request", () => {
  it.effect("is a POST without a signature, with all parameters in its form", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_323_045_678)
      const session = yield* getSession
      assert.strictEqual(session.provider, "oidc_role_arn")
      const [request] = yield* requests
      assert.strictEqual(request?.method, "POST")
      assert.strictEqual(request?.host, "sts.aliyuncs.com")
      assert.strictEqual(request?.path, "/")
      assert.deepStrictEqual(request?.query, {})
      assert.deepStrictEqual(request?.form, {
        Action: "AssumeRoleWithOIDC",
        Version: "2015-04-01",
        Format: "JSON",
        Timestamp: "2026-01-02T03:04:05Z",
        OIDCProviderArn: oidcProviderArn,
        OIDCToken: oidcToken,
        RoleArn: roleArn,
        RoleSessionName: "credentials-effect-0",
        DurationSeconds: "3600"
      })
      assert.notProperty(request?.headers, "authorization")
      assert.notInclude(JSON.stringify(request?.headers), oidcToken)
    }).pipe(Effect.provide(withFile(looks(oidcToken).layer))))

  it.effect("has a parameter for every option, and goes to the configured host", () =>
    Effect.gen(function*() {
      yield* get
      const [request] = yield* requests
      assert.strictEqual(request?.host, "sts-vpc.cn-hangzhou.aliyuncs.com")
      assert.strictEqual(request?.form["Policy"], "{\"Version\": \"1\"}")
      assert.strictEqual(request?.form["RoleSessionName"], "pod-1")
      assert.strictEqual(request?.form["DurationSeconds"], "900")
      assert.notProperty(request?.form, "ExternalId")
    }).pipe(Effect.provide(withFile(looks(oidcToken).layer, {
      policy: "{\"Version\": \"1\"}",
      roleSessionName: "pod-1",
      duration: "15 minutes",
      sts: { region: "cn-hangzhou", vpc: true }
    }))))

  it.effect("has a new timestamp at each retry, and a refusal shows no part of the token", () =>
    Effect.gen(function*() {
      yield* fault({ kind: "status", status: 503, headers: { "retry-after": "1" } })
      yield* elapsed(get)
      assert.deepStrictEqual((yield* requests).map(({ form }) => form["Timestamp"]?.slice(17, 19)), ["00", "01"])
      for (const shown of [oidcToken, encodeURIComponent(oidcToken), oidcToken.split(".")[1] ?? ""]) {
        const code = "AuthenticationFail.OIDCToken.Invalid"
        yield* fault({ kind: "status", status: 400, code, message: `token ${shown} is bad` })
        const error = yield* Effect.flip(renew)
        assert.strictEqual(error._tag === "CredentialsRejected" && error.code, code)
        assert.match(error.hint ?? "", /issuer/)
        assertShowsNone(error, [shown])
      }
    }).pipe(Effect.provide(withFile(looks(oidcToken).layer))))
})

describe("a refused OIDC token", () => {
  it.effect("is not shown, even if it looks like a word", () => {
    const token = "opaque-token-word"
    const source = OidcRoleArn.layerToken({ roleArn, oidcProviderArn, token: Effect.succeed(Redacted.make(token)) })
    return Effect.gen(function*() {
      yield* fault({ kind: "status", status: 400, code: "InvalidParameter", message: `token ${token} is bad` })
      const error = yield* failure
      assert.include(error.message, "InvalidParameter")
      assertShowsNone(error, [token, "is bad"])
    }).pipe(Effect.provide(overCloud(source)))
  })
})

describe("a refusal of a call that no AccessKey signs", () => {
  it.effect("has a hint that names none", () =>
    Effect.gen(function*() {
      yield* fault({
        kind: "status",
        status: 403,
        code: "NoPermission",
        message: "The role does not trust the caller."
      })
      const error = yield* failure
      assert.match(error.hint ?? "", /^1\. check that the trust policy of the role allows the caller/)
    }).pipe(Effect.provide(withFile(looks(oidcToken).layer))))
})

describe("the OIDC token file", () => {
  it.effect("is read at each exchange, and not in between", () => {
    const { layer, state } = looks("token-1", "token-2", "token-3")
    const tokens = ["token-1", "token-2", "token-3"]
    return Effect.gen(function*() {
      assert.deepStrictEqual(state.reads, [], "building the layer reads nothing")
      yield* get
      yield* get
      assert.deepStrictEqual(state.reads, [file])
      yield* renew
      yield* TestClock.adjust("1 hour")
      yield* get
      assert.deepStrictEqual((yield* requests).map(({ form }) => form["OIDCToken"]), tokens)
    }).pipe(Effect.provide(withFile(layer, {}, { oidcProviders: [{ arn: oidcProviderArn, tokens }] })))
  })

  it.effect("is sent without the white space around the token", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual((yield* requests)[0]?.form["OIDCToken"], oidcToken)
    }).pipe(Effect.provide(withFile(looks(`\n ${oidcToken}\r\n`).layer))))

  const whole = oidcToken
  for (
    const [name, found] of [
      ["absent", [notFound, whole]],
      ["missing for 300 ms", [notFound, notFound, notFound, whole]],
      ["empty", ["", whole]],
      ["only white space", [" \n", whole]],
      ["cut short after the header", [whole.slice(0, 10), whole]],
      ["cut short before the signature", [whole.slice(0, whole.lastIndexOf(".")), whole]],
      ["cut short after the last dot", [whole.slice(0, whole.lastIndexOf(".") + 1), whole]],
      ["busy", [systemError("Busy", "stat", file), whole]],
      ["deleted between stat and read", [{ type: "File", size: 10 }, whole]],
      ["all of these in turn", [notFound, "", whole.slice(0, 10), whole]]
    ] as ReadonlyArray<readonly [string, ReadonlyArray<Looked>]>
  ) {
    it.effect(`that is ${name} at first is waited for`, () =>
      Effect.gen(function*() {
        const { millis } = yield* elapsed(get, "1 second")
        assert.strictEqual(millis, (found.length - 1) * 100)
        assert.deepStrictEqual((yield* requests).map(({ form }) => form["OIDCToken"]), [whole])
      }).pipe(Effect.provide(withFile(looks(...found).layer))))
  }

  for (
    const [name, found, words] of [
      ["missing", notFound, "no such file"],
      ["empty", "\n", "empty"],
      ["not readable", systemError("PermissionDenied", "stat", file), "PermissionDenied"]
    ] as ReadonlyArray<readonly [string, Looked, string]>
  ) {
    it.effect(`that stays ${name} is CredentialsUnavailable within half a second, and is found later`, () => {
      const { layer } = looks(...Array.from({ length: 5 }, () => found), whole)
      return Effect.gen(function*() {
        const { millis, value } = yield* elapsed(failure, "1 second")
        assert.strictEqual(value._tag, "CredentialsUnavailable")
        assert.isTrue(value.isTransient)
        assert.include(value.message, file)
        assert.include(value.message, words)
        assert.strictEqual(millis, 300)
        assert.strictEqual(yield* count, 0)
        yield* get
      }).pipe(Effect.provide(withFile(layer)))
    })
  }

  it.effect("that stays cut short is sent, so that the server decides", () =>
    Effect.gen(function*() {
      const { millis, value } = yield* elapsed(failure, "1 second")
      assert.strictEqual(millis, 300)
      assert.strictEqual(value._tag, "CredentialsRejected")
      assert.strictEqual((yield* requests)[0]?.form["OIDCToken"], "eyJhbGciOi")
    }).pipe(Effect.provide(withFile(looks("eyJhbGciOi").layer))))

  it.effect("with characters that no token has is CredentialsMisconfigured", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assert.include(error.message, "not the text of a token")
    }).pipe(Effect.provide(withFile(looks("canary\uFFFD\u0000").layer))))

  it.effect("need not look like a JSON Web Token", () =>
    Effect.gen(function*() {
      const { millis } = yield* elapsed(get, "1 second")
      assert.strictEqual(millis, 0)
    }).pipe(
      Effect.provide(withFile(looks("opaque token").layer, {}, {
        oidcProviders: [{ arn: oidcProviderArn, tokens: ["opaque token"] }]
      }))
    ))

  for (
    const [name, found] of [
      ["a directory", { type: "Directory" }],
      ["a pipe", { type: "FIFO" }],
      ["a device", { type: "CharacterDevice" }],
      ["larger than 64 KiB", { type: "File", size: 64 * 1024 + 1 }]
    ] as ReadonlyArray<readonly [string, Looked]>
  ) {
    it.effect(`that is ${name} is CredentialsMisconfigured at once, without being read`, () => {
      const { layer, state } = looks(found)
      return Effect.gen(function*() {
        const { millis, value } = yield* elapsed(failure, "1 second")
        assert.strictEqual(value._tag, "CredentialsMisconfigured")
        assert.strictEqual(value._tag === "CredentialsMisconfigured" && value.at, file)
        assert.strictEqual(millis, 0)
        assert.deepStrictEqual(state.reads, [])
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(withFile(layer)))
    })
  }

  it.effect("of exactly 64 KiB is read", () =>
    Effect.gen(function*() {
      yield* get
      assert.lengthOf((yield* requests)[0]?.form["OIDCToken"] ?? "", 19_000)
    }).pipe(
      Effect.provide(withFile(looks(`${"x".repeat(19_000)}${" ".repeat(64 * 1024 - 19_000)}`).layer, {}, {
        oidcProviders: [{ arn: oidcProviderArn, tokens: () => true }]
      }))
    ))

  it.effect("with an invalid path is CredentialsMisconfigured", () => {
    const bad = new PlatformError.BadArgument({ module: "FileSystem", method: "stat", description: "leaky words" })
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      assertShowsNone(error, ["leaky words"])
    }).pipe(Effect.provide(withFile(looks(bad).layer)))
  })
})

describe("the OIDC token file on a real disk", () => {
  const scene = <A, E>(
    body: (paths: {
      readonly token: string
      readonly files: FileSystem.FileSystem
      readonly source: Layer.Layer<CredentialProvider.CredentialProvider | LocalCloud.LocalCloud>
    }) => Effect.Effect<A, E>,
    read: Layer.Layer<FileSystem.FileSystem> = NodeFileSystem.layer
  ) =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const token = `${folder}/token`
      const source = OidcRoleArn.layer({ ...options, oidcTokenFile: token }).pipe(
        Layer.provide(read),
        (layer) =>
          overCloud(layer, { world: { oidcProviders: [{ arn: oidcProviderArn, tokens: ["token-one", "token-two"] }] } })
      )
      return yield* body({ token, files, source })
    }).pipe(Effect.provide(NodeFileSystem.layer))

  it.scopedLive("is read through the symbolic links that Kubernetes swaps", () =>
    scene(({ files, source, token }) =>
      Effect.gen(function*() {
        yield* files.makeDirectory(`${token}-1`)
        yield* files.makeDirectory(`${token}-2`)
        yield* files.writeFileString(`${token}-1/token`, "token-one\n")
        yield* files.writeFileString(`${token}-2/token`, "token-two\n")
        yield* files.symlink(`${token}-1`, `${token}-data`)
        yield* files.symlink(`${token}-data/token`, token)
        yield* Effect.gen(function*() {
          yield* get
          yield* files.symlink(`${token}-2`, `${token}-next`)
          yield* files.rename(`${token}-next`, `${token}-data`)
          yield* renew
          assert.deepStrictEqual((yield* requests).map(({ form }) => form["OIDCToken"]), ["token-one", "token-two"])
        }).pipe(Effect.provide(source))
      })
    ))

  it.scopedLive("fails if it is a directory or missing", () =>
    scene(({ files, source, token }) =>
      Effect.gen(function*() {
        const absent = yield* failure
        assert.strictEqual(absent._tag, "CredentialsUnavailable")
        assert.include(absent.message, `${token}: no such file`)
        yield* files.makeDirectory(token)
        assert.strictEqual((yield* failure)._tag, "CredentialsMisconfigured")
      }).pipe(Effect.provide(source))
    ))

  it.scopedLive("is found if it appears a moment later", () =>
    scene(
      ({ source }) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* get)._tag, "StsToken")
        }).pipe(Effect.provide(source)),
      faultyFiles((files) => ({
        stat: (path) => Effect.tapError(files.stat(path), () => files.writeFileString(path, "token-one"))
      }))
    ))
})

describe("invalid options of OidcRoleArn", () => {
  it.effect("are all named, without their values and without reading the file", () => {
    const { layer, state } = looks(oidcToken)
    return Effect.gen(function*() {
      const error = yield* failure
      assert.strictEqual(error._tag, "CredentialsMisconfigured")
      for (const option of ["roleArn", "duration", "sts.region", "oidcProviderArn", "oidcTokenFile"]) {
        assert.include(error.message, option)
      }
      assertShowsNone(error, ["bad-arn", "bad region"])
      assert.strictEqual(state.stats, 0)
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(withFile(layer, {
      roleArn: "bad-arn",
      duration: "1 minute",
      oidcProviderArn: "",
      oidcTokenFile: "",
      sts: { region: "bad region" }
    })))
  })

  for (const option of ["oidcProviderArn", "oidcTokenFile"] as const) {
    it.effect(`include an empty ${option}`, () =>
      Effect.gen(function*() {
        const error = yield* failure
        assert.strictEqual(error._tag, "CredentialsMisconfigured")
        assert.include(error.message, `${option}: empty`)
      }).pipe(Effect.provide(withFile(looks(oidcToken).layer, { [option]: "" }))))
  }
})

describe("OidcRoleArn.layerToken", () => {
  it.effect("runs the token effect at each exchange and needs no files", () => {
    let asked = 0
    const source = OidcRoleArn.layerToken({
      roleArn,
      oidcProviderArn,
      token: Effect.sync(() => Redacted.make(`ci-${++asked}`))
    })
    return Effect.gen(function*() {
      assert.strictEqual(asked, 0)
      yield* get
      yield* get
      yield* renew
      assert.deepStrictEqual((yield* requests).map(({ form }) => form["OIDCToken"]), ["ci-1", "ci-2"])
    }).pipe(
      Effect.provide(overCloud(source, { world: { oidcProviders: [{ arn: oidcProviderArn, tokens: () => true }] } }))
    )
  })

  it.effect("fails with the error of the token effect", () => {
    const error = new CredentialError.CredentialsMisconfigured({ provider: "ci", at: "CI_JOB_JWT", reason: "not set" })
    return Effect.gen(function*() {
      assert.strictEqual((yield* failure).message, error.message)
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(overCloud(OidcRoleArn.layerToken({ roleArn, oidcProviderArn, token: Effect.fail(error) }))))
  })

  it.effect("checks its options", () =>
    Effect.gen(function*() {
      const error = yield* failure
      assert.include(error.message, "oidcProviderArn: empty")
      assert.notInclude(error.message, "oidcTokenFile")
    }).pipe(
      Effect.provide(
        overCloud(OidcRoleArn.layerToken({ roleArn, oidcProviderArn: "", token: Effect.succeed(Redacted.make("x")) }))
      )
    ))
})

describe("OidcRoleArn", () => {
  const names = {
    ALIBABA_CLOUD_ROLE_ARN: roleArn,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProviderArn,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: file
  } as const
  const all = Object.keys(names) as Array<keyof typeof names>

  const oidcFromVariables = (entries: Texts) =>
    overCloud(Layer.provide(OidcRoleArn.layerEnv, looks(oidcToken).layer), { variables: entries })

  for (let set = 0; set < 8; set++) {
    for (const others of ["missing", "empty"] as const) {
      const given = all.filter((_, index) => (set & (1 << index)) !== 0)
      const missing = all.filter((name) => !given.includes(name))
      const entries = Object.fromEntries([
        ...given.map((name) => [name, names[name]]),
        ...(others === "empty" ? missing.map((name) => [name, ""]) : [])
      ]) as Texts

      it.effect(`layerEnv with ${given.length === 0 ? "none" : given.join(" and ")} set, the others ${others}`, () =>
        Effect.gen(function*() {
          if (missing.length === 0) {
            assert.strictEqual((yield* Effect.provide(get, oidcFromVariables(entries)))._tag, "StsToken")
            return
          }
          const error = yield* Effect.flip(Effect.scoped(Layer.build(oidcFromVariables(entries))))
          if (given.length === 0) {
            assert.strictEqual(error._tag, "CredentialsNotConfigured")
            for (const name of all) assert.include(error.message, name)
          } else {
            assert.strictEqual(error._tag, "CredentialsMisconfigured")
            assert.strictEqual(error._tag === "CredentialsMisconfigured" && error.at, missing.join(", "))
            assert.match(error.hint ?? "", /RRSA/)
          }
        }))
    }
  }

  it.effect("layerEnv takes the session name and the STS endpoint from the variables", () =>
    Effect.gen(function*() {
      yield* get
      const [request] = yield* requests
      assert.strictEqual(request?.form["RoleSessionName"], "from-env")
      assert.strictEqual(request?.host, "sts.cn-shanghai.aliyuncs.com")
    }).pipe(Effect.provide(oidcFromVariables({
      ...names,
      ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env",
      ALIBABA_CLOUD_STS_REGION: "cn-shanghai"
    }))))

  it.effect("layerConfig reads its options from Config", () =>
    Effect.gen(function*() {
      yield* get
      assert.strictEqual((yield* requests)[0]?.form["RoleArn"], roleArn)
    }).pipe(Effect.provide(overCloud(
      OidcRoleArn.layerConfig({
        roleArn: Config.string("CI_ROLE"),
        oidcProviderArn: Config.string("CI_PROVIDER"),
        oidcTokenFile: Config.string("CI_FILE")
      }).pipe(Layer.provide(looks(oidcToken).layer)),
      { variables: { CI_ROLE: roleArn, CI_PROVIDER: oidcProviderArn, CI_FILE: file } }
    ))))
})
