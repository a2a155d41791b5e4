import type { Answer } from "../wire/message.ts"

/**
 * The delivery to the client: a whole answer, a part of one, or nothing.
 *
 * @internal
 */
export type Delivery =
  | { readonly _tag: "Whole"; readonly answer: Answer }
  /** The first bytes, and then nothing more. */
  | { readonly _tag: "Drip"; readonly answer: Answer; readonly bytes: number }
  /** The first half of the body, then the connection breaks. */
  | { readonly _tag: "Broken"; readonly answer: Answer }
  | { readonly _tag: "Endless"; readonly answer: Answer; readonly bytes: number }
  | { readonly _tag: "Disconnect"; readonly errorCode: string }
  | { readonly _tag: "Silent" }
