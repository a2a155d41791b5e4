/**
 * What the firmware says about the vendor of the machine.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const files = ["/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name"]

/** Whether this is the hardware of Alibaba Cloud; None without a `FileSystem`. @internal */
export const isInstance: Effect.Effect<Option.Option<boolean>> = Effect.flatMap(
  Effect.serviceOption(FileSystem.FileSystem),
  Option.match({
    onNone: () => Effect.succeedNone,
    onSome: ({ readFileString }) =>
      Effect.asSome(Effect.exists(files, (path) =>
        Effect.match(readFileString(path), {
          onFailure: () => false,
          onSuccess: (text) => text.includes("Alibaba")
        })))
  })
)
