/**
 * Flattens nested parameters as the gateways expect them: the members of a list count from 1.
 */
import * as Redacted from "effect/Redacted"
import type { Parameter, Parameters } from "../../OpenApi.ts"

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

/** The values of all `Redacted` parameters. @internal */
export const secretTexts = (parameter: Parameter): ReadonlyArray<string> => {
  if (Redacted.isRedacted(parameter)) return [String(Redacted.value(parameter))]
  return typeof parameter === "object" ? Object.values(parameter).flatMap(secretTexts) : []
}
