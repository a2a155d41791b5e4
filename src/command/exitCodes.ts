/**
 * The exit codes, and which of them an error has.
 */

export const exitCodes = {
  /** It worked, and the answer is yes. */
  ok: 0,
  /** It worked, and the answer is no: there are findings, no source works, or a login has expired. */
  negative: 1,
  /** The command line is wrong. */
  usage: 2,
  /** There are no credentials, or they are misconfigured, refused or expired. */
  credentials: 3,
  /** A server, a file or a program of a profile could not be reached or did not answer as it should. */
  unavailable: 4,
  /** A fault of this command. */
  internal: 70,
  /** The result cannot be written, for example to a full disk. */
  output: 74,
  /** `exec` may not run the program, as in shells. */
  notExecutable: 126,
  /** `exec` does not find the program, as in shells. */
  notFound: 127
} as const

/** What the help says of them. */
export const meanings: ReadonlyArray<readonly [code: string, meaning: string]> = [
  ["0", "done, and the answer is yes"],
  ["1", "the answer is no: lint has findings, no source of explain works, or a login has expired"],
  ["2", "the command line is wrong"],
  ["3", "no credentials, or they are misconfigured, refused or expired"],
  ["4", "a server could not be reached or did not answer as it should, or a file cannot be read"],
  ["70", "a fault of this command"],
  ["74", "the result cannot be written, for example to a full disk"],
  ["128+n", "stopped by signal n"],
  ["other", "exec: that of the program; 126 if it cannot be run, 127 if it is not found"]
]

/** An error that a subcommand can show. */
export interface Failure {
  readonly _tag: string
  readonly message: string
  readonly isTransient: boolean
}

/** A server that answers nonsense is no fault of the configuration, although a retry does not help. */
const ofServers: ReadonlyArray<string> = ["CredentialsMalformed", "OpenApiMalformed"]

export const exitCodeOf = ({ _tag, isTransient }: Pick<Failure, "_tag" | "isTransient">): number =>
  isTransient || ofServers.includes(_tag) ? exitCodes.unavailable : exitCodes.credentials

/** The code of a program that a signal has stopped, as in shells. */
export const exitCodeOfSignal = (number: number): number => 128 + number
