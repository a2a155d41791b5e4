import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { readdirSync, readFileSync } from "node:fs"
import { type Machine, run } from "../support/programs.ts"
import { onLoopback } from "../support/server.ts"

const accountId = "1234567890123456"
const otherAccountId = "6543210987654321"
const accessKeyId = "LTAI5tExampleKey0001"
const accessKeySecret = "ExampleSecret0001"
const otherAccessKeyId = "LTAI5tExampleKey0002"
const oidcToken = "example-oidc-token"
const oidcProviderArn = (name: string) => `acs:ram::${accountId}:oidc-provider/${name}`
const role = (name: string, account = accountId): LocalCloud.Role => ({
  arn: `acs:ram::${account}:role/${name}`,
  trusted: "all",
  maxSession: "1 hour"
})

/** The cloud of the guides: what they name, it has. */
const cloud = onLoopback({
  seed: "guides",
  world: {
    accessKeys: [{ id: accessKeyId, secret: accessKeySecret, accountId, user: "app" }],
    roles: [role("app"), role("auditor"), role("backup", otherAccountId)],
    oidcProviders: ["ack-rrsa-c1234", "github"].map((name) => ({ arn: oidcProviderArn(name), tokens: [oidcToken] })),
    imds: { ...LocalCloud.defaults.world.imds, accountId, roles: ["app"] },
    uri: { accountId, role: "app", lifetime: "1 hour" }
  }
})

const keys = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret
}

const pod = {
  variables: {
    ALIBABA_CLOUD_ROLE_ARN: role("app").arn,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProviderArn("ack-rrsa-c1234"),
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: "token",
    ALIBABA_CLOUD_ROLE_SESSION_NAME: "billing",
    ALIBABA_CLOUD_STS_REGION: "cn-hangzhou",
    ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true",
    ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
  },
  files: { token: oidcToken }
}

const profile = (name: string, accessKeyId: string) => ({
  name,
  mode: "AK",
  access_key_id: accessKeyId,
  access_key_secret: accessKeySecret
})

/** The machine that each guide is about. */
const guides: Readonly<Record<string, Machine>> = {
  "AGENTS.md": { variables: keys },
  "docs/clients.md": { variables: keys },
  "README.md": { variables: keys },
  "docs/getting-started.md": { variables: keys },
  "docs/choosing-a-source.md": { variables: keys },
  "docs/chains.md": { variables: keys },
  "docs/renewal.md": {},
  "docs/testing.md": {},
  "docs/without-an-sdk.md": { variables: keys },
  "docs/explain.md": { variables: keys },
  "docs/runtimes.md": { variables: keys },
  "docs/kubernetes.md": pod,
  "docs/ci.md": {
    variables: {
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://run.actions.githubusercontent.com/token?job=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "example-request-token"
    },
    answers: { "run.actions.githubusercontent.com": JSON.stringify({ value: oidcToken }) }
  },
  "docs/instances-and-functions.md": {},
  "docs/several-accounts.md": {
    variables: keys,
    files: {
      ".aliyun/config.json": JSON.stringify({
        current: "shop",
        profiles: [profile("shop", accessKeyId), profile("backup", otherAccessKeyId)]
      })
    }
  },
  "docs/many-tenants.md": { variables: keys },
  "docs/give-credentials.md": { variables: keys },
  "docs/security.md": {}
}

interface Program {
  readonly code: string
  /** What the document says that it prints, if it does. */
  readonly output: string | undefined
}

/** Each program of a document, with the first text block between it and the next code in TypeScript, if there is one. */
const programsOf = (text: string): ReadonlyArray<Program> => {
  const blocks = Array.from(
    text.matchAll(/^```(\w*).*\n([\s\S]*?)^```$/gm),
    ([, language = "", body = ""]) => ({ language, body })
  )
  return blocks.flatMap(({ body, language }, index) => {
    const next = blocks.slice(index + 1).find(({ language }) => language === "ts" || language === "text")
    return language === "ts" && body.includes("runMain")
      ? [{ code: body, output: next?.language === "text" ? next.body : undefined }]
      : []
  })
}

const documents = [
  "AGENTS.md",
  "README.md",
  ...readdirSync("docs").filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`)
]

it("runs every document that has a program", () => {
  const withPrograms = documents.filter((file) => programsOf(readFileSync(file, "utf8")).length > 0)
  assert.deepStrictEqual(withPrograms.sort(), Object.keys(guides).sort())
})

for (const [guide, machine] of Object.entries(guides)) {
  const programs = programsOf(readFileSync(guide, "utf8"))

  describe(guide, () => {
    it("has a program", () => assert.isAbove(programs.length, 0))

    for (const [index, { code, output }] of programs.entries()) {
      it.live(`runs program ${index + 1}, which prints what the guide says`, () =>
        Effect.gen(function*() {
          const result = yield* run(code, machine)
          assert.strictEqual(result.errors, "")
          assert.strictEqual(result.code, 0)
          if (output !== undefined) assert.strictEqual(result.output, output)
        }).pipe(Effect.provide(Layer.fresh(cloud))))
    }
  })
}
