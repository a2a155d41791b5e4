/** What the subcommands do. It is loaded when one of them runs: help and completions need none of it. */
import * as Effect from "effect/Effect"
import * as env from "./env.ts"
import * as exec from "./exec.ts"
import * as explain from "./explain.ts"
import * as lint from "./lint.ts"
import * as loginStatus from "./loginStatus.ts"
import { onNode } from "./platform.ts"
import * as serve from "./serve.ts"
import { layerLogger } from "./terminal.ts"
import * as whoami from "./whoami.ts"

const ready = <Options, E>(
  run: (options: Options) => Effect.Effect<number, E, Effect.Effect.Context<ReturnType<typeof explain.run>>>
) =>
(options: Options) => Effect.provide(onNode(Effect.scoped(run(options))), layerLogger)

export const subcommands = {
  env: ready(env.run),
  exec: ready(exec.run),
  explain: ready(explain.run),
  lint: ready(lint.run),
  loginStatus: ready(loginStatus.run),
  serve: ready(serve.run),
  whoami: ready(whoami.run)
}
