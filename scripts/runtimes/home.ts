/** A home folder with the files of the official tools. */
import { LocalCloud } from "effect-alicloud-credentials/testing"
import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"

const { accessKeyId, accessKeySecret, managedKeyId, managedKeySecret, oidcToken } = LocalCloud.defaults

const profile = { name: "me", mode: "AK", access_key_id: accessKeyId, access_key_secret: accessKeySecret }

const files: Readonly<Record<string, string>> = {
  "token": oidcToken,
  ".aliyun/config.json": JSON.stringify({ current: "me", profiles: [profile] }),
  ".alibabacloud/credentials.ini": [
    "[default]",
    "type = access_key",
    `access_key_id = ${managedKeyId}`,
    `access_key_secret = ${managedKeySecret}`,
    ""
  ].join("\n")
}

export const writeHome = (folder: string): void => {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o600 })
  }
}
