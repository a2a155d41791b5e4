/**
 * The two protocols: a secret path that answers with a session, and the metadata service of an instance.
 */
import type * as Clock from "effect/Clock"
import * as Pause from "../provider/pause.ts"
import { type Answer, problem } from "./answer.ts"
import { type Asked, type Policy, refusalOf } from "./guard.ts"
import * as metadataToken from "./metadataToken.ts"
import { isSame } from "./secret.ts"

/** What a request gets. `refused` is the reason for the log. @internal */
export type Decision =
  | { readonly _tag: "Credentials" }
  | { readonly _tag: "Answer"; readonly answer: Answer; readonly refused?: string }

/** @internal */
export type Form = (asked: Asked, clock: Clock.Clock) => Decision

const answer = (answer: Answer): Decision => ({ _tag: "Answer", answer })
const refused = (answer: Answer, reason: string): Decision => ({ _tag: "Answer", answer, refused: reason })
const credentials: Decision = { _tag: "Credentials" }

const notFound = problem(404, "NotFound", "there is nothing here")
const getOnly = problem(405, "MethodNotAllowed", "only GET is allowed", { allow: "GET" })

/** The path is compared first, so that the time of a refusal does not say whether it was right. @internal */
export const uri = (policy: Policy, path: string): Form => (asked) => {
  const isKnown = isSame(asked.target, path)
  const reason = refusalOf(asked, policy) ?? (isKnown ? undefined : "its path is another one")
  if (reason !== undefined) return refused(notFound, reason)
  return asked.method === "GET" ? credentials : refused(getOnly, `its method is ${asked.method.slice(0, 10)}`)
}

const tokenPath = "/latest/api/token"
const rolesPath = "/latest/meta-data/ram/security-credentials"
const ttlHeader = "x-aliyun-ecs-metadata-token-ttl-seconds"
const tokenHeader = "x-aliyun-ecs-metadata-token"

const text = (body: string, headers: Answer["headers"] = {}): Answer => ({
  status: 200,
  contentType: "text/plain",
  body,
  headers
})

const page = (status: number, reason: string): Answer => ({
  status,
  contentType: "text/html",
  body: `${status} - ${reason}`
})

const pages = {
  badRequest: page(400, "Bad Request"),
  unauthorized: page(401, "Unauthorized"),
  forbidden: page(403, "Forbidden"),
  notFound: page(404, "Not Found"),
  notAllowed: page(405, "Method Not Allowed")
}

/** @internal */
export interface MetadataForm {
  readonly roleName: string
  /** Signs the tokens. */
  readonly key: string
  readonly nonce: () => string
}

const token = (asked: Asked, clock: Clock.Clock, { key, nonce }: MetadataForm): Decision => {
  if (asked.method !== "PUT") return refused(pages.notAllowed, "a token needs PUT")
  const ttl = metadataToken.parseTtl(asked.headers[ttlHeader])
  return ttl === undefined
    ? refused(pages.badRequest, "the life of its token is not valid")
    : answer(text(metadataToken.issue(key, Pause.start(clock, ttl * 1000), nonce()), { [ttlHeader]: String(ttl) }))
}

/** @internal */
export const metadata = (policy: Policy, form: MetadataForm): Form => (asked, clock) => {
  const reason = refusalOf(asked, policy)
  if (reason !== undefined) return refused(pages.forbidden, reason)
  if (asked.target === tokenPath) return token(asked, clock, form)
  const isList = asked.target === rolesPath || asked.target === `${rolesPath}/`
  if (!isList && asked.target !== `${rolesPath}/${form.roleName}`) {
    return refused(pages.notFound, "there is no such path")
  }
  if (asked.method !== "GET") return refused(pages.notAllowed, "a role needs GET")
  if (!metadataToken.isValid(form.key, asked.headers[tokenHeader] ?? "", clock)) {
    return refused(pages.unauthorized, "its token is missing, wrong or expired")
  }
  return isList ? answer(text(form.roleName)) : credentials
}
