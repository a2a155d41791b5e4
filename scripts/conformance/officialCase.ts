/**
 * Runs one case on the official tool for Node.js, in a process of its own: `officialCase.ts FILE`. Every connection of
 * the process goes to the answers of the case, files are in a temporary folder, and the date is that of the case. Prints
 * the result as JSON.
 */
import { ChildProcess } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Case, decode, type Step } from "../../test/conformance/case.ts"
import { bodyFields, contentOf, type Sent } from "../../test/conformance/wire.ts"
import { isPart, withPlaces } from "./compare.ts"
import { LenientScript } from "./lenientScript.ts"
import type { Outcome } from "./outcome.ts"

const [file = "", keyFile = "", certFile = ""] = process.argv.slice(2)
const test = decode(readFileSync(file, "utf8"))
const root = mkdtempSync(path.join(tmpdir(), "conformance-"))
const script = new LenientScript(test.exchanges)
const group = path.basename(path.dirname(file))
/** Whether the case has a configured source that fails, and no other source is used. */
const stops = test.source === "strict" && test.steps.some((step) => "get" in step && "error" in step.get)
/** What the tool does in another way than the case, with a result that is as good. */
const otherwise: Array<string> = []

class Fails extends Error {}

/** The tool has usable credentials in another way. */
class Otherwise extends Error {}

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

const paths = [
  ...Object.keys(test.files),
  ...Object.keys(test.programs).filter((name) => path.isAbsolute(name)),
  "/home/me",
  "/token"
]

/** The tool chooses pauses at random. Here they are the same in each run. */
const useSameRandomNumbers = (): void => {
  let state = 1
  Math.random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

const placed = (text: string): string => withPlaces(text, paths, root)

const writeFile = (target: string, content: unknown): void => {
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, placed(typeof content === "string" ? content : JSON.stringify(content)), { mode: 0o600 })
}

const bin = path.join(root, "bin")

const installPrograms = (programs: Case["programs"]): void => {
  for (const [name, program] of Object.entries(programs)) {
    const target = path.join(path.isAbsolute(name) ? root : bin, name)
    mkdirSync(path.dirname(target), { recursive: true })
    const data = `${target}.out`
    const lines = program === "hangs"
      ? ["sleep 600"]
      : [`cat '${data}'`, `cat '${data}.err' >&2`, `exit ${program.exits}`]
    writeFileSync(data, program === "hangs" ? "" : program.prints)
    writeFileSync(`${data}.err`, program === "hangs" ? "" : program.complains ?? "")
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
let lastAnswer = ""

/** A name without a dot, such as `undefined`, is the name of no host: nothing is sent to it. */
const isNoHost = ({ hostname }: URL): boolean => !hostname.includes(".") && hostname !== "localhost"

const answer = (scheme: string): RequestListener => async (incoming, response) => {
  const url = new URL(`${scheme}://${incoming.headers.host}${incoming.url}`)
  if (isNoHost(url)) return void incoming.socket.destroy()
  pending++
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
  const { body, headers } = contentOf(reply)
  lastAnswer = body
  response.sendDate = false
  if (reply.date !== undefined) response.setHeader("date", new Date(now() + reply.date * 1000).toUTCString())
  response.writeHead(reply.status, headers).end(body)
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.unref().listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })

interface Model {
  readonly type: string
  readonly providerName?: string
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
  if (typeof test.source === "string") return new Credential()
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
  provider: model.providerName?.replace(/^default\//, "") ?? model.type
})

const settled = async (): Promise<void> => {
  do await sleep(50)
  while (pending > 0 && test.exchanges.every(({ response }) => response !== "silent"))
}

type Get = Extract<Step, { readonly get: unknown }>

/** What the error of its default chain says of links that the case does not have, and what is different in each run. */
const noise = [
  /(?:Error: )?unable to get credentials from (?:any of the providers in the chain: |enviroment variables, )/g,
  /Access key ID must be specified via environment variable \(ALIBABA_CLOUD_ACCESS_KEY_ID\), /g,
  /reading aliyun cli config from '[^']*' failed\., /g,
  /ENOENT: no such file or directory, access '[^']*', /g,
  /(?:, )?socket hang upGET (?:https:\/\/undefined|http:\/\/100\.)\S* failed\./g,
  /\?[\w.]+=\S+/g,
  /-\d{13}\b/g
]

