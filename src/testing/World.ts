/**
 * What exists in the local cloud: accounts, keys, roles, and how its services are configured.
 *
 * @since 0.1.0
 */

import type { DurationInput } from "effect/Duration"

/**
 * The services of the cloud: `sts` is API version 2015-04-01, however it is signed; `openapi` is every other API.
 *
 * @since 0.1.0
 * @category models
 */
export type ServiceName = "sts" | "imds" | "uri" | "cloudsso" | "oauth" | "openapi"

/**
 * A long-lived key pair of a user, or of the account itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKey {
  readonly id: string
  readonly secret: string
  readonly accountId: string
  /** Name of the RAM user. Without one the key belongs to the account, which may not assume a role. */
  readonly user?: string | undefined
  /** A key that is not active is refused. Defaults to `true`. */
  readonly active?: boolean | undefined
}

/**
 * A RAM role.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role {
  /** `acs:ram::ACCOUNT:role/NAME` */
  readonly arn: string
  /** ARNs of users, roles, OIDC providers, or `acs:ram::ACCOUNT:root` for a whole account. */
  readonly trusted: "all" | ReadonlyArray<string>
  /** Longest session that a caller may request. */
  readonly maxSession: DurationInput
  /** When set, a caller has to send the same `ExternalId`. */
  readonly externalId?: string | undefined
}

/**
 * An OIDC identity provider, and the tokens that it accepts.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcProvider {
  /** `acs:ram::ACCOUNT:oidc-provider/NAME` */
  readonly arn: string
  readonly tokens: ReadonlyArray<string> | ((token: string) => boolean)
}

/**
 * The metadata service of an instance.
 *
 * @since 0.1.0
 * @category models
 */
export interface Imds {
  /** Account of the roles. */
  readonly accountId: string
  /** Roles attached to the instance, in the order of the list. Without a role the service answers 404. */
  readonly roles: ReadonlyArray<string>
  /** Whether a request without a token is answered. */
  readonly v1: boolean
  /** `silent`: a token request never gets an answer, as behind one network hop too many; `absent`: it gets 404. */
  readonly v2: "available" | "absent" | "silent"
  /** How long a credential is valid after it is issued. */
  readonly lifetime: DurationInput
  /**
   * The next credential replaces the current one this long before its expiration, at most half of `lifetime`. Until
   * then every answer is the same.
   */
  readonly rotateBefore: DurationInput
}

/**
 * The credentials URI.
 *
 * @since 0.1.0
 * @category models
 */
export interface CredentialsUri {
  readonly accountId: string
  readonly role: string
  readonly lifetime: DurationInput
}

/**
 * An account and access configuration that a CloudSSO access token may be exchanged for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Assignment {
  readonly accessToken: string
  readonly accountId: string
  readonly accessConfiguration: string
}

/**
 * CloudSSO: the sign-in portal of an organization.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSso {
  readonly assignments: ReadonlyArray<Assignment>
  readonly lifetime: DurationInput
}

/**
 * One site of the OAuth service.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthSite {
  readonly host: string
  readonly clientId: string
}

/**
 * OAuth: exchanges refresh tokens for access tokens, and access tokens for STS credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuth {
  readonly accountId: string
  readonly user: string
  readonly sites: ReadonlyArray<OAuthSite>
  /** Refresh tokens that are valid from the start. Every refresh token can be used once. */
  readonly refreshTokens: ReadonlyArray<string>
  /** Access tokens that are valid from the start. They do not expire. */
  readonly accessTokens: ReadonlyArray<string>
  readonly accessTokenLifetime: DurationInput
  /** How long an exchanged credential is valid. */
  readonly exchangeLifetime: DurationInput
  /** Letter case of the reply to an exchange: `accessKeyId` or `AccessKeyId`. */
  readonly replyCase: "camel" | "pascal"
}

/**
 * A secret of the key management service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Secret {
  readonly name: string
  readonly type: "Generic" | "RAMCredentials"
  readonly data: string
  readonly versionId: string
  /** Only shown in the answer. A secret rotates with `Service.rotateSecret`. */
  readonly rotationInterval?: DurationInput | undefined
}

/**
 * A token that a request may have instead of a signature.
 *
 * @since 0.1.0
 * @category models
 */
export interface BearerToken {
  readonly token: string
  readonly accountId: string
  readonly user: string
}

/**
 * Everything that exists in the cloud. Plain data: change it with `Service.update`.
 *
 * @since 0.1.0
 * @category models
 */
