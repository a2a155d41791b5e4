/**
 * Which profile of which file, as both readers of files take it.
 */

/** An empty text counts as an absent one. */
export interface ProfileOptions {
  /** The path of the file. Defaults to its place in the home folder. */
  readonly file?: string | undefined
  /** The name of the profile. Defaults to the one that the file says, or that is called `default`. */
  readonly profile?: string | undefined
}