const stable = (reason: unknown): string => {
  const [line = ""] = String(reason).replaceAll(root, "").replaceAll(/[\r\n]+$/g, "").split("\n")
  const rest = noise.reduce((text, pattern) => text.replaceAll(pattern, ""), line)
  return /^(?:Error: )*$/.test(rest) ? "no link has credentials" : rest
}

/** A tool may name only the source, where the case also names where the source has its keys from. */
const isSame = (name: string, expected: unknown, actual: unknown): boolean =>
  isPart(expected, actual) || name === "provider" && String(expected).startsWith(`${String(actual)}/`)

/** Modes of the CLI that the tool does not have. Another one may be a mode that does not exist, which a case expects. */
const missingMode = /unsupported profile mode '(BearerToken|CredentialsURI|RamRoleArnWithRoleName)'/

const checkMode = (reason: unknown): void => {
  const [, mode] = missingMode.exec(String(reason)) ?? []
  if (mode !== undefined) throw new Cannot(`it does not have the profile mode ${mode}`)
}

const failed = (reason: unknown, at: string): Error => {
  if (String(reason).includes("Invalid type option")) return new Cannot("it does not have this type of an INI file")
  const said = stable(reason)
  const other = /socket hang up|no link/.test(said)
    ? script.others.find((one) => one.endsWith("is not expected")) ?? script.others[0]
    : undefined
  return new Fails(script.wrong[0] ?? other ?? `${at}: an error: ${said}`)
}

/** Of the last answer: a caller may wait for it where the case hands out the cached session. */
const isRenewed = (accessKeyId: unknown): boolean => {
  const [, expiration] = /"Expiration":"([^"]+)"/i.exec(lastAnswer) ?? []
  return lastAnswer.includes(`"${String(accessKeyId)}"`) && expiration !== undefined && Date.parse(expiration) > now()
}

/** What a program that asks the tool cannot foresee, in place of an error of the tool. */
const crash = /Maximum call stack size exceeded|Cannot read propert(?:y|ies) of [^,]*/

/** Whether a later step of the case has these credentials: the tool only has them earlier. */
const isAhead = (accessKeyId: unknown, at: number): boolean =>
  (test.exchanges.length === 0 || isRenewed(accessKeyId)) &&
  test.steps.slice(at + 1).some((step) =>
    "get" in step && "credentials" in step.get && step.get.credentials.accessKeyId === accessKeyId
  )

const checkError = (
  { code }: Extract<Get["get"], { readonly error: unknown }>["error"],
  got: PromiseSettledResult<Model>,
  index: number
): void => {
  const at = nameOf(index)
  if (got.status === "fulfilled") {
    if (!isAhead(got.value["accessKeyId"], index)) throw new Fails(`${at}: credentials, where an error is expected`)
    return void otherwise.push(`${at}: the credentials of a later step`)
  }
  const reason = String(got.reason)
  const [crashed] = crash.exec(reason) ?? []
  if (code !== undefined && !reason.includes(code)) {
    throw new Fails(`${at}: the error has no code ${code}${crashed === undefined ? "" : `: ${crashed}`}`)
  }
  if (crashed !== undefined) otherwise.push(`${at}: ${crashed}`)
}

const check = ({ get }: Get, got: PromiseSettledResult<Model>, index: number): void => {
  const at = nameOf(index)
  if (got.status === "rejected") checkMode(got.reason)
  if ("credentials" in get) {
    if (got.status === "rejected") throw failed(got.reason, at)
    const wrong = Object.entries(get.credentials).find(([name, value]) =>
      !isSame(name, value, fieldsOf(got.value)[name])
    )
    if (wrong !== undefined && isRenewed(got.value["accessKeyId"])) {
      otherwise.push(`${at}: the caller waits for the new session`)
    } else if (wrong !== undefined && isAhead(got.value["accessKeyId"], index)) {
      otherwise.push(`${at}: the credentials of a later step`)
    } else if (wrong !== undefined) throw new Fails(`${at}: ${wrong[0]} is ${String(fieldsOf(got.value)[wrong[0]])}`)
  } else checkError(get.error, got, index)
}

