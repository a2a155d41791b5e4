import { ByteSize, type FileSystem, Option } from "effect"

/** What a file system says of a regular file that its owner alone may read and write. Its numbers are bigints. */
export const fileInfo = (size: number, mtime: Date, ino?: number): FileSystem.File.Info => ({
  type: "File",
  mtime: Option.some(mtime),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0n,
  ino: Option.map(Option.fromNullishOr(ino), BigInt),
  mode: 0o600,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  size: ByteSize.bytes(size),
  blksize: Option.none(),
  blocks: Option.none()
})
