/**
 * Which hosts are reached without a proxy.
 */

/** The entries of `NO_PROXY`, the metadata service, and this machine. @internal */
export const withoutProxy = (listed: string): string =>
  [listed, "100.100.100.200", "localhost", "127.0.0.1", "[::1]"].filter((entry) => entry !== "").join(",")
