import { entityId, type Principal } from "./state.ts"

interface RoleName {
  readonly accountId: string
  readonly name: string
}

/** @internal */
export const parseRoleArn = (arn: string): RoleName | undefined => {
  const [, accountId, name] = /^acs:ram::([^:]+):role\/(.+)$/.exec(arn) ?? []
  return accountId === undefined || name === undefined ? undefined : { accountId, name }
}

/** @internal */
export const assumedRole = (role: RoleName, session: string): Principal => ({
  type: "AssumedRoleUser",
  accountId: role.accountId,
  name: role.name,
  session
})

/** @internal */
export const principalArn = (principal: Principal): string => {
  switch (principal.type) {
    case "Account":
      return `acs:ram::${principal.accountId}:root`
    case "RAMUser":
      return `acs:ram::${principal.accountId}:user/${principal.name}`
    case "AssumedRoleUser":
      return `acs:ram::${principal.accountId}:assumed-role/${principal.name}/${principal.session}`
  }
}

/**
 * The ARNs by which a trust policy allows a caller.
 *
 * @internal
 */
export const trustedArns = (principal: Principal): ReadonlyArray<string> => [
  principal.type === "AssumedRoleUser"
    ? `acs:ram::${principal.accountId}:role/${principal.name}`
    : principalArn(principal),
  `acs:ram::${principal.accountId}:root`
]

const roleId = (principal: Principal): string => entityId(`${principal.accountId}/role/${principal.name}`)

const userId = (principal: Principal): string => entityId(`${principal.accountId}/user/${principal.name}`)

/** @internal */
export const assumedRoleUser = (principal: Principal) => ({
  Arn: principalArn(principal),
  AssumedRoleId: `${roleId(principal)}:${principal.session}`
})

/** @internal */
export const callerIdentity = (principal: Principal) => {
  const common = { IdentityType: principal.type, AccountId: principal.accountId, Arn: principalArn(principal) }
  switch (principal.type) {
    case "Account":
      return { ...common, PrincipalId: principal.accountId, UserId: principal.accountId }
    case "RAMUser":
      return { ...common, PrincipalId: userId(principal), UserId: userId(principal) }
    case "AssumedRoleUser":
      return { ...common, PrincipalId: `${roleId(principal)}:${principal.session}`, RoleId: roleId(principal) }
  }
}
