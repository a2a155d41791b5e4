/**
 * The data of the local cloud: accounts, keys, roles, and the configuration of its services.
 *
 * @since 0.1.0
 */

import type { DurationInput } from "effect/Duration"

/**
 * The services of the cloud. `sts` is API version 2015-04-01 with any signature; `openapi` is every other API.
 *
 * @since 0.1.0
 * @category models
 */
export type ServiceName = "sts" | "imds" | "uri" | "cloudsso" | "oauth" | "openapi"

/**
 * An AccessKey of a user, or of the account itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccessKey {
  /** The id of the key. */
  readonly id: string
  /** The secret of the key. */
  readonly secret: string
  /** The account of the key. */
  readonly accountId: string
  /** The name of the RAM user. Defaults to the account itself, which may not assume a role. */
  readonly user?: string | undefined
  /** Whether the cloud accepts the key. Defaults to `true`. */
  readonly active?: boolean | undefined
}

/**
 * A RAM role.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role {
  /** The ARN, as `acs:ram::ACCOUNT:role/NAME`. */
  readonly arn: string
  /** Who may assume the role: ARNs of users, roles, OIDC providers, or `acs:ram::ACCOUNT:root` for a whole account. */
  readonly trusted: "all" | ReadonlyArray<string>
  /** The longest session that a caller may request. */
  readonly maxSession: DurationInput
  /** The `ExternalId` that a caller has to send. Defaults to none. */
  readonly externalId?: string | undefined
}

/**
 * An OIDC identity provider, and its valid tokens.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcProvider {
  /** The ARN, as `acs:ram::ACCOUNT:oidc-provider/NAME`. */
  readonly arn: string
  /** The valid tokens, or a function that checks a token. */
  readonly tokens: ReadonlyArray<string> | ((token: string) => boolean)
}

/**
 * The metadata service of an instance.
 *
 * @since 0.1.0
 * @category models
 */
export interface Imds {
  /** The account of the roles. */
  readonly accountId: string
  /** The roles that are attached to the instance, in the order of the list. Without a role the service answers 404. */
  readonly roles: ReadonlyArray<string>
  /** Whether a request without a token is answered. */
  readonly v1: boolean
  /** How token requests are answered. `silent`: never, as behind too many network hops; `absent`: with 404. */
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
  /** The account of the role. */
  readonly accountId: string
  /** The name of the role. */
  readonly role: string
  /** How long a session is valid. */
  readonly lifetime: DurationInput
}

/**
 * An account and access configuration that a CloudSSO access token gives access to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Assignment {
  /** The access token. */
  readonly accessToken: string
  /** The account. */
  readonly accountId: string
  /** The id of the access configuration. */
  readonly accessConfiguration: string
}

/**
 * CloudSSO: the sign-in portal of an organization.
 *
 * @since 0.1.0
 * @category models
 */
export interface CloudSso {
  /** The access that each access token gives. */
  readonly assignments: ReadonlyArray<Assignment>
  /** How long a session is valid. */
  readonly lifetime: DurationInput
}

/**
 * One site of the OAuth service.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthSite {
  /** The host of the site. */
  readonly host: string
  /** The id of the client that the site accepts. */
  readonly clientId: string
}

/**
 * OAuth: exchanges refresh tokens for access tokens, and access tokens for STS credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuth {
  /** The account of the user. */
  readonly accountId: string
  /** The name of the RAM user who logged in. */
  readonly user: string
  /** The sites. */
  readonly sites: ReadonlyArray<OAuthSite>
  /** Refresh tokens that are valid from the start. Every refresh token is single-use. */
  readonly refreshTokens: ReadonlyArray<string>
  /** Access tokens that are valid from the start. They do not expire. */
  readonly accessTokens: ReadonlyArray<string>
  /** How long an issued access token is valid. */
  readonly accessTokenLifetime: DurationInput
  /** How long an exchanged session is valid. */
  readonly exchangeLifetime: DurationInput
  /** The letter case of fields in the answer to an exchange: `accessKeyId` or `AccessKeyId`. */
  readonly replyCase: "camel" | "pascal"
}

/**
 * A secret of the key management service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Secret {
  /** The name of the secret. */
  readonly name: string
  /** The type of the secret. */
  readonly type: "Generic" | "RAMCredentials"
  /** The value of the secret. */
  readonly data: string
  /** The id of the current version. */
  readonly versionId: string
  /** The interval in the answer. It rotates nothing: use `Service.rotateSecret`. Defaults to none. */
  readonly rotationInterval?: DurationInput | undefined
}

/**
 * A token that a request may contain instead of a signature.
 *
 * @since 0.1.0
 * @category models
 */
export interface BearerToken {
  /** The token. */
  readonly token: string
  /** The account of the user. */
  readonly accountId: string
  /** The name of the RAM user. */
  readonly user: string
}

/**
 * The data of the cloud, as a plain object. Change it with `Service.update`.
 *
 * @since 0.1.0
 * @category models
 */
export interface World {
  /** The AccessKeys. */
  readonly accessKeys: ReadonlyArray<AccessKey>
  /** The RAM roles. */
  readonly roles: ReadonlyArray<Role>
  /** The OIDC identity providers. */
  readonly oidcProviders: ReadonlyArray<OidcProvider>
  /** The bearer tokens. */
  readonly bearerTokens: ReadonlyArray<BearerToken>
  /** The metadata service. */
  readonly imds: Imds
  /** The credentials URI. */
  readonly uri: CredentialsUri
  /** CloudSSO. */
  readonly cloudSso: CloudSso
  /** OAuth. */
  readonly oauth: OAuth
  /** The secrets of the key management service. */
  readonly secrets: ReadonlyArray<Secret>
  /** The ids of the regions that `DescribeRegions` returns. */
  readonly regions: ReadonlyArray<string>
  /** The lifetime of sessions of an assumed role. If `undefined`, the request decides. */
  readonly sessionLifetime: DurationInput | undefined
}

const accountId = "1234567890123456"

const values = {
  accountId,
  /** The key pair of the RAM user `local-user`. */
  accessKeyId: "LTAI5tLocalCloudUser0001",
  accessKeySecret: "LocalUserSecret0001AbCdEfGhIjK",
  /** The key pair in the secret `secretName`. */
  managedKeyId: "LTAI5tLocalCloudManaged1",
  managedKeySecret: "LocalManagedSecret0001LmNoPqRs",
  roleArn: `acs:ram::${accountId}:role/local-role`,
  /** A second role, for role chaining. */
  otherRoleArn: `acs:ram::${accountId}:role/other-role`,
  instanceRole: "local-instance-role",
  oidcProviderArn: `acs:ram::${accountId}:oidc-provider/local-idp`,
  oidcToken: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsb2NhbC1wb2QifQ.bG9jYWwtc2lnbmF0dXJl",
  bearerToken: "local-bearer-token-0001",
  /** The address of the credentials URI, in memory and through `layerClient`. */
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
 * The initial values of a cloud, and all of its initial data as `world`.
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
