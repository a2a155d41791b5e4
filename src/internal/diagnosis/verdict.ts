/**
 * The message of a chain without credentials: first what most likely is wrong and how to fix it, then the rest in short.
 */
import * as DateTime from "effect/DateTime"
import type { CredentialError, Surroundings } from "../../CredentialError.ts"
import { isSwitchedOff } from "../switchedOff.ts"
import { linesOf, type Parts, partsOf, states } from "./sentence.ts"

/** @internal */
export interface Search {
  readonly attempts: ReadonlyArray<CredentialError>
  /** The names of the links that were asked, in the order of `attempts`; undefined for a link without a name. */
  readonly asked: ReadonlyArray<string | undefined>
  readonly notAsked: ReadonlyArray<string>
  readonly surroundings: Surroundings | undefined
}

type ProviderError = Exclude<CredentialError, { readonly _tag: "CredentialChainError" }>

interface Attempt extends Parts {
  readonly name: string
  /** The section of `docs/troubleshooting.md`. */
  readonly section: string
  readonly kind: Kind
}

/** `absent`: nobody configured it. `unusable`: not configured either, but there is a sign that somebody meant to. */
type Kind = "failed" | "unusable" | "absent"

/**
 * In a pod, the role of the node is switched off on purpose, so that it is no fix to switch it on.
 *
 * @internal
 */
export const kindOf = (surroundings: Surroundings | undefined) => (error: CredentialError): Kind => {
  if (error._tag !== "CredentialsNotConfigured") return "failed"
  const isMeant = surroundings?.inKubernetes === true && isSwitchedOff(error)
  return error.hint === undefined || isMeant ? "absent" : "unusable"
}

/** The attempt that most likely explains the failure: what is configured outranks what is tried by default. @internal */
export const culpritOf = <A>(attempts: ReadonlyArray<A>, kind: (attempt: A) => Kind): A | undefined =>
  attempts.find((attempt) => kind(attempt) === "failed") ?? attempts.find((attempt) => kind(attempt) === "unusable")

/** @internal */
export const message = (search: Search): string => {
  const attempts = attemptsOf(search.attempts, search.asked, search.surroundings)
  const culprit = culpritOf(attempts, ({ kind }) => kind)
  return [
    ...(culprit === undefined
      ? nothingConfigured(attempts, search.surroundings)
      : verdict(culprit, attempts, search.surroundings)),
    ...listed("not asked, because a source before them is configured", search.notAsked),
    `more: effect-alicloud-credentials/docs/troubleshooting.md#${
      culprit?.section ?? sections.CredentialsNotConfigured
    }`,
    ...(search.surroundings === undefined ? [] : [lineOf(search.surroundings)])
  ].join("\n  ")
}

/** The headings of `docs/troubleshooting.md`. @internal */
export const sections: Readonly<Record<ProviderError["_tag"], string>> = {
  CredentialsNotConfigured: "nothing-configured",
  CredentialsMisconfigured: "misconfigured",
  CredentialsUnavailable: "unavailable",
  CredentialsRejected: "rejected",
  CredentialsMalformed: "malformed",
  CredentialsExpired: "expired",
  ReauthenticationRequired: "login-required"
}

/** The heading of the table of codes. @internal */
export const codes = "server-codes"

const verdict = (
  culprit: Attempt,
  attempts: ReadonlyArray<Attempt>,
  surroundings: Surroundings | undefined
): ReadonlyArray<string> => [
  ...linesOf({ ...throughProxy(culprit, surroundings), what: `no credentials: ${culprit.what}` }),
  ...others(attempts.filter((attempt) => attempt !== culprit && attempt.kind !== "absent")),
  ...listed("nothing configured for", attempts.filter(({ kind }) => kind === "absent").map(({ name }) => name))
]

/** The proxy refuses a connection in the same way as the server, so nothing says which of them did. */
const throughProxy = ({ fix, server }: Parts, surroundings: Surroundings | undefined): Omit<Parts, "what"> => {
  const proxy = surroundings?.proxy
  if (!proxy || fix !== undefined || !server?.includes(": no connection")) return { fix, server }
  return {
    server: server.replace(": no connection", ` through the proxy ${proxy}: no connection`),
    fix: `check the proxy ${proxy} (HTTPS_PROXY), or add ${hostIn(server)} to NO_PROXY`
  }
}

