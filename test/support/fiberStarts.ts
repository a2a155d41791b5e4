/** Counts the fibers that start, and those that still run. */
import { Effect, Supervisor } from "effect"

class Starts extends Supervisor.AbstractSupervisor<number> {
  count = 0
  running = 0
  override readonly value = Effect.sync(() => this.count)
  override onStart() {
    this.count++
    this.running++
  }
  override onEnd() {
    this.running--
  }
}

export const fiberStarts = () => {
  const starts = new Starts()
  return { count: () => starts.count, running: () => starts.running, layer: Supervisor.addSupervisor(starts) }
}
