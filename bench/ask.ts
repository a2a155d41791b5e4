/**
 * A request without Effect, as other libraries make them.
 */
export const ask = async (address: string): Promise<string> => {
  // @effect-diagnostics-next-line globalFetch:off
  const response = await fetch(address)
  return response.text()
}
