import type { Survivors } from "./index.ts"

const initial =
  "{ name, clock, policy: deadlines.policy(refresh, defaults), keep: typeof keep === \"function\" ? keep : constant(keep ?? Duration.infinity), refusals: refusals.make(clock), signal: Signal.make(), entry:…"

const withoutOne = (end: string): string =>
  `${initial} => ({ name, clock, policy: deadlines.policy(refresh, defaults), keep: typeof keep === "function" ? keep : constant(keep ?? Duration.infinity), refusals: refusals.make(clock), signal: Signal.make(), ${end}…`

/** @internal */
export const cache: Survivors = {
  "provider/cacheState": [
    {
      why: "a member that is not there reads as undefined, which is what it would be",
      mutants: [withoutOne("failu"), withoutOne("entry")]
    },
    {
      why: "failures count only while there are credentials, and their arrival sets the number to 0",
      mutants: ["0 => 1"]
    },
    {
      why: "no other error has a retryAfter",
      mutants: [
        "failure?._tag === \"CredentialsUnavailable\" && failure.retryAfter !== undefined => failure.retryAfter !== undefined"
      ]
    }
  ],
  "provider/monitor": [
    {
      why: "any name will do that all copies of the library have in common, and tests run one copy",
      mutants: ["\"effect-alicloud-credentials/monitor\" => \"\""]
    },
    {
      why: "a member that is not there reads as undefined, which is what it would be",
      mutants: [
        "{ credentials: undefined, expiresAt: Infinity, isRefused: false, isRenewing: false, renewAt: Infinity, failure: undefined } => ({ credentials: undefined, expiresAt: Infinity, isRefused: false, isRenewing: false, renewAt: Infinity })"
      ]
    },
    {
      why: "without credentials nothing counts as refused, and the first ones set it to false",
      mutants: ["false => true"]
    }
  ],
  "provider/refreshCache": [
    {
      why:
        "differs only for calls within a second of wall time after the clocks were compared; each hit would read two clocks",
      mutants: [
        "isSetBack && timeOf(clock, held, now) >= held.usableUntil => timeOf(clock, held, now) >= held.usableUntil"
      ]
    },
    {
      why: "only a matter of speed: a caller that does not get the time reads its clock itself",
      mutants: ["seen !== undefined => false", "seen.now = now => "]
    },
    {
      why: "after a fetch that succeeded there are credentials",
      mutants: ["held !== undefined && Number.isFinite(held.expiresAt) => Number.isFinite(held.expiresAt)"]
    }
  ]
}
