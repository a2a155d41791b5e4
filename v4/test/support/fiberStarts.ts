/**
 * Counts the fibers that start, and those that still run. Effect 4 has no supervisor, but its metrics are told of each
 * fiber.
 */
import { Layer, Metric } from "effect"

export const fiberStarts = () => {
  let count = 0
  let running = 0
  return {
    count: () => count,
    running: () => running,
    layer: Layer.succeed(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => {
        count++
        running++
      },
      recordFiberEnd: () => void running--
    })
  }
}
