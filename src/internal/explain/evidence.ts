/**
 * What the rules need to know besides the report: who may read a file, what a token says of itself, which variables have
 * names that nothing reads.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { LinkReport } from "../../Explain.ts"
import * as variable from "../compat/variable.ts"
import type { Remark } from "../provider/dryRun.ts"
import * as unread from "../unread.ts"
import * as variables from "../variables.ts"
import type { Variables as ProxyVariables } from "../wire/proxy.ts"
import type { Judged } from "./judge.ts"

/** @internal */
export interface Evidence {
  readonly links: ReadonlyArray<LinkEvidence>
  readonly proxy: ProxyVariables
}

/** @internal */
export interface LinkEvidence {
  readonly name: string
  readonly remarks: ReadonlyArray<Remark>
  readonly unread: ReadonlyArray<unread.Unread>
  readonly files: ReadonlyArray<FileEvidence>
  readonly tokens: ReadonlyArray<TokenEvidence>
}

/** A file that the source read. @internal */
export interface FileEvidence {
  readonly path: string
  /** The permissions, where the operating system has them. */
  readonly mode: number | undefined
}

/** @internal */
export interface TokenEvidence {
  readonly path: string
  readonly expiration: DateTime.Utc | undefined
  readonly written: DateTime.Utc | undefined
}

/** @internal */
export const gather = (judged: Arr.NonEmptyReadonlyArray<Judged>): Effect.Effect<Evidence> =>
  Effect.gen(function*() {
    const files = yield* Effect.serviceOption(FileSystem.FileSystem)
    const system = yield* Effect.orElseSucceed(variables.operatingSystem, () => Option.none<string>())
    const hasModes = !Option.contains(system, "Windows_NT")
    const links = yield* Effect.forEach(judged, (one) => ofLink(one, files, hasModes))
    return {
      links,
      proxy: { http: yield* text("HTTP_PROXY"), https: yield* text("HTTPS_PROXY"), none: yield* text("NO_PROXY") }
    }
  })

/** Upper case first, as the official tools do. */
const text = (name: string): Effect.Effect<string> =>
  Effect.orElseSucceed(Effect.orElse(variable.text(name), () => variable.text(name.toLowerCase())), () => "")

const ofLink = (
  { remarks, report, tokenFiles }: Judged,
  files: Option.Option<FileSystem.FileSystem>,
  hasModes: boolean
): Effect.Effect<LinkEvidence> =>
  Effect.gen(function*() {
    const isToken = (path: string) => tokenFiles.some((token) => token.path === path)
    const read = report.lookups.files.filter(({ isRead, path }) => isRead && !isToken(path))
    return {
      name: report.name,
      remarks,
      unread: yield* unread.found(providerOf(report)),
      files: yield* Effect.forEach(read, ({ path }) =>
        Effect.map(infoOf(files, path), (info) => ({ path, mode: hasModes ? info?.mode : undefined }))),
      tokens: yield* Effect.forEach(tokenFiles, ({ expiration, path }) =>
        Effect.map(infoOf(files, path), (info) => ({
          path,
          expiration: expiration === undefined ? undefined : DateTime.unsafeMake(expiration),
          written: Option.getOrUndefined(
            Option.flatMap(Option.fromNullable(info?.mtime), Option.flatMap(DateTime.make))
          )
        })))
    }
  })

/** Also of a link without a name. */
const providerOf = ({ error, found, name }: LinkReport): string => {
  const provider = found?.provider ?? (error !== undefined && "provider" in error ? error.provider : name)
  return provider.split("/")[0] ?? provider
}

const infoOf = (
  files: Option.Option<FileSystem.FileSystem>,
  path: string
): Effect.Effect<FileSystem.File.Info | undefined> =>
  Option.match(files, {
    onNone: () => Effect.succeed(undefined),
    onSome: ({ stat }) => Effect.orElseSucceed(stat(path), () => undefined)
  })
