/**
 * What a signed call costs over loopback.
 *
 * A server in another process answers every request with that of `DescribeRegions`, and does not check signatures. Beside
 * the calls of this library are the bare request with the same client, which is neither signed nor decoded, a request that
 * is signed by hand (node:crypto, without spans and without errors of its own), and the official SDK for ECS, which
 * brings its own client. The sizes of the last table are those of the request bodies.
 *
 * Tasks take turns in 15 rounds, 11 with bodies. CPU is that of all threads of this process, ratios are medians of those
 * of each round, and us is the time until the answer. The client is undici unless the table says otherwise.
 */
import Ecs from "@alicloud/ecs20140526" // CommonJS, so that this is the module and not its default export
import { $OpenApiUtil } from "@alicloud/openapi-core"
import * as measure from "./measure.ts"
import type { Row, Table } from "./report.ts"
import * as requests from "./requests.ts"
import * as servers from "./servers.ts"
import { key } from "./sessions.ts"
import { median, ratio } from "./statistics.ts"
import type { Subject } from "./subject.ts"

const calls = 100

const bare = "bare request"
const hand = "signed by hand"
const signed = "SignedHttpClient"
const openApi = "OpenApi.call"
const official = "@alicloud/ecs20140526"

const officialTask = (server: string): measure.Task => {
  const client = new Ecs.default(
    new $OpenApiUtil.Config({
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      securityToken: key.token,
      endpoint: new URL(server).host,
      protocol: "HTTP",
      regionId: "cn-hangzhou"
    })
  )
  const request = new Ecs.DescribeRegionsRequest({ acceptLanguage: "en-US", resourceType: "instance" })
  return {
    name: official,
    count: calls,
    run: async () => {
      for (let count = 0; count < calls; count++) await client.describeRegions(request)
    }
  }
}

const withoutBody = async (server: string): Promise<Table> => {
  const runtime = requests.runtimeOf(requests.undici)
  const tasks = [
    requests.task(runtime, openApi, requests.called(server), calls),
    requests.task(runtime, signed, requests.signed(server), calls),
    requests.task(runtime, hand, requests.handWritten(server), calls),
    requests.task(runtime, bare, requests.bare(server), calls),
    officialTask(server)
  ]
  const { cpu, wall } = await measure.times(tasks, 15)
  const of = (name: string) => measure.of(cpu, name)
  const row = ({ name }: measure.Task): Row => ({
    name,
    values: [
      median(of(name)),
      median(measure.of(wall, name)),
      ...[hand, bare, official].map((other) => ratio(of(name), of(other)))
    ],
    target: name === openApi ? { column: "x by hand", most: 1.4 } : undefined
  })
  return {
    title: "One call without a body, over loopback",
    rowsAre: "call",
    columns: ["CPU us", "us", "x by hand", "x bare", "x official"],
    rows: tasks.map(row)
  }
}

const eachClient = async (server: string): Promise<Table> => {
  const effects = [
    [openApi, requests.called(server)],
    [hand, requests.handWritten(server)],
    [bare, requests.bare(server)]
  ] as const
  const tasks = Object.entries(requests.clients).flatMap(([client, layer]) => {
    const runtime = requests.runtimeOf(layer)
    return effects.map(([name, effect]) => requests.task(runtime, `${client}: ${name}`, effect, calls))
  })
  const { cpu, wall } = await measure.times(tasks, 15)
  const first = `undici: ${bare}`
  return {
    title: "The HTTP clients of Effect",
    rowsAre: "call",
    columns: ["CPU us", "us", "x undici, bare"],
    rows: tasks.map(({ name }) => ({
      name,
      values: [
        median(measure.of(cpu, name)),
        median(measure.of(wall, name)),
        ratio(measure.of(cpu, name), measure.of(cpu, first))
      ]
    }))
  }
}

const withBody = async (server: string): Promise<Table> => {
  const runtime = requests.runtimeOf(requests.undici)
  const rows: Array<Row> = []
  for (const [bytes, count] of requests.sizes) {
    const body = requests.bodyOf(bytes)
    const tasks = [
      requests.task(runtime, signed, requests.signed(server, body), count),
      requests.task(runtime, hand, requests.handWritten(server, body), count),
      requests.task(runtime, bare, requests.bare(server, body), count)
    ]
    const { cpu, wall } = await measure.times(tasks, 11)
    for (const { name } of tasks) {
      const of = (other: string) => ratio(measure.of(cpu, name), measure.of(cpu, other))
      rows.push({
        name,
        values: [bytes, median(measure.of(cpu, name)), median(measure.of(wall, name)), of(hand), of(bare)]
      })
    }
  }
  return {
    title: "One call with a body, over loopback",
    rowsAre: "call",
    columns: ["bytes", "CPU us", "us", "x by hand", "x bare"],
    rows
  }
}

export const subject: Subject = {
  run: async () => {
    const { fixed } = await servers.start()
    return [await withoutBody(fixed), await eachClient(fixed), await withBody(fixed)]
  }
}
