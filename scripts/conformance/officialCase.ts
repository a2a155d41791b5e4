/**
 * Runs one case on the official tool for Node.js, in a process of its own: `officialCase.ts FILE`. Every connection of
 * the process goes to the answers of the case, files are in a temporary folder, and the date is that of the case. Prints
 * the result as JSON.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Case, decode, type Step } from "../../test/conformance/case.ts"
import { bodyFields, Script, type Sent } from "../../test/conformance/wire.ts"
import { isPart, withPlaces } from "./compare.ts"
import type { Outcome } from "./outcome.ts"

const [file = "", keyFile = "", certFile = ""] = process.argv.slice(2)
const test = decode(readFileSync(file, "utf8"))
const root = mkdtempSync(path.join(tmpdir(), "conformance-"))
const script = new Script(test.exchanges)

class Fails extends Error {}

/** Reported as such: the tool has no way to do what the case does. */
class Cannot extends Error {}

const RealDate = Date
let offset = Date.parse(test.start) - Date.now()
const now = () => RealDate.now() + offset

const useDateOfCase = (): void => {
  globalThis.Date = class extends RealDate {
    constructor(...args: ReadonlyArray<number | string>) {
      if (args.length === 0) super(now())
      else super(...(args as [number]))
    }
    static override now(): number {
      return now()
    }
  } as DateConstructor
}

const placed = (text: string): string => withPlaces(text, [...Object.keys(test.files), "/home/me", "/token"], root)

const writeFile = (name: string, content: unknown): void => {
  const target = path.join(root, name)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, placed(typeof content === "string" ? content : JSON.stringify(content)), { mode: 0o600 })
}

const bin = path.join(root, "bin")

const installPrograms = (programs: Case["programs"]): void => {
  mkdirSync(bin, { recursive: true })
  for (const [name, program] of Object.entries(programs)) {
    const target = path.join(bin, name)
    const data = `${target}.out`
    const lines = program === "hangs" ? ["sleep 600"] : [`cat '${data}'`, `exit ${program.exits}`]
    writeFileSync(data, program === "hangs" ? "" : program.prints)
    writeFileSync(target, ["#!/bin/sh", ...lines, ""].join("\n"))
    chmodSync(target, 0o700)
  }
}

const bodyOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

let pending = 0

const answer = (scheme: string): RequestListener => async (incoming, response) => {
  pending++
  const url = new URL(incoming.url ?? "/", `${scheme}://${incoming.headers.host}`)
  const sent: Sent = {
    method: incoming.method ?? "",
    url: `${url.origin}${url.pathname}`,
    query: Object.fromEntries(url.searchParams),
    ...bodyFields(await bodyOf(incoming)),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
  }
  const reply = script.next(sent)
  response.on("close", () => pending--)
  if (reply === undefined || reply === "refused") return void incoming.socket.destroy()
  if (reply === "silent") return
  if (reply.jump !== undefined) offset += reply.jump * 1000
  response.sendDate = false
  if (reply.date !== undefined) response.setHeader("date", new Date(now() + reply.date * 1000).toUTCString())
  response.writeHead(reply.status, reply.headers)
    .end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body))
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.unref().listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })

interface Model {
  readonly type: string
  readonly providerName: string
  readonly [name: string]: unknown
}

interface Tool {
  readonly getCredential: () => Promise<Model>
}

const makeTool = (): Tool => {
  const { Config, default: Credential } = createRequire(import.meta.url)("@alicloud/credentials") as {
    readonly Config: new(parameters: object) => object
    readonly default: new(config?: object) => Tool
  }
  if (test.source === "default") return new Credential()
  const parameters = Object.entries(test.source).map(([name, value]) => [
    name,
    typeof value === "string" ? placed(value) : value
  ])
  return new Credential(new Config(Object.fromEntries(parameters) as object))
}

/** Its `type` is that of the source, so the kind of the credentials follows from what they have. */
const typeOf = (model: Model): string =>
  model.type === "bearer" ? "bearer" : model["securityToken"] ? "sts" : "access_key"

