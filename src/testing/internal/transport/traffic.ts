import * as HashMap from "effect/HashMap"
import type { Fault } from "../../Fault.ts"
import type { RequestFilter, RequestRecord } from "../../RequestRecord.ts"
import type { State } from "../cloud/state.ts"
import { type Pending, pending } from "./fault.ts"

/**
 * The cloud, its past requests, and the faults for the next requests.
 *
 * @internal
 */
export interface Traffic {
  readonly cloud: State
  readonly faults: ReadonlyArray<Pending>
  /** By arrival. The numbers continue after records are cleared, so a late answer does not change another record. */
  readonly records: HashMap.HashMap<number, RequestRecord>
  readonly arrivals: number
}

/** @internal */
export const initialTraffic = (cloud: State): Traffic => ({ cloud, faults: [], records: HashMap.empty(), arrivals: 0 })

/** @internal */
export const records = (traffic: Traffic): ReadonlyArray<RequestRecord> =>
  Array.from(traffic.records).sort(([a], [b]) => a - b).map(([, record]) => record)

const matches = (filter: RequestFilter) => (record: RequestRecord): boolean =>
  (Object.keys(filter) as Array<keyof RequestFilter>).every((key) =>
    filter[key] === undefined || filter[key] === record[key]
  )

/** @internal */
export const count = (traffic: Traffic, filter: RequestFilter): number =>
  records(traffic).filter(matches(filter)).length

/** @internal */
export const withoutRecords = (traffic: Traffic): Traffic => ({ ...traffic, records: HashMap.empty() })

/** @internal */
export const withFault = (traffic: Traffic, fault: Fault): Traffic => ({
  ...traffic,
  faults: [...traffic.faults, pending(fault)]
})

/** @internal */
export const withoutFaults = (traffic: Traffic): Traffic => ({ ...traffic, faults: [] })
