/** The version of the package, which a test compares with `package.json`. @internal */
export const version = "3.1.0"

/** @internal */
export const userAgent = `effect-alicloud-credentials/${version}`
