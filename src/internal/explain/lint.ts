/**
 * The rules: what a report shows that should be improved. Each has a stable code.
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type { Finding, LinkReport, Report, Severity } from "../../Explain.ts"
import * as names from "../provider/names.ts"
import * as variables from "../variables.ts"
import { proxyFor } from "../wire/proxy.ts"
import type { Evidence, LinkEvidence } from "./evidence.ts"

/** What the rules look at. @internal */
export type Facts = Omit<Report, "findings">

type Rule = (facts: Facts, evidence: Evidence) => ReadonlyArray<Finding>

const finding =
  (code: string, severity: Severity) => (link: string | undefined, reason: string, fix: string): Finding => ({
    code,
    severity,
    link,
    reason,
    fix
  })

/** A rule about each link by itself. */
const each = (
  rule: (link: LinkReport, evidence: LinkEvidence, facts: Facts) => ReadonlyArray<Finding>
): Rule =>
(facts, { links }) =>
  facts.links.flatMap((link, index) => {
    const evidence = links[index]
    return evidence === undefined ? [] : rule(link, evidence, facts)
  })

const isSet = ({ lookups }: LinkReport, variable: string): boolean =>
  lookups.variables.some(({ isSet, name }) => isSet && name === variable)

const winnerOf = ({ links, winner }: Facts): LinkReport | undefined =>
  winner === undefined ? undefined : links[winner.index]

/** The fix of the error of a link, as a sentence. */
const fixOf = ({ fix }: LinkReport): string | undefined => fix === undefined ? undefined : asSentence(fix)

const halfPair = each((link) => {
  const { accessKeyId, accessKeySecret } = variables.names
  const [set, missing] = isSet(link, accessKeyId) ? [accessKeyId, accessKeySecret] : [accessKeySecret, accessKeyId]
  const isHalf = isSet(link, set) && link.lookups.variables.some(({ name }) => name === missing) &&
    !isSet(link, missing)
  return isHalf
    ? [
      finding("half-pair", "error")(
        link.name,
        `${set} is set, and ${missing} is not`,
        fixOf(link) ?? `Set ${missing} too, or unset ${set}`
      )
    ]
    : []
})

/** Whether it is a file with credentials: the kernel has files too, and others in a pod may read its token. */
const isOfUser = (path: string): boolean => !/^\/(?:sys|proc|var\/run\/secrets|run\/secrets)\//.test(path)

/** How to take a source out of use, as the middle of a sentence. */
const removalOf = (link: LinkReport): string => {
  const everywhere: ReadonlyArray<string> = [variables.names.home, variables.names.userProfile]
  const set = link.lookups.variables.filter(({ isSet, name }) => isSet && !everywhere.includes(name))
  const files = link.lookups.files.filter(({ isRead, path }) => isRead && isOfUser(path))
  if (files.length > 0) return `remove the profile from ${files.map(({ path }) => path).join(" and ")}`
  return set.length > 0 ? `unset ${set.map(({ name }) => name).join(" and ")}` : `remove ${link.name} from the chain`
}

const asSentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const skippedSource: Rule = (facts) => {
  const { links } = facts
  const winner = winnerOf(facts)
  const before = winner === undefined ? [] : links.slice(0, links.indexOf(winner))
  return before.filter(({ isConfigured, outcome }) => isConfigured && outcome === "failed").map((link) =>
    finding("skipped-source", "warning")(
      link.name,
      `it is configured and fails, so the chain uses ${winner?.name}, perhaps with another identity`,
      fixOf(link) ?? `Fix it, or ${removalOf(link)}`
    )
  )
}

const shadowedSource: Rule = (facts) => {
  const { links, surroundings } = facts
  const winner = winnerOf(facts)
  if (winner === undefined) return []
  const others = links.slice(links.indexOf(winner) + 1).filter(({ isConfigured }) => isConfigured)
  return others.map((other) =>
    finding("shadowed-source", "warning")(
      other.name,
      `it is configured, but ${winner.name} comes first`,
      surroundings.inKubernetes && other.name === names.oidcRoleArn
        ? `To let the pod use its own role, ${removalOf(winner)}`
        : `To use ${other.name}, ${removalOf(winner)}; to use ${winner.name}, ${removalOf(other)}`
    )
  )
}

