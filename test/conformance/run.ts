/** Runs a case on this library, with simulated time, files and network. */
import { Path } from "@effect/platform"
import { assert } from "@effect/vitest"
import { Clock, Effect, Layer, LogLevel, Option, Redacted, TestClock } from "effect"
import {
  CredentialChain,
  CredentialConfig,
  type CredentialError,
  type Credentials,
  DefaultChain
} from "effect-alicloud-credentials"
import { settableClock, settle, whileTimePasses } from "../support/clock.ts"
import { type Disk, openDisk } from "../support/disk.ts"
import { logs } from "../support/logs.ts"
import { fakeHttp } from "../support/network.ts"
import { programs } from "../support/simulatedPrograms.ts"
import { variables } from "../support/variables.ts"
import type { Case, Step } from "./case.ts"
import { replyTo, Script, sentOf } from "./wire.ts"

const types = { AccessKey: "access_key", StsToken: "sts", BearerToken: "bearer" } as const

/** In the fields of a case. */
const plain = (credentials: Credentials.Credentials) => ({
  type: types[credentials._tag],
  provider: credentials.provider,
  ...(credentials._tag === "BearerToken"
    ? { bearerToken: Redacted.value(credentials.bearerToken) }
    : { accessKeyId: credentials.accessKeyId, accessKeySecret: Redacted.value(credentials.accessKeySecret) }),
  ...(credentials._tag === "StsToken" ? { securityToken: Redacted.value(credentials.securityToken) } : {})
})

const fieldsOf = (error: CredentialError.CredentialError) => ({
  tag: error._tag,
  ...("code" in error ? { code: error.code } : {}),
  ...("attempts" in error ? { attempts: error.attempts.map(({ _tag }) => _tag) } : {})
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Whether a JSON value has all that a part of it has. Items of lists are compared in order. */
const assertHas = (part: unknown, whole: unknown, at: string): void => {
  if (!isRecord(part)) return assert.deepStrictEqual(whole, part, at)
  if (!isRecord(whole)) return assert.fail(`${at} is ${String(whole)}`)
  for (const [key, value] of Object.entries(part)) assertHas(value, whole[key], `${at}.${key}`)
}

type Get = Extract<Step, { readonly get: unknown }>["get"]
type Got = Credentials.Credentials | CredentialError.CredentialError

const assertGot = (expected: Get, got: Got, step: string): void => {
  if ("credentials" in expected) {
    if ("message" in got) assert.fail(`${step}: ${got.message}`)
    assertHas(expected.credentials, plain(got), step)
    return
  }
  if (!("message" in got)) assert.fail(`${step}: there are credentials of ${got.provider}`)
  const { says = [], ...fields } = expected.error
  assertHas(fields, fieldsOf(got), `${step}: ${got.message}:`)
  for (const part of says) assert.include(got.message, part, step)
}

const makeProvider = ({ prefetch, source }: Case) =>
  typeof source === "object" ? CredentialConfig.make(source) : DefaultChain.make({
    refresh: prefetch === undefined ? {} : { prefetch: prefetch * 1000 },
    stopWhen: source === "strict" ? CredentialChain.stopWhenConfigured : undefined
  })

const checkFiles = (written: Case["written"], disk: Disk): void => {
  for (const [path, part] of Object.entries(written)) {
    const text = disk.textOf(path)
    assert.isDefined(text, path)
    if (typeof part === "string") assert.strictEqual(text, part, path)
    else assertHas(part, JSON.parse(text), path)
  }
}

const checkWarnings = (expected: ReadonlyArray<string>, lines: ReadonlyArray<string>): void => {
  assert.strictEqual(lines.length, expected.length, lines.join("\n") || "nothing is logged")
  for (const [index, part] of expected.entries()) assert.include(lines[index], part)
}

export const run = (test: Case) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(Date.parse(test.start))
    const clock = yield* settableClock
    const script = new Script(test.exchanges)
    const disk = openDisk({ files: test.files, modes: {}, readOnly: false, unreadable: [] })
    const { layer: logger, lines } = logs(LogLevel.Warning)
    const installed = { ...test.programs }
    const http = fakeHttp((request, url) =>
      Effect.gen(function*() {
        const response = script.next(sentOf(request, url))
        if (typeof response === "object") yield* clock.move((response.jump ?? 0) * 1000)
        return yield* replyTo(response, request, yield* Clock.currentTimeMillis)
      })
    )
    const machine = Layer.mergeAll(disk.layer, Path.layer, programs(installed), http).pipe(
      Layer.provideMerge(variables(test.environment))
    )

    const program = Effect.gen(function*() {
      const provider = yield* Effect.cached(makeProvider(test))
      let last = Option.none<Credentials.Credentials>()

      const get = ({ callers, get, requests }: Extract<Step, { readonly get: unknown }>, step: string) =>
        Effect.gen(function*() {
          const before = script.count
          const one = clock.use(Effect.merge(Effect.flatMap(provider, (service) => service.get)))
          const all = yield* whileTimePasses(
            Effect.all(Array.from({ length: callers }, () => one), { concurrency: "unbounded" })
          )
          yield* settle
          for (const got of all) {
            assertGot(get, got, step)
            if (!("message" in got)) last = Option.some(got)
          }
          if (requests !== undefined) assert.strictEqual(script.count - before, requests, `requests of ${step}`)
        })

      for (const [index, step] of test.steps.entries()) {
        if ("get" in step) yield* get(step, `step ${index + 1}`)
        else if ("advance" in step) yield* TestClock.adjust(step.advance * 1000)
        else if ("setClock" in step) yield* clock.move(step.setClock * 1000)
        else if ("install" in step) Object.assign(installed, step.install)
        else if ("invalidate" in step) {
          const service = yield* provider
          yield* Option.match(last, {
            onNone: () => Effect.void,
            onSome: (used) => clock.use(service.invalidate(used))
          })
        } else {
          for (const [path, content] of Object.entries(step.write)) {
            if (content === null) disk.remove(path)
            else disk.replace(path, content)
          }
        }
        yield* settle
      }
    })

    yield* program.pipe(Effect.scoped, Effect.provide(Layer.merge(machine, logger)))
    assert.deepStrictEqual([...script.problems, ...script.missing], [])
    checkFiles(test.written, disk)
    checkWarnings(test.warnings, lines)
  })
