/**
 * What tells one role to assume from another.
 */
import * as Duration from "effect/Duration"
import type { Role } from "./role.ts"

/**
 * The same text only for roles whose fields are all the same. Each text stands behind its length, so that no text can
 * be taken for the beginning of the next one.
 *
 * @internal
 */
export const idOf = ({ duration, externalId = "", policy = "", roleArn, roleSessionName = "" }: Role): string =>
  `${roleArn.length}:${roleArn}${roleSessionName.length}:${roleSessionName}${externalId.length}:${externalId}` +
  `${policy.length}:${policy}${duration === undefined ? "" : Duration.toMillis(duration)}`
