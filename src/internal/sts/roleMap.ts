/**
 * A map whose keys are the roles to assume.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Keyed } from "../provider/pool.ts"
import type { Role } from "./role.ts"

/**
 * Nothing but the fields of a role, as STS gets them. What else an object has, such as one that was read from JSON, must
 * not replace the source or the endpoint, and an object that changes later must not change the role of a session.
 *
 * @internal
 */
export const fieldsOf = ({ duration, externalId, policy, roleArn, roleSessionName }: Role): Role => ({
  roleArn: textOf(roleArn),
  roleSessionName: textOf(roleSessionName),
  policy: textOf(policy),
  externalId: textOf(externalId),
  duration: fixed(duration)
})

// A column of a database may be null, or hold a number. A policy that is no text must never count as missing, since the
// session could then do more.
const textOf = (field: unknown): string =>
  typeof field === "string" ? field : field === undefined || field === null ? "" : JSON.stringify(field) ?? "?"

// An array can change. A text cannot, and parsing it takes longer than the rest of a lookup.
const fixed = (duration: Role["duration"]): Role["duration"] =>
  typeof duration === "string" && Option.isSome(Duration.decodeUnknown(duration)) ? duration : millisOf(duration)

/** What is no duration counts as zero, which is too short for STS. */
const millisOf = (duration: Role["duration"]): number | undefined =>
  duration === undefined || duration === null
    ? undefined
    : Duration.toMillis(Option.getOrElse(Duration.decodeUnknown(duration), () => Duration.zero))

/** The fields in the order in which they are compared. Only a duration has to be parsed for that. */
const fieldAt = (role: Role, depth: number): string | number | undefined => {
  switch (depth) {
    case 0:
      return role.roleArn
    case 1:
      return role.roleSessionName ?? ""
    case 2:
      return role.externalId ?? ""
    case 3:
      return role.policy ?? ""
    default:
      return millisOf(role.duration)
  }
}

const isSame = (one: Role, other: Role): boolean =>
  one.roleArn === other.roleArn &&
  (one.roleSessionName ?? "") === (other.roleSessionName ?? "") &&
  (one.externalId ?? "") === (other.externalId ?? "") &&
  (one.policy ?? "") === (other.policy ?? "") &&
  (one.duration === other.duration || millisOf(one.duration) === millisOf(other.duration))

interface Leaf<A> {
  readonly role: Role
  readonly value: A
}

/** By the first field in which its roles may differ. What has only one role below it is that role. */
type Node<A> = Map<string | number | undefined, Node<A> | Leaf<A>>

/**
 * A text of all fields as the key would have to be built and hashed for each lookup, which takes longer than the rest of
 * it. This compares fields, and most of them are the same string in memory.
 *
 * @internal
 */
export const make = <A>(): Keyed<Role, A> => {
  const root: Node<A> = new Map()
  return {
    get: (role) => {
      let node = root.get(role.roleArn)
      for (let depth = 1; node instanceof Map; depth++) node = node.get(fieldAt(role, depth))
      return node !== undefined && isSame(node.role, role) ? node.value : undefined
    },
    set: (role, value) => put(root, 0, { role, value }),
    delete: (role) => remove(root, 0, role)
  }
}

const put = <A>(node: Node<A>, depth: number, leaf: Leaf<A>): void => {
  const field = fieldAt(leaf.role, depth)
  const below = node.get(field)
  if (below instanceof Map) put(below, depth + 1, leaf)
  else if (below === undefined || isSame(below.role, leaf.role)) node.set(field, leaf)
  else {
    const next: Node<A> = new Map([[fieldAt(below.role, depth + 1), below]])
    node.set(field, next)
    put(next, depth + 1, leaf)
  }
}

const remove = <A>(node: Node<A>, depth: number, role: Role): void => {
  const field = fieldAt(role, depth)
  const below = node.get(field)
  if (below instanceof Map) remove(below, depth + 1, role)
  if (below instanceof Map ? below.size === 0 : below !== undefined && isSame(below.role, role)) node.delete(field)
}
