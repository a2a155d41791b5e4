/** Counts the fibers that start. Effect 4 has no supervisor, but its metrics are told of each fiber. */
import { Layer, Metric } from "effect"

export const fiberStarts = () => {
  let count = 0
  return {
    count: () => count,
    layer: Layer.succeed(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => void count++,
      recordFiberEnd: () => {}
    })
  }
}
