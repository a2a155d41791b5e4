/** The Node.js with which Effect 4 is tested: this one if it is new enough, otherwise that of the npm package. */
import path from "node:path"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

export const newerNode: string = major > 22 || (major === 22 && minor >= 19)
  ? process.execPath
  : path.resolve(
    `v4/node_modules/node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}/bin/node${
      process.platform === "win32" ? ".exe" : ""
    }`
  )
