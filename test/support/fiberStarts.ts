/** Counts the fibers that start. */
import { Effect, Supervisor } from "effect"

class Starts extends Supervisor.AbstractSupervisor<number> {
  count = 0
  override readonly value = Effect.sync(() => this.count)
  override onStart() {
    this.count++
  }
}

export const fiberStarts = () => {
  const starts = new Starts()
  return { count: () => starts.count, layer: Supervisor.addSupervisor(starts) }
}