const nodeRoleInPod: Rule = (facts) => {
  const winner = winnerOf(facts)
  return facts.surroundings.inKubernetes && winner?.found?.provider.split("/").includes(names.ecsRamRole) === true
    ? [
      finding("node-role-in-pod", "warning")(
        winner.name,
        "the pod uses the role of its node, as every pod of this node can",
        "Annotate its service account for RRSA (pod-identity.alibabacloud.com/role-name), and recreate the pod"
      )
    ]
    : []
}

const imdsV1 = each((link) =>
  link.lookups.requests.some(({ isImdsV1, status }) => isImdsV1 && status === 200)
    ? [
      finding("imds-v1", "warning")(
        link.name,
        "the metadata service gave a session without a token (IMDSv1): a request that somebody smuggles into a program of this instance (SSRF) can steal it",
        "1. set HttpTokens of the instance to required; 2. run this again: the PUT has to answer 200; 3. then set ALIBABA_CLOUD_IMDSV1_DISABLED=true"
      )
    ]
    : []
)

const longLivedAccessKey: Rule = (facts) => {
  const winner = winnerOf(facts)
  if (winner?.found?.kind !== "AccessKey") return []
  const { inKubernetes, onInstance } = facts.surroundings
  return [
    finding("long-lived-access-key", inKubernetes || onInstance ? "warning" : "info")(
      winner.name,
      "the AccessKey does not expire: whoever steals it can use it until it is deleted",
      sessionInstead(facts, winner)
    )
  ]
}

const sessionInstead = ({ links, surroundings }: Facts, winner: LinkReport): string => {
  const better = links.find(({ found }) => found?.kind === "StsToken")
  if (better !== undefined) {
    const before = links.slice(links.indexOf(winner), links.indexOf(better)).filter(({ isConfigured }) => isConfigured)
    return `Use ${better.name}, which works: ${before.map(removalOf).join(", ")}; then delete the AccessKey`
  }
  if (surroundings.inKubernetes) return "Give the pod a role with RRSA, and delete the AccessKey"
  return surroundings.onInstance
    ? "Attach a RAM role to the instance, and delete the AccessKey"
    : "Use sessions: of a RAM role, or of a login (aliyun configure --mode OAuth)"
}

const rootAccessKey: Rule = ({ identity, winner }) =>
  identity !== undefined && Either.isRight(identity) && identity.right.identityType === "Account"
    ? [
      finding("root-access-key", "error")(
        winner?.link,
        `the credentials are those of the account ${identity.right.accountId} itself, which can do anything`,
        "Create a RAM user or a RAM role with the permissions that the program needs, and delete the AccessKey of the account"
      )
    ]
    : []

const readableByOthers = each((link, { files }) =>
  files.flatMap(({ mode, path }) =>
    mode !== undefined && (mode & 0o044) !== 0 && isOfUser(path)
      ? [
        finding("file-readable-by-others", "warning")(
          link.name,
          `${path} can be read by other users of this machine (mode ${(mode & 0o777).toString(8)})`,
          `Run: chmod 600 ${path}`
        )
      ]
      : []
  )
)

// The shortest that Kubernetes issues is ten minutes.
const shortest = 9 * 60_000

