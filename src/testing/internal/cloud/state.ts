import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { World } from "../../World.ts"
import { base64, formatInstant, utf8 } from "../wire/encode.ts"

/**
 * The identity that sent a request.
 *
 * @internal
 */
export interface Principal {
  readonly type: "Account" | "RAMUser" | "AssumedRoleUser"
  readonly accountId: string
  /** The user or the role. Empty for an account. */
  readonly name: string
  /** Empty unless it is an assumed role. */
  readonly session: string
}

/** @internal */
export interface Session {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly issuedAt: number
  readonly principal: Principal
}

/** @internal */
export interface State {
  readonly seed: string
  /** The number of answers so far, which makes issued values differ. */
  readonly serial: number
  readonly world: World
  readonly sessions: HashMap.HashMap<string, Session>
  readonly revoked: HashSet.HashSet<string>
  /** The memory of each service, under its own key. */
  readonly memory: Context.Context<never>
  /** Every secret and token that was issued. */
  readonly issued: Chunk.Chunk<string>
}

/** @internal */
export const initialState = (world: World, seed: string): State => ({
  seed,
  serial: 0,
  world,
  sessions: HashMap.empty(),
  revoked: HashSet.empty(),
  memory: Context.empty(),
  issued: Chunk.empty()
})

/** @internal */
export const recall = <Id, A>(state: State, memory: Context.Reference<Id, A>): A => Context.get(state.memory, memory)

/** @internal */
export const remember = <Id, A>(state: State, memory: Context.Reference<Id, A>, value: A): State => ({
  ...state,
  memory: Context.add(state.memory, memory, value)
})

/** @internal */
export const withWorld = (state: State, change: (world: World) => World): State => ({
  ...state,
  world: change(state.world)
})

/**
 * Starts an answer. The values that it issues differ from those of every other answer.
 *
 * @internal
 */
export const nextSerial = (state: State): State => ({ ...state, serial: state.serial + 1 })

/** @internal */
export const revoke = (state: State, accessKeyId: string): State => ({
  ...state,
  revoked: HashSet.add(state.revoked, accessKeyId)
})

const derive = (state: State, label: string): Uint8Array =>
  hmac(sha256, utf8(state.seed), utf8(`${state.serial}/${label}`))

const alphanumeric = (state: State, label: string): string =>
  base64(derive(state, label)).replace(/[^A-Za-z0-9]/g, "x").slice(0, 40)

/** @internal */
export const requestId = (state: State): string =>
  bytesToHex(derive(state, "request")).toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5")

/**
 * The id of a user or role: always the same number for the same name.
 *
 * @internal
 */
export const entityId = (name: string): string =>
  `3${BigInt(`0x${bytesToHex(sha256(utf8(name))).slice(0, 14)}`).toString().padStart(17, "0").slice(0, 17)}`

/**
 * A token with the characters that a client has to encode: `+`, `/` and `=`.
 *
 * @internal
 */
export const opaqueToken = (state: State, label: string): string =>
  `${base64(derive(state, label)).replace(/=+$/, "")}+/${base64(derive(state, `${label}/2`))}`

/** @internal */
export const recordIssued = (state: State, ...secrets: ReadonlyArray<string>): State => ({
  ...state,
  issued: Chunk.appendAll(state.issued, Chunk.fromIterable(secrets))
})

/** @internal */
export const issuedSecrets = (state: State): ReadonlyArray<string> => Chunk.toReadonlyArray(state.issued)

/** @internal */
export const newAccessKey = (state: State, label: string): { readonly id: string; readonly secret: string } => ({
  id: `LTAI5t${alphanumeric(state, `${label}/id`).slice(0, 18)}`,
  secret: alphanumeric(state, `${label}/secret`).slice(0, 30)
})

/** @internal */
export const issueSession = (
  state: State,
  principal: Principal,
  issuedAt: number,
  lifetimeMillis: number
): readonly [Session, State] => {
  const session: Session = {
    accessKeyId: `STS.N${alphanumeric(state, "session/id").slice(0, 24)}`,
    accessKeySecret: alphanumeric(state, "session/secret"),
    securityToken: `CAIS${opaqueToken(state, "session/token")}`,
    // An answer has whole seconds, and the check has to match the answer.
    expiresAt: Math.floor((issuedAt + lifetimeMillis) / 1000) * 1000,
    issuedAt,
    principal
  }
  const next = recordIssued(state, session.accessKeySecret, session.securityToken)
  return [session, { ...next, sessions: HashMap.set(next.sessions, session.accessKeyId, session) }]
}

/** @internal */
export const findSession = (state: State, accessKeyId: string): Session | undefined =>
  Option.getOrUndefined(HashMap.get(state.sessions, accessKeyId))

/** @internal */
export const endSession = (state: State, accessKeyId: string, at: number): State => ({
  ...state,
  sessions: HashMap.modify(state.sessions, accessKeyId, (session) => ({ ...session, expiresAt: at }))
})

/** @internal */
export const sessionFields = (session: Session) => ({
  AccessKeyId: session.accessKeyId,
  AccessKeySecret: session.accessKeySecret,
  SecurityToken: session.securityToken,
  Expiration: formatInstant(session.expiresAt)
})
