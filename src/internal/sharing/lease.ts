/**
 * The lease of a shared session, as one process sees it: until when it certainly has it, and whether another process may
 * have had it meanwhile.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pause from "../provider/pause.ts"
import type * as storeCalls from "./storeCalls.ts"

/** @internal */
export interface Lease extends storeCalls.Lease {
  /** Until when this process certainly has it. */
  until: Pause.Pause | undefined
  /** Whether another process had it meanwhile, or may have had it. */
  isLost: boolean
  /** Whether an extension was sent that was not answered. If it comes late, it acquires the lease again. */
  isExtending: boolean
  /** Whether the renewal releases it at its end. The store may have given it also if the acquisition failed. */
  mayHave: boolean
}

// The holder asks for it again three times as often. If it died, another process takes over after this time.
const leaseTime = Duration.seconds(10)

/** @internal */
export const make = (name: string): Lease => ({
  name,
  owner: crypto.randomUUID(),
  until: undefined,
  isLost: false,
  isExtending: false,
  isReleased: false,
  mayHave: true
})

const isOver = (clock: Clock.Clock, { until }: Lease): boolean =>
  until !== undefined && Pause.isOver(clock, until, clock.unsafeCurrentTimeMillis())

/** Whether another process may have it, or may have had it while this one was stopped. @internal */
export const mayBeLost = (clock: Clock.Clock, lease: Lease): boolean =>
  lease.isLost || (lease.isExtending && isOver(clock, lease))

/** Acquires or extends it. False if another process has it. @internal */
export const acquire = (clock: Clock.Clock, store: storeCalls.StoreCalls, lease: Lease) =>
  Effect.suspend(() => {
    lease.isExtending = lease.until !== undefined
    const until = Pause.start(clock, Duration.toMillis(leaseTime))
    return Effect.map(store.acquire(lease, leaseTime), (isAcquired) => {
      lease.isLost ||= isOver(clock, lease) || !isAcquired
      lease.isExtending = false
      lease.until = until
      return isAcquired
    })
  })

/** Extends it for as long as this runs. @internal */
export const extend = (clock: Clock.Clock, store: storeCalls.StoreCalls, lease: Lease): Effect.Effect<never> =>
  acquire(clock, store, lease).pipe(
    Effect.ignore,
    Effect.delay(Duration.toMillis(leaseTime) / 3),
    Effect.forever
  )

/** @internal */
export const release = (store: storeCalls.StoreCalls, lease: Lease) =>
  Effect.suspend(() => {
    lease.isReleased = true
    return store.release(lease)
  })
