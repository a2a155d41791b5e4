/** The number that an option of a command line has. Ends the program with a sentence if it is not one, or less than `least`. */
export const numberOption = (name: string, text: string, least: number): number => {
  const number = /^\d{1,10}(\.\d+)?$/.test(text) ? Number(text) : NaN
  if (number >= least) return number
  console.error(`--${name} takes a number of at least ${least} (found: ${text})`)
  return process.exit(2)
}
