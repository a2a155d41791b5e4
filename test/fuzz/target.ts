/**
 * What is fuzzed: inputs that follow from a seed, and what has to be true of each of them.
 */
import { assert } from "@effect/vitest"
import {
  Cause,
  Deferred,
  Duration,
  Effect,
  Exit,
  FastCheck,
  Fiber,
  Option,
  type Scope,
  TestClock,
  TestContext
} from "effect"
import { CredentialError, type Credentials } from "effect-alicloud-credentials"
import { idOf } from "../support/credentials.ts"
import { renderings } from "../support/renderings.ts"

export interface Target {
  readonly name: string
  /** How many of its inputs take as long as one whose provider is run. */
  readonly share: number
  readonly run: (options: { readonly seed: number; readonly count: number }) => Promise<string | undefined>
}

interface Options<A> {
  readonly name: string
  readonly share: number
  readonly inputs: FastCheck.Arbitrary<A>
  /** How many inputs are checked at once, each for its own seed: those with a test clock wait for it. */
  readonly strands?: number
  /** Throws if something is not true. */
  readonly check: (input: A) => void | Promise<void>
}

/** The result of `run` is the report of a failure, with the smallest input that was found to fail. */
export const target = <A>({ check, inputs, name, share, strands = 1 }: Options<A>): Target => {
  const run = async (seed: number, count: number): Promise<string | undefined> => {
    const property = FastCheck.asyncProperty(inputs, async (input) => {
      await check(input)
    })
    const found = await FastCheck.check(property, { seed, numRuns: count })
    if (!found.failed) return undefined
    return [
      `${name} fails, after ${found.numRuns} inputs and ${found.numShrinks} steps to a smaller one:`,
      FastCheck.stringify(found.counterexample),
      String(found.errorInstance instanceof Error ? found.errorInstance.stack : found.errorInstance)
    ].join("\n")
  }
  return {
    name,
    share,
    run: async ({ count, seed }) => {
      const ends = await Promise.all(
        Array.from({ length: strands }, (_, strand) => run(seed + strand, Math.ceil(count / strands)))
      )
      const failure = ends.find((end) => end !== undefined)
      return failure === undefined
        ? undefined
        : `${failure}\n\nRepeat it with: npm run fuzz -- --seed ${seed} --target ${name} --count ${count}`
    }
  }
}

// The first pauses are short, and nothing waits for an hour: 32 steps are two of them.
const mostSteps = 32

const stepOf = (step: number): Duration.Duration => Duration.millis(100 * 1.35 ** step)

const turn = Effect.promise(() => new Promise<void>((done) => setImmediate(done)))

/**
 * Runs a program that gets credentials, on the test clock, and returns all that was printed, logged and traced, but for
 * the id of the credentials, which is no secret. Its only failures may be those of this library.
 */
export const printed = <E>(program: Effect.Effect<Credentials.Credentials, E, Scope.Scope>): Promise<string> =>
  Effect.gen(function*() {
    const end = yield* Deferred.make<Exit.Exit<Credentials.Credentials, E>>()
    const fiber = yield* Effect.fork(
      renderings(Effect.onExit(Effect.scoped(program), (exit) => Deferred.succeed(end, exit)))
    )
    yield* turn
    for (let step = 0; Option.isNone(yield* Fiber.poll(fiber)); step++) {
      if (step === mostSteps) assert.fail("the program does not end")
      // Each pause that passes takes some real time, and most programs need none.
      yield* TestClock.adjust(stepOf(step))
      yield* turn
    }
    const text = yield* Fiber.join(fiber)
    const exit = yield* Deferred.await(end)
    assertTyped(exit)
    return Exit.isSuccess(exit) ? text.replaceAll(idOf(exit.value), "<id>") : text
  }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)

/** A success, or one of the errors of `CredentialError`: no defect, and no error of another library. */
const assertTyped = (exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isSuccess(exit)) return
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  assert.isTrue(CredentialError.isCredentialError(error), Cause.pretty(exit.cause))
}
