import type { RequestFilter, RequestRecord } from "../../RequestRecord.ts"

/** @internal */
export const matches = (filter: RequestFilter) => (record: RequestRecord): boolean =>
  (Object.keys(filter) as Array<keyof RequestFilter>).every((key) =>
    filter[key] === undefined || filter[key] === record[key]
  )
