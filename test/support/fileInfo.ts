import { FileSystem } from "@effect/platform"
import { Option } from "effect"

/** What a file system says of a regular file that its owner alone may read and write. */
export const fileInfo = (size: number, mtime: Date, ino?: number): FileSystem.File.Info => ({
  type: "File",
  mtime: Option.some(mtime),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0,
  ino: Option.fromNullable(ino),
  mode: 0o600,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  size: FileSystem.Size(size),
  blksize: Option.none(),
  blocks: Option.none()
})
