/**
 * The command of the CLI that configures a profile, or logs a person in again, ready to be pasted into a shell.
 */

/** @internal */
export interface Settings {
  readonly mode?: "OAuth" | "CloudSSO" | undefined
  readonly siteType?: string | undefined
  readonly profile?: string | undefined
  /** The configuration file, unless it is the default one of the CLI. */
  readonly file?: string | undefined
}

/** @internal */
export const configureCommand = ({ file, mode, profile, siteType }: Settings): string =>
  [
    "aliyun configure",
    ...option("--mode", mode),
    ...option("--oauth-site-type", siteType),
    ...option("--profile", profile),
    ...option("--config-path", file)
  ].join(" ")

const option = (name: string, value: string | undefined): ReadonlyArray<string> =>
  value === undefined || /\p{C}/u.test(value) || value.length > 1024 ? [] : [name, shellWord(value)]

/** A text as one word of a POSIX shell. @internal */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