const nameOf = (index: number): string => `step ${index + 1}`

/** How many requests the steps before this one cause. */
const requestsBefore = (index: number): number =>
  test.steps.slice(0, index).reduce((sum, step) => sum + ("get" in step ? step.requests ?? 0 : 0), 0)

const get = async (tool: () => Tool, step: Get, index: number): Promise<void> => {
  script.pass(requestsBefore(index))
  const before = script.count
  const one = async () => tool().getCredential()
  const all = await Promise.allSettled(Array.from({ length: step.callers }, one))
  await settled()
  for (const got of all) check(step, got, index)
  const requests = script.count - before
  if (step.requests !== undefined && requests !== step.requests) {
    otherwise.push(`${nameOf(index)}: ${requests} requests, not ${step.requests}`)
  }
}

const perform = async (tool: () => Tool, step: Step, index: number): Promise<void> => {
  if ("get" in step) await get(tool, step, index)
  else if ("advance" in step) offset += step.advance * 1000
  else if ("setClock" in step) offset += step.setClock * 1000
  else if ("install" in step) installPrograms(step.install)
  else if ("write" in step) {
    for (const [name, content] of Object.entries(step.write)) {
      if (content === null) rmSync(path.join(root, name), { force: true })
      else writeFile(path.join(root, name), content)
    }
  }
}

const checkWritten = (written: Case["written"]): void => {
  for (const [name, part] of Object.entries(written)) {
    const target = path.join(root, name)
    if (!existsSync(target)) throw new Fails(`${name} does not exist`)
    const text = readFileSync(target, "utf8")
    const isEqual = typeof part === "string" ? text === part : isPart(part, JSON.parse(text))
    if (!isEqual) otherwise.push(`${name} is not changed like that`)
  }
}

const run = async (): Promise<void> => {
  if (stops && group === "chain") throw new Cannot("it has no strict chain")
  if (test.prefetch !== undefined) throw new Cannot("the time of a renewal is fixed")
  if (test.steps.some((step) => "invalidate" in step)) throw new Cannot("credentials cannot be reported as refused")
  for (const [name, content] of Object.entries(test.files)) writeFile(path.join(root, name), content)
  installPrograms(test.programs)
  const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  process.env["LOCAL_HTTP_PORT"] = String(await listen(createServer(answer("http"))))
  process.env["LOCAL_HTTPS_PORT"] = String(await listen(createSecureServer(tls, answer("https"))))
  const spawn: unknown = Reflect.get(ChildProcess.prototype, "spawn")
  await import("../../test/fixtures/onlyLoopback.ts")
  // The programs of a case are scripts of this runner.
  Reflect.set(ChildProcess.prototype, "spawn", spawn)
  for (const name of Object.keys(process.env).filter((name) => /^(?:ALIBABA|ALICLOUD|HOME$)/.test(name))) {
    delete process.env[name]
  }
  for (const [name, value] of Object.entries(test.environment)) process.env[name] = placed(value)
  // A strict chain does not ask this link either.
  if (stops) process.env["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
  process.env["HOME"] ??= path.join(root, "nobody")
  process.env["PATH"] = `${bin}:${process.env["PATH"] ?? ""}`
  useDateOfCase()
  useSameRandomNumbers()

  let made: Tool | undefined
  const tool = () => made ??= makeTool()
  for (const [index, step] of test.steps.entries()) await perform(tool, step, index)
  checkWritten(test.written)
  const [wrong] = script.wrong
  if (wrong !== undefined) throw new Fails(wrong)
  const [problem] = [...otherwise, ...script.others, ...script.missing]
  if (problem !== undefined) throw new Otherwise(problem)
}

const outcome = async (): Promise<Outcome> => {
  try {
    await run()
    return { result: "passes" }
  } catch (error) {
    if (error instanceof Cannot) return { result: "cannot", why: error.message }
    if (error instanceof Otherwise) return { result: "otherwise", why: error.message }
    return { result: "fails", why: stable(error instanceof Fails ? error.message : error) }
  }
}

const printed = JSON.stringify(await outcome())
rmSync(root, { recursive: true, force: true })
process.stdout.write(`${printed}\n`, () => process.exit(0))
