/**
 * The characters that structure a JSON text, as codes: a text may have millions of them to compare.
 */

/** `"` @internal */
export const quote = 0x22
/** `\` @internal */
export const backslash = 0x5c

/** `{` or `[` @internal */
export const isOpening = (char: number): boolean => char === 0x7b || char === 0x5b

/** `}` or `]` @internal */
export const isClosing = (char: number): boolean => char === 0x7d || char === 0x5d
