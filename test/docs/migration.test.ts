/** Each parameter of the product pages of the official tool has its row in docs/migration.md. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { names as variables } from "../../src/internal/variables.ts"
import { rowsOf } from "./tables.ts"

const page = readFileSync("docs/migration.md", "utf8")

/** What begins a row, by the heading of its table. */
const onTheProductPages: Readonly<Record<string, ReadonlyArray<string>>> = {
  "### Types": [
    "access_key",
    "sts",
    "ram_role_arn",
    "ecs_ram_role",
    "oidc_role_arn",
    "credentials_uri",
    "bearer"
  ],
  "### Parameters of `Config`": [
    "type",
    "access_key_id",
    "access_key_secret",
    "security_token",
    "role_arn",
    "role_session_name",
    "role_name",
    "disable_imds_v1",
    "bearer_token",
    "policy",
    "role_session_expiration",
    "oidc_provider_arn",
    "oidc_token_file_path",
    "external_id",
    "credentials_uri",
    "sts_endpoint",
    "timeout",
    "connect_timeout"
  ],
  "### Variables": [
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABA_CLOUD_ROLE_ARN",
    "ALIBABA_CLOUD_ROLE_SESSION_NAME",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "ALIBABA_CLOUD_IMDSV1_DISABLED",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_PROFILE"
  ],
  "### Fields of `config.json`": [
    "current",
    "profiles",
    "name",
    "mode",
    "access_key_id",
    "access_key_secret",
    "sts_token",
    "ram_role_arn",
    "ram_session_name",
    "expired_seconds",
    "ram_role_name",
    "oidc_provider_arn",
    "oidc_token_file",
    "source_profile"
  ],
  "### Keys of the INI file": [
    "enable",
    "type",
    "access_key_id",
    "access_key_secret",
    "role_name",
    "policy",
    "role_arn",
    "role_session_name",
    "oidc_provider_arn",
    "oidc_token_file_path"
  ],
  "### Calls": [
    "Client()",
    "get_credential()",
    "get_access_key_id()",
    "get_access_key_secret()",
    "get_security_token()",
    "get_type()",
    "credential",
    "auth_util.client_type",
    "CredentialException"
  ]
}

const beginsOf = (heading: string): ReadonlySet<string> =>
  new Set(
    rowsOf(page, heading).flatMap(([first = ""]) => [...first.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name))
  )

describe("docs/migration.md", () => {
  it.each(Object.entries(onTheProductPages))("has a row for everything under %s", (heading, names) => {
    const begins = beginsOf(heading)
    assert.deepStrictEqual(names.filter((name) => !begins.has(name)), [])
  })

  it.each(Object.keys(onTheProductPages))("has no row without an answer under %s", (heading) => {
    const rows = rowsOf(page, heading)
    assert.deepStrictEqual(rows.filter((row) => row.slice(1).every((cell) => cell === "")), [])
  })

  it("has every variable of Alibaba Cloud that the library reads", () => {
    const begins = beginsOf("### Variables")
    const read = Object.values(variables).filter((name) => name.startsWith("ALIBABA_CLOUD_"))
    assert.deepStrictEqual(read.filter((name) => !begins.has(name)), [])
  })
})
