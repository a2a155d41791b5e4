/**
 * The real file system, with a way to wait for work in the background that uses it.
 */
import { FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer, TestServices } from "effect"
import { settle } from "./clock.ts"

export interface WatchedFiles {
  readonly layer: Layer.Layer<FileSystem.FileSystem>
  /** Waits until nothing can run without the test clock: no operation is pending, and none has been started. */
  readonly idle: Effect.Effect<void>
}

export const watchedFiles = (): WatchedFiles => {
  let pending = 0
  const watched = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      pending += 1
      return Effect.ensuring(operation, Effect.sync(() => pending -= 1))
    })

  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, key) => {
        const member: unknown = Reflect.get(target, key, target)
        if (Effect.isEffect(member)) return watched(member)
        if (typeof member !== "function") return member
        return (...args: ReadonlyArray<unknown>) => {
          const result: unknown = Reflect.apply(member, target, args)
          return Effect.isEffect(result)
            ? Effect.map(watched(result), (value) => FileSystem.isFile(value) ? watch(value) : value)
            : result
        }
      }
    })

  const idle: Effect.Effect<void> = Effect.flatMap(settle, () =>
    pending === 0
      ? Effect.void
      : Effect.zipRight(TestServices.provideLive(Effect.sleep("1 millis")), Effect.suspend(() => idle)))

  const layer = Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, watch))
  return { layer: Layer.provide(layer, NodeFileSystem.layer), idle }
}