export interface World {
  readonly accessKeys: ReadonlyArray<AccessKey>
  readonly roles: ReadonlyArray<Role>
  readonly oidcProviders: ReadonlyArray<OidcProvider>
  readonly bearerTokens: ReadonlyArray<BearerToken>
  readonly imds: Imds
  readonly uri: CredentialsUri
  readonly cloudSso: CloudSso
  readonly oauth: OAuth
  readonly secrets: ReadonlyArray<Secret>
  readonly regions: ReadonlyArray<string>
  /** When set, sessions of an assumed role are valid this long, and not as long as the request says. */
  readonly sessionLifetime: DurationInput | undefined
}

const accountId = "1234567890123456"

const values = {
  accountId,
  /** Key pair of the RAM user `local-user`. */
  accessKeyId: "LTAI5tLocalCloudUser0001",
  accessKeySecret: "LocalUserSecret0001AbCdEfGhIjK",
  /** Key pair stored in the secret `secretName`. */
  managedKeyId: "LTAI5tLocalCloudManaged1",
  managedKeySecret: "LocalManagedSecret0001LmNoPqRs",
  roleArn: `acs:ram::${accountId}:role/local-role`,
  /** A second role, for role chaining. */
  otherRoleArn: `acs:ram::${accountId}:role/other-role`,
  instanceRole: "local-instance-role",
  oidcProviderArn: `acs:ram::${accountId}:oidc-provider/local-idp`,
  oidcToken: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsb2NhbC1wb2QifQ.bG9jYWwtc2lnbmF0dXJl",
  bearerToken: "local-bearer-token-0001",
  /** Where the credentials URI is, in memory and through `layerClient`. */
  credentialsUri: "http://credentials.local/credentials",
  cloudSsoSignInUrl: "https://signin-local.alibabacloudsso.com/local/login",
  cloudSsoAccountId: accountId,
  cloudSsoAccessConfiguration: "ac-localconfig0001",
  cloudSsoAccessToken: "local-cloud-sso-access-token-0001",
  oauthSites: {
    CN: { host: "oauth.aliyun.com", clientId: "4038181954557748008" },
    INTL: { host: "oauth.alibabacloud.com", clientId: "4103531455503354461" }
  },
  oauthRefreshToken: "local-oauth-refresh-token-0001",
  oauthAccessToken: "local-oauth-access-token-0001",
  secretName: "acs/ram/user/local-managed"
} as const

const world: World = {
  accessKeys: [
    { id: values.accessKeyId, secret: values.accessKeySecret, accountId, user: "local-user" },
    { id: values.managedKeyId, secret: values.managedKeySecret, accountId, user: "local-managed" }
  ],
  roles: [
    { arn: values.roleArn, trusted: "all", maxSession: "12 hours" },
    { arn: values.otherRoleArn, trusted: "all", maxSession: "12 hours" }
  ],
  oidcProviders: [{ arn: values.oidcProviderArn, tokens: [values.oidcToken] }],
  bearerTokens: [{ token: values.bearerToken, accountId, user: "local-user" }],
  imds: {
    accountId,
    roles: [values.instanceRole],
    v1: true,
    v2: "available",
    lifetime: "6 hours",
    rotateBefore: "30 minutes"
  },
  uri: { accountId, role: "local-uri-role", lifetime: "1 hour" },
  cloudSso: {
    assignments: [{
      accessToken: values.cloudSsoAccessToken,
      accountId,
      accessConfiguration: values.cloudSsoAccessConfiguration
    }],
    lifetime: "1 hour"
  },
  oauth: {
    accountId,
    user: "local-user",
    sites: [values.oauthSites.CN, values.oauthSites.INTL],
    refreshTokens: [values.oauthRefreshToken],
    accessTokens: [values.oauthAccessToken],
    accessTokenLifetime: "1 hour",
    exchangeLifetime: "1 hour",
    replyCase: "camel"
  },
  secrets: [{
    name: values.secretName,
    type: "RAMCredentials",
    data: JSON.stringify({ AccessKeyId: values.managedKeyId, AccessKeySecret: values.managedKeySecret }),
    versionId: "v1",
    rotationInterval: "7 days"
  }],
  regions: ["cn-hangzhou", "cn-shanghai", "ap-southeast-1"],
  sessionLifetime: undefined
}

/**
 * The values that a cloud starts with, and as `world` all of it at once.
 *
 * @example
 * ```ts
 * import { LocalCloud } from "effect-alicloud-credentials/testing"
 *
 * const { imds } = LocalCloud.defaults.world
 * export const hardened = LocalCloud.layer({ world: { imds: { ...imds, v1: false } } })
 * ```
 *
 * @since 0.1.0
 * @category configuration
 */
export const defaults = { ...values, world } as const
