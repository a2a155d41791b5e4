/**
 * Sessions of many roles in one process, with an STS in the same process.
 *
 * Cached gets are measured as in `warm`: a thousand times as a step of one `Effect.gen`, in 31 rounds of turns. Then each
 * of 10,000 tenants sends 100 requests, in a random order, 1,000 at the same time. The memory of a role is the growth of
 * the heap, after collections, divided by their number.
 */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Redacted } from "effect"
import { CredentialProvider, RoleSessions, StaticCredentials } from "effect-alicloud-credentials"
import { seeded } from "./fleet/simulation.ts"
import { bytesInUse } from "./garbage.ts"
import * as measure from "./measure.ts"
import type { Table } from "./report.ts"
import { key, session } from "./sessions.ts"
import { median, ratio } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const rounds = 31
const gets = 1000
const tenants = 10_000
const requestsEach = 100

const roleOf = (tenant: number): RoleSessions.Role => ({
  roleArn: `acs:ram::1234567890123456:role/tenant-${tenant}`,
  externalId: `tenant-${tenant}`
})

const policy = JSON.stringify({ Version: "1", Statement: Array(10).fill({ Effect: "Allow", Action: "oss:GetObject" }) })

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()

/** Sessions of an hour, and how many there were. */
const makeSts = () => {
  const counts = { calls: 0 }
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      counts.calls += 1
      const Credentials = {
        AccessKeyId: key.id,
        AccessKeySecret: key.secret,
        SecurityToken: key.token,
        Expiration: inAnHour()
      }
      return HttpClientResponse.fromWeb(request, new Response(JSON.stringify({ Credentials })))
    })
  )
  return { counts, client }
}

const makePool = (client: HttpClient.HttpClient, capacity: number) =>
  Effect.gen(function*() {
    const source = yield* CredentialProvider.CredentialProvider
    return yield* RoleSessions.make({ source, capacity })
  }).pipe(
    Effect.provide(
      StaticCredentials.layerAccessKey({ accessKeyId: key.id, accessKeySecret: Redacted.make(key.secret) })
    ),
    Effect.provideService(HttpClient.HttpClient, client)
  )

type Get = () => Effect.Effect<unknown, unknown, RoleSessions.RoleSessions>

const inGen = (sessions: RoleSessions.Service, get: Get) =>
  Effect.gen(function*() {
    for (let count = 0; count < gets; count++) yield* get()
  }).pipe(Effect.provideService(RoleSessions.RoleSessions, sessions))

const warm = "provider.get"
const ofOne = "sessions.get(role), always the same role"
const ofFresh = "the same, with a new object for each get"
const withPolicy = "the same, with a policy of 500 characters"
const view = "sessions.provider(role).get"
const withDuration = "the same, with a duration of 15 minutes as text"
const accessor = "RoleSessions.get(role)"
const ofOneArn = "sessions.get(role), of 1,000 external ids of one ARN in turn"
const ofPolicies = "sessions.get(role), of 1,000 policies of one role in turn"
const providers = "provider.get, of 1,000 providers in turn"
const ofMany = "sessions.get(role), of 1,000 roles in turn"

/** How much more each may cost than what. */
const compared: Readonly<Record<string, readonly [than: string, most?: number]>> = {
  [warm]: [warm],
  [view]: [warm, 3],
  [ofOne]: [warm, 3],
  [ofFresh]: [warm, 3],
  [withPolicy]: [warm, 3],
  [withDuration]: [warm, 3],
  [accessor]: [warm, 3],
  [providers]: [providers],
  [ofMany]: [providers],
  [ofOneArn]: [providers],
  [ofPolicies]: [providers]
}

const cached = Effect.gen(function*() {
  const { client } = makeSts()
  const sessions = yield* makePool(client, tenants)
  const make = CredentialProvider.make({ name: "bench", fetch: session })
  const provider = yield* make
  const one = sessions.provider(roleOf(0))
  const roles = Array.from({ length: 1000 }, (_, tenant) => roleOf(tenant))
  const all = yield* Effect.all(roles.map(() => make))
  const role = roleOf(0)
  const { externalId, roleArn } = role
  const other = roleOf(tenants).roleArn
  const ofOneAccount = roles.map(({ externalId }) => ({ roleArn, externalId }))
  const policies = roles.map((_, tenant) => ({ roleArn, externalId, policy: policy.replace("oss:", `oss${tenant}:`) }))
  const roleWithPolicy = { roleArn, externalId, policy }
  let next = 0
  const inTurn = <A>(values: ReadonlyArray<A>): A => values[next = (next + 1) % 1000]!
  const getters: Readonly<Record<string, Get>> = {
    [warm]: () => provider.get,
    [view]: () => one.get,
    [ofOne]: () => sessions.get(role),
    [ofFresh]: () => sessions.get({ ...role }),
    [withPolicy]: () => sessions.get(roleWithPolicy),
    [providers]: () => inTurn(all).get,
    [withDuration]: () => sessions.get({ roleArn: other, externalId, duration: "15 minutes" }),
    [accessor]: () => RoleSessions.get(role),
    [ofMany]: () => sessions.get(inTurn(roles)),
    [ofOneArn]: () => sessions.get(inTurn(ofOneAccount)),
    [ofPolicies]: () => sessions.get(inTurn(policies))
  }
  const loops = Object.entries(getters).map(([name, get]) => [name, inGen(sessions, get)] as const)
  for (const [, loop] of loops) yield* loop
  const tasks = loops.map(([name, loop]) => ({ name, count: gets, run: () => Effect.runSync(loop) }))
  const figures = yield* Effect.promise(() => measure.nanoseconds(tasks, rounds))
  const of = (name: string) => measure.of(figures, name)
  const table: Table = {
    title: "Cached sessions of many roles, as a step of Effect.gen",
    rowsAre: "effect",
    columns: ["ns", "x get"],
    note:
      "Of many in turn, `x get` compares with as many providers in turn. Each has to come from memory, so this depends " +
      "on the caches of the processor and on what else it does.",
    rows: Object.entries(compared).map(([name, [than, most]]) => ({
      name,
      values: [median(of(name)), ratio(of(name), of(than))],
      target: most === undefined ? undefined : { column: "x get", most }
    }))
  }
  return table
})

const many = Effect.gen(function*() {
  const { client, counts } = makeSts()
  const sessions = yield* makePool(client, tenants)
  const random = seeded(1)
  const order = Array.from({ length: tenants * requestsEach }, (_, index) => index % tenants)
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    ;[order[index], order[other]] = [order[other]!, order[index]!]
  }
  const before = bytesInUse()
  yield* Effect.forEach(order, (tenant) => sessions.get(roleOf(tenant)), { concurrency: 1000, discard: true })
  const bytes = (bytesInUse() - before) / tenants
  const table: Table = {
    title: "10,000 tenants, 100 requests each",
    rowsAre: "",
    columns: ["calls of STS", "bytes for each role"],
    rows: [{ name: "RoleSessions", values: [counts.calls, bytes], target: { column: "calls of STS", most: tenants } }]
  }
  return table
})

export const subject: Subject = {
  run: async () => [await Effect.runPromise(Effect.scoped(cached)), await Effect.runPromise(Effect.scoped(many))]
}
