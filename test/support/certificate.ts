/** A certificate that signs itself, made anew for each run: a key in the repository would be a secret of everybody. */
import { generateKeyPairSync, sign } from "node:crypto"

/** DER: a tag, a length, and the bytes. */
const der = (tag: number, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...parts: ReadonlyArray<Buffer>): Buffer => der(0x30, ...parts)
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"))
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]))
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes)
const time = (date: Date): Buffer => der(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, "")))

const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"))
const commonName = (text: string): Buffer =>
  sequence(der(0x31, sequence(objectId("550403"), der(0x0c, Buffer.from(text)))))
const subjectAltNames = (hosts: ReadonlyArray<string>): Buffer =>
  sequence(objectId("551d11"), der(0x04, sequence(...hosts.map((host) => der(0x82, Buffer.from(host))))))

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString("base64").replaceAll(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`

const day = 86_400_000

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** For one host or more, which may begin with `*.`. */
export const certificateFor = (host: string, ...others: ReadonlyArray<string>): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
  const name = commonName(host)
  const content = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAltNames([host, ...others])))
  )
  const signed = sequence(content, ecdsaWithSha256, bits(sign("sha256", content, privateKey)))
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem("CERTIFICATE", signed)
  }
}
