import { hmac } from "@noble/hashes/hmac.js"
import { sha1 } from "@noble/hashes/legacy.js"
import { base64, type Params, percentEncode, sortByName, utf8 } from "../wire/encode.ts"

/** @internal */
export const canonicalize = (params: Params): string =>
  sortByName(params)
    .filter(([name]) => name !== "Signature")
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&")

/** @internal */
export const stringToSign = (method: string, params: Params): string =>
  [method, percentEncode("/"), percentEncode(canonicalize(params))].join("&")

/** @internal */
export const sign = (secret: string, text: string): string => base64(hmac(sha1, utf8(`${secret}&`), utf8(text)))
