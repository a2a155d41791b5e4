/**
 * Parameters of any depth as the flat ones of the gateways: the members of a list count from 1.
 */
import * as Redacted from "effect/Redacted"

/**
 * The value of a parameter. Lists and objects become `Tag.1.Key` and the like, which is how the gateways want them;
 * `undefined` is left out. The text of a `Redacted` is kept out of errors.
 */
export type Parameter =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | Redacted.Redacted
  | ReadonlyArray<Parameter>
  | Parameters

/** Parameters by name. */
export interface Parameters {
  readonly [name: string]: Parameter
}

type Flat = Readonly<Record<string, string>>

/** @internal */
export const flatten = (parameters: Parameters = {}): Flat => Object.fromEntries(visit("", parameters))

const visit = (name: string, value: Parameter): ReadonlyArray<readonly [string, string]> => {
  if (value === undefined) return []
  if (Redacted.isRedacted(value)) return [[name, String(Redacted.value(value))]]
  if (typeof value !== "object") return [[name, String(value)]]
  const members = Array.isArray(value)
    ? value.map((member: Parameter, at): readonly [string, Parameter] => [String(at + 1), member])
    : Object.entries(value as Parameters)
  return members.flatMap(([member, inner]) => visit(name === "" ? member : `${name}.${member}`, inner))
}

/** The texts that were given as secret. @internal */
export const secretsOf = (parameter: Parameter): ReadonlyArray<string> => {
  if (Redacted.isRedacted(parameter)) return [String(Redacted.value(parameter))]
  return typeof parameter === "object" ? Object.values(parameter).flatMap(secretsOf) : []
}
