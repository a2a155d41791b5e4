/**
 * A report as JSON.
 */
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type { Found, Json, LinkReport, Report } from "../../Explain.ts"

/** @internal */
export const encode = ({ findings, identity, links, surroundings, time, winner }: Report): Json => ({
  version: 1,
  time: DateTime.formatIso(time),
  surroundings: withoutUndefined({
    user: surroundings.user,
    home: surroundings.home,
    inKubernetes: surroundings.inKubernetes,
    onInstance: surroundings.onInstance,
    proxy: surroundings.proxy
  }),
  links: links.map(linkOf),
  ...(winner === undefined ? {} : { winner: { index: winner.index, link: winner.link, isCertain: winner.isCertain } }),
  ...(identity === undefined ? {} : {
    identity: Either.match(identity, {
      onLeft: (reason) => ({ unknown: reason }),
      onRight: ({ accountId, arn, identityType }) => ({ accountId, arn, identityType })
    })
  }),
  findings: findings.map((finding) => withoutUndefined({ ...finding }))
})

const linkOf = ({ error, fix, found, isConfigured, lookups, millis, name, outcome, reason, warnings }: LinkReport) =>
  withoutUndefined({
    name,
    outcome,
    isConfigured,
    reason,
    fix,
    error: error?._tag,
    found: found === undefined ? undefined : foundOf(found),
    lookups: {
      variables: lookups.variables.map(({ isSet, name }) => ({ name, isSet })),
      files: lookups.files.map(({ found, isRead, path }) => ({ path, found, isRead })),
      requests: lookups.requests.map(({ address, isImdsV1, isSent, method, status }) =>
        withoutUndefined({ method, address, isSent, status, isImdsV1 })
      ),
      programs: lookups.programs
    },
    warnings,
    millis
  })

const foundOf = ({ accessKeyId, endpoint, expiration, kind, nextRenewal, provider }: Found) =>
  withoutUndefined({
    provider,
    kind,
    accessKeyId,
    expiration: expiration === undefined ? undefined : DateTime.formatIso(expiration),
    nextRenewal: nextRenewal === undefined ? undefined : DateTime.formatIso(nextRenewal),
    endpoint
  })

type Defined<A> =
  & { readonly [K in keyof A as undefined extends A[K] ? never : K]: A[K] }
  & { readonly [K in keyof A as undefined extends A[K] ? K : never]?: Exclude<A[K], undefined> }

const withoutUndefined = <A extends object>(value: A): Defined<A> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<A>
