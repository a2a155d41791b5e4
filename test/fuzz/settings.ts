/**
 * What `npm run fuzz` asks for, which is passed on in variables, since the runner of the tests takes no options of ours.
 */
const numberIn = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined ? undefined : Number(text)
}

export const settings = {
  seed: numberIn("FUZZ_SEED") ?? 20_261_127,
  /** Of all targets together. */
  count: numberIn("FUZZ_COUNT") ?? 2000,
  target: process.env["FUZZ_TARGET"]
}
