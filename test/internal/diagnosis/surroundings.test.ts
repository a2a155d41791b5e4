import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as surroundings from "../../../src/internal/diagnosis/surroundings.ts"
import * as verdict from "../../../src/internal/diagnosis/verdict.ts"
import { SystemHome } from "../../../src/internal/files/home.ts"
import { memoryFiles } from "../../support/memoryFiles.ts"
import { broken } from "../../support/providers.ts"
import { type Texts, variables } from "../../support/variables.ts"

const firmware = { "/sys/class/dmi/id/sys_vendor": "Alibaba Cloud\n" }

describe("where a program runs", () => {
  it.effect.each<[string, Texts, Readonly<Record<string, string>>]>([
    ["", {}, {}],
    ["user me, home /home/me, ", { USER: "me", HOME: "/home/me" }, {}],
    ["user me, home C:\\Users\\me, ", { USERNAME: "me", USERPROFILE: "C:\\Users\\me" }, {}],
    ["in Kubernetes, on ECS, ", { KUBERNETES_SERVICE_HOST: "10.0.0.1" }, firmware],
    ["proxy http://proxy:3128, ", { HTTPS_PROXY: "http://user:password@proxy:3128/path" }, {}],
    ["proxy http://proxy:3128, ", { https_proxy: "proxy:3128" }, {}],
    ["proxy socks5://proxy:1080, ", { HTTPS_PROXY: "socks5://proxy:1080" }, {}],
    ["a proxy that is not an address, ", { HTTPS_PROXY: "http://" }, {}]
  ])("is %j", ([expected, entries, files]) =>
    Effect.gen(function*() {
      assert.strictEqual(verdict.lineOf(yield* surroundings.look), `${expected}1970-01-01T00:00:00.000Z`)
    }).pipe(Effect.provide(Layer.merge(variables(entries), memoryFiles(files).layer))))

  it.effect("has the home folder of the operating system, unless a variable names one", () =>
    Effect.gen(function*() {
      const homeOf = (entries: Texts) =>
        Effect.map(surroundings.look, ({ home }) => home).pipe(
          Effect.provide(Layer.merge(variables(entries), memoryFiles({}).layer)),
          Effect.provideService(SystemHome, Option.some("/home/system"))
        )
      assert.strictEqual(yield* homeOf({}), "/home/system")
      assert.strictEqual(yield* homeOf({ HOME: "/home/me" }), "/home/me")
    }))

  it.effect("is not known where variables cannot be read", () =>
    Effect.gen(function*() {
      assert.strictEqual(verdict.lineOf(yield* surroundings.look), "1970-01-01T00:00:00.000Z")
    }).pipe(Effect.withConfigProvider(broken("no permission")), Effect.provide(memoryFiles({}).layer)))
})
