/**
 * The headers and query parameters that authenticate a request, for each kind of credentials.
 */
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../../Credentials.ts"
import { formatInstant } from "../wire/time.ts"
import * as acs3 from "./acs3.ts"

/** @internal */
export interface Unsigned {
  readonly method: string
  readonly host: string
  /** From {@link acs3.canonicalPath}. */
  readonly path: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly payloadHash: string
  readonly credentials: Credentials
  /** Where the credentials came from. */
  readonly provider: string
  /** Milliseconds of the server's clock. */
  readonly now: number
  readonly nonce: string
}

/** What a signature adds to a request. @internal */
export interface Signed {
  readonly headers: Readonly<Record<string, string>>
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
}

/** @internal */
export const sign = (request: Unsigned): Signed => {
  const { credentials, path } = request
  const common = {
    "x-acs-credentials-provider": request.provider,
    "x-acs-content-sha256": request.payloadHash,
    "x-acs-date": formatInstant(request.now),
    "x-acs-signature-nonce": request.nonce
  }
  if (credentials._tag === "BearerToken") {
    const headers = { ...common, "x-acs-bearer-token": Redacted.value(credentials.bearerToken) }
    // RPC style has only the path `/`, and requires the type of the signature in the query.
    return path === "/"
      ? { headers, query: [["SignatureType", "BEARERTOKEN"]] }
      : { headers: { ...headers, "x-acs-signature-type": "BEARERTOKEN" }, query: [] }
  }
  const headers = credentials._tag === "AccessKey" ? common : {
    ...common,
    "x-acs-accesskey-id": credentials.accessKeyId,
    "x-acs-security-token": Redacted.value(credentials.securityToken)
  }
  const signable: acs3.Signable = {
    method: request.method,
    path,
    query: request.query,
    headers: { host: request.host, ...request.headers, ...headers },
    payloadHash: request.payloadHash
  }
  return {
    headers: {
      ...headers,
      authorization: acs3.authorization(signable, credentials.accessKeyId, Redacted.value(credentials.accessKeySecret))
    },
    query: []
  }
}