const hostIn = (server: string): string => server.slice(0, server.search(/(?::\d+)?: /))

const nothingConfigured = (
  absent: ReadonlyArray<Attempt>,
  surroundings: Surroundings | undefined
): ReadonlyArray<string> => [
  "no credentials: no source is configured",
  ...absent.map(({ what }) => what),
  ...waysToBegin(absent.map(({ name }) => name), surroundings)
]

/** A chain inside of a chain counts as its links. */
const attemptsOf = (
  errors: ReadonlyArray<CredentialError>,
  asked: ReadonlyArray<string | undefined>,
  surroundings: Surroundings | undefined
): ReadonlyArray<Attempt> =>
  errors.flatMap((error, index) =>
    error._tag === "CredentialChainError"
      ? attemptsOf(error.attempts, error.asked, surroundings)
      : [attemptOf(error, asked[index], surroundings)]
  )

const attemptOf = (
  error: ProviderError,
  asked: string | undefined,
  surroundings: Surroundings | undefined
): Attempt => {
  const { provider } = error
  const parts: Parts = Object.hasOwn(states, error._tag) ? partsOf(error) : { what: error.message }
  const isNamed = asked === undefined || provider === asked || provider.startsWith(`${asked}/`)
  return {
    ...parts,
    name: asked ?? provider,
    what: isNamed ? parts.what : `${asked}: ${parts.what}`,
    section: "code" in error && error.code !== undefined ? codes : sections[error._tag],
    kind: kindOf(surroundings)(error)
  }
}

const mostOthers = 3

const others = (attempts: ReadonlyArray<Attempt>): ReadonlyArray<string> => {
  const shown = attempts.slice(0, mostOthers).map((attempt) =>
    `also: ${linesOf(attempt).map((line) => line.trim()).join("; ")}`
  )
  return attempts.length > mostOthers ? [...shown, `also: ${attempts.length - mostOthers} more, see attempts`] : shown
}

const listed = (label: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0 ? [] : [`${label}: ${names.join(", ")}`]

interface Way {
  /** The link that it configures. */
  readonly link: string
  readonly text: string
  /** Whether it is the first thing to try there. */
  readonly isFirstIn?: ((surroundings: Surroundings) => boolean) | undefined
}

const ways: ReadonlyArray<Way> = [
  { link: "cli_profile", text: "on your machine, run: aliyun configure" },
  { link: "env", text: "in CI, set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET" },
  {
    link: "oidc_role_arn",
    text:
      "in Kubernetes, label the namespace and annotate the service account for RRSA, and recreate the pod: see docs/kubernetes.md",
    isFirstIn: ({ inKubernetes }) => inKubernetes
  },
  {
    link: "ecs_ram_role",
    text: "on ECS, attach a RAM role to the instance",
    isFirstIn: ({ onInstance }) => onInstance
  }
]

const mostWays = 3

/** @internal */
export const waysToBegin = (
  absent: ReadonlyArray<string>,
  surroundings: Surroundings | undefined
): ReadonlyArray<string> => {
  const isHere = ({ isFirstIn }: Way) => surroundings !== undefined && isFirstIn?.(surroundings) === true
  const possible = ways.filter(({ link }) => absent.includes(link))
  const ordered = [...possible.filter(isHere), ...possible.filter((way) => !isHere(way))].slice(0, mostWays)
  return ordered.map(({ text }, index) =>
    ordered.length === 1 ? `fix: ${text}` : `${index === 0 ? "fix: " : "     "}${index + 1}. ${text}`
  )
}

/** What is known, in one line that ends with the time. @internal */
export const lineOf = ({ home, inKubernetes, onInstance, proxy, time, user }: Surroundings): string =>
  [
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(home === undefined ? [] : [`home ${home}`]),
    ...(inKubernetes ? ["in Kubernetes"] : []),
    ...(onInstance ? ["on ECS"] : []),
    ...(proxy === undefined ? [] : [proxy === "" ? "a proxy that is not an address" : `proxy ${proxy}`]),
    DateTime.formatIso(time)
  ].join(", ")