const oidcToken = each((link, { tokens }, { time }) =>
  tokens.flatMap(({ expiration, path, written }) => {
    if (expiration === undefined) return []
    const left = DateTime.distance(time, expiration)
    if (left <= 0) {
      return [
        finding("oidc-token-expired", "error")(
          link.name,
          `the token in ${path} expired at ${DateTime.formatIso(expiration)}${
            written === undefined ? "" : `, and was last written at ${DateTime.formatIso(written)}`
          }`,
          "Recreate the pod; if the token expires again, mount its folder and not the file: a subPath mount is never updated"
        )
      ]
    }
    const life = written === undefined ? 0 : DateTime.distance(written, expiration)
    // Kubernetes writes a new token after four fifths of its life.
    return life >= shortest && left < life / 10
      ? [
        finding("oidc-token-not-rotated", "warning")(
          link.name,
          `the token in ${path} expires at ${
            DateTime.formatIso(expiration)
          }, after which no session can be fetched, and was last written at ${
            DateTime.formatIso(DateTime.subtract(expiration, { millis: life }))
          }`,
          "Recreate the pod; if the token is not renewed again, mount its folder and not the file: a subPath mount is never updated"
        )
      ]
      : []
  })
)

const isRelative = (program: string): boolean => /[\\/]/.test(program) && !/^(?:[\\/]|[a-z]:[\\/])/i.test(program)

const relativeProgram = each((link) =>
  link.lookups.programs.filter(isRelative).map((program) =>
    finding("relative-program", "warning")(
      link.name,
      `${program} is a relative path: another working directory has another program, or none`,
      `Write the full path of ${program}`
    )
  )
)

const proxyCarriesSts: Rule = ({ links }, { proxy }) => {
  const addresses = new Set(links.flatMap(({ lookups }) => lookups.requests.map(({ address }) => address)))
  return [...addresses].filter((address) => address.startsWith("https://sts")).flatMap((address) => {
    const through = Either.getOrUndefined(proxyFor(proxy, new URL(address)))
    return through === undefined ? [] : [
      finding("proxy-carries-sts", "info")(
        undefined,
        `requests to ${
          new URL(address).host
        } use the proxy ${through.protocol}//${through.host} if the HttpClient reads HTTPS_PROXY, as that of effect-alicloud-credentials/node does`,
        `Add ${new URL(address).host} to NO_PROXY if this machine reaches it without the proxy`
      )
    ]
  })
}

const isLoopback = (host: string): boolean => /^(?:(?:.*\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host)

const plainHttpUri = each((link) =>
  [...new Set(link.lookups.requests.map(({ address }) => address))].flatMap((address) => {
    if (!address.startsWith("http://") || address === "http://100.100.100.200") return []
    return isLoopback(new URL(address).hostname) ? [] : [
      finding("plain-http-credentials-uri", "warning")(
        link.name,
        `${address} sends credentials without encryption`,
        "Use https, or a server on 127.0.0.1"
      )
    ]
  })
)

const nearMiss = each((link, { unread }) =>
  unread.filter(({ name }) => link.outcome !== "failed" || link.fix?.split(/[^A-Z_]/).includes(name) !== true).map((
    { meant, name }
  ) =>
    finding("near-miss-variable", isSet(link, meant) ? "info" : "warning")(
      link.name,
      `${name} is set, and nothing reads it`,
      `Use ${meant} for this library`
    )
  )
)

const unknownKeys = each((link, { remarks }) =>
  remarks.map(({ isWarning, text }) =>
    finding("unknown-key", isWarning ? "warning" : "info")(link.name, text, "Correct the name of the key, or remove it")
  )
)

const durationTooLong = each((link) => {
  const { error } = link
  return error !== undefined && "code" in error && error.code?.includes("DurationSeconds") === true
    ? [
      finding("duration-exceeds-role", "error")(
        link.name,
        "STS refuses the session duration: the role allows less",
        fixOf(link) ?? "Set a shorter session duration"
      )
    ]
    : []
})

const rules: ReadonlyArray<Rule> = [
  halfPair,
  durationTooLong,
  oidcToken,
  rootAccessKey,
  skippedSource,
  shadowedSource,
  nodeRoleInPod,
  imdsV1,
  longLivedAccessKey,
  readableByOthers,
  relativeProgram,
  plainHttpUri,
  nearMiss,
  unknownKeys,
  proxyCarriesSts
]

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/** The worst first. @internal */
export const findings: Rule = (facts, evidence) =>
  rules.flatMap((rule) => rule(facts, evidence)).sort((one, other) => order[one.severity] - order[other.severity])
