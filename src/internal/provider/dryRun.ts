/**
 * What a source must not do while a chain is explained, and where it reports what it would do.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** @internal */
export interface Observer {
  /** Whether sources may do what they do in a program. */
  readonly mayAct: boolean
  /** The context with services that the observer watches. */
  readonly watch: <R>(context: Context.Context<R>) => Context.Context<R>
  /** Ends, with a defect that nobody sees, the evaluation of a source that would have a side effect, such as `run acme-keys` with its program. */
  readonly refuse: (what: string, program?: string) => Effect.Effect<never>
  /** Notes what a person should know about the configuration. */
  readonly remark: (remark: Remark) => Effect.Effect<void>
}

/** @internal */
export interface Remark {
  readonly text: string
  /** Whether a program would log it as a warning. */
  readonly isWarning: boolean
}

/** Undefined if the program really runs. @internal */
export class DryRun extends Context.Reference<DryRun>()<"effect-alicloud-credentials/DryRun", Observer | undefined>(
  "effect-alicloud-credentials/DryRun",
  { defaultValue: () => undefined }
) {}

/** The effect, unless this is a dry run that must not have side effects. @internal */
export const unlessDry = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  instead: (observer: Observer) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(DryRun, (observer) => observer === undefined || observer.mayAct ? effect : instead(observer))