const fieldsOf = (model: Model): Readonly<Record<string, unknown>> => ({
  ...model,
  type: typeOf(model),
  // Its default chain puts its own name before that of the source.
  provider: model.providerName.replace(/^default\//, "")
})

const settled = async (): Promise<void> => {
  do await sleep(50)
  while (pending > 0 && test.exchanges.every(({ response }) => response !== "silent"))
}

type Get = Extract<Step, { readonly get: unknown }>

const check = ({ get }: Get, got: PromiseSettledResult<Model>, at: string): void => {
  if ("credentials" in get) {
    if (got.status === "rejected") throw new Fails(`${at}: an error: ${String(got.reason).split("\n")[0]}`)
    const wrong = Object.entries(get.credentials).find(([name, value]) => !isPart(value, fieldsOf(got.value)[name]))
    if (wrong !== undefined) throw new Fails(`${at}: ${wrong[0]} is ${String(fieldsOf(got.value)[wrong[0]])}`)
  } else {
    if (got.status === "fulfilled") throw new Fails(`${at}: credentials, where an error is expected`)
    const { code } = get.error
    if (code !== undefined && !String(got.reason).includes(code)) {
      throw new Fails(`${at}: the error has no code ${code}`)
    }
  }
}

const get = async (tool: () => Tool, step: Get, at: string): Promise<void> => {
  const before = script.count
  const one = async () => tool().getCredential()
  const all = await Promise.allSettled(Array.from({ length: step.callers }, one))
  await settled()
  for (const got of all) check(step, got, at)
  const requests = script.count - before
  if (step.requests !== undefined && requests !== step.requests) {
    throw new Fails(`${at}: ${requests} requests, not ${step.requests}`)
  }
}

const perform = async (tool: () => Tool, step: Step, at: string): Promise<void> => {
  if ("get" in step) await get(tool, step, at)
  else if ("advance" in step) offset += step.advance * 1000
  else if ("setClock" in step) offset += step.setClock * 1000
  else if ("install" in step) installPrograms(step.install)
  else if ("write" in step) {
    for (const [name, content] of Object.entries(step.write)) {
      if (content === null) rmSync(path.join(root, name), { force: true })
      else writeFile(name, content)
    }
  }
}

const checkWritten = (written: Case["written"]): void => {
  for (const [name, part] of Object.entries(written)) {
    const target = path.join(root, name)
    if (!existsSync(target)) throw new Fails(`${name} does not exist`)
    const text = readFileSync(target, "utf8")
    const isSame = typeof part === "string" ? text === part : isPart(part, JSON.parse(text))
    if (!isSame) throw new Fails(`${name} has other fields`)
  }
}

const run = async (): Promise<void> => {
  if (test.source === "strict") throw new Cannot("it has no strict chain")
  if (test.prefetch !== undefined) throw new Cannot("the time of a renewal is fixed")
  if (test.steps.some((step) => "invalidate" in step)) throw new Cannot("credentials cannot be reported as refused")
  for (const [name, content] of Object.entries(test.files)) writeFile(name, content)
  installPrograms(test.programs)
  const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  process.env["LOCAL_HTTP_PORT"] = String(await listen(createServer(answer("http"))))
  process.env["LOCAL_HTTPS_PORT"] = String(await listen(createSecureServer(tls, answer("https"))))
  await import("../../test/fixtures/onlyLoopback.ts")
  for (const name of Object.keys(process.env).filter((name) => /^(?:ALIBABA|ALICLOUD|HOME$)/.test(name))) {
    delete process.env[name]
  }
  for (const [name, value] of Object.entries(test.environment)) process.env[name] = placed(value)
  process.env["HOME"] ??= path.join(root, "nobody")
  process.env["PATH"] = `${bin}:${process.env["PATH"] ?? ""}`
  useDateOfCase()

  let made: Tool | undefined
  const tool = () => made ??= makeTool()
  for (const [index, step] of test.steps.entries()) await perform(tool, step, `step ${index + 1}`)
  const [problem] = [...script.problems, ...script.missing]
  if (problem !== undefined) throw new Fails(problem)
  checkWritten(test.written)
}

const outcome = async (): Promise<Outcome> => {
  try {
    await run()
    return { result: "passes" }
  } catch (error) {
    if (error instanceof Cannot) return { result: "cannot", why: error.message }
    return { result: "fails", why: error instanceof Error ? error.message : String(error) }
  }
}

const printed = JSON.stringify(await outcome())
rmSync(root, { recursive: true, force: true })
process.stdout.write(`${printed}\n`, () => process.exit(0))
