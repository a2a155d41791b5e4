import type { DurationInput } from "effect/Duration"

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
  /** Name of the RAM user. Without one the key belongs to the account, which may assume no role. */
  readonly user?: string | undefined
  /** A disabled key is known, and refused. Defaults to `true`. */
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
  /** Longest session that may be asked for. */
  readonly maxSession: DurationInput
  /** When set, a caller has to send the same `ExternalId`. */
  readonly externalId?: string | undefined
}

/**
 * An OIDC identity provider, and the tokens it vouches for.
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
  /** Account that the roles belong to. */
  readonly accountId: string
  /** Roles attached to the instance; the first is the one that is listed first. None: answers 404. */
  readonly roles: ReadonlyArray<string>
  /** Whether a request without a token is answered. */
  readonly v1: boolean
  /** `silent` is a token request that never gets an answer, as past a network hop too many; `absent` answers 404. */
  readonly v2: "available" | "absent" | "silent"
  /** How long a credential lives from when it is issued. */
  readonly lifetime: DurationInput
  /**
   * The next credential is there this long before the present one ends, at most half of `lifetime`; until then every
   * answer is the same.
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
 * What one CloudSSO access token may be exchanged for.
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
 * OAuth: refresh tokens become access tokens, access tokens become STS credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuth {
  readonly accountId: string
  readonly user: string
  readonly sites: ReadonlyArray<OAuthSite>
  /** Refresh tokens known from the start. Each is good for one use, as is each that is issued. */
  readonly refreshTokens: ReadonlyArray<string>
  /** Access tokens known from the start. They do not expire. */
  readonly accessTokens: ReadonlyArray<string>
  readonly accessTokenLifetime: DurationInput
  /** How long an exchanged credential lives. */
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
  /** Shown in the answer when set; nothing rotates by itself, see `Service.rotateSecret`. */
  readonly rotationInterval?: DurationInput | undefined
}

/**
 * A token that a request may carry instead of a signature.
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
  /** When set, sessions of `AssumeRole` and `AssumeRoleWithOIDC` last this long, whatever was asked for. */
  readonly sessionLifetime: DurationInput | undefined
}

const accountId = "1234567890123456"
const accessKeyId = "LTAI5tLocalCloudUser0001"
const accessKeySecret = "LocalUserSecret0001AbCdEfGhIjK"
const managedKeyId = "LTAI5tLocalCloudManaged1"
const managedKeySecret = "LocalManagedSecret0001LmNoPqRs"
const roleArn = `acs:ram::${accountId}:role/local-role`
const otherRoleArn = `acs:ram::${accountId}:role/other-role`
const instanceRole = "local-instance-role"
const oidcProviderArn = `acs:ram::${accountId}:oidc-provider/local-idp`
const oidcToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsb2NhbC1wb2QifQ.bG9jYWwtc2lnbmF0dXJl"
const bearerToken = "local-bearer-token-0001"
const cloudSsoAccessToken = "local-cloud-sso-access-token-0001"
const cloudSsoAccessConfiguration = "ac-localconfig0001"
const oauthRefreshToken = "local-oauth-refresh-token-0001"
const oauthAccessToken = "local-oauth-access-token-0001"
const secretName = "acs/ram/user/local-managed"

const oauthSites = {
  CN: { host: "oauth.aliyun.com", clientId: "4038181954557748008" },
  INTL: { host: "oauth.alibabacloud.com", clientId: "4103531455503354461" }
} as const

const world: World = {
  accessKeys: [
    { id: accessKeyId, secret: accessKeySecret, accountId, user: "local-user" },
    { id: managedKeyId, secret: managedKeySecret, accountId, user: "local-managed" }
  ],
  roles: [
    { arn: roleArn, trusted: "all", maxSession: "12 hours" },
    { arn: otherRoleArn, trusted: "all", maxSession: "12 hours" }
  ],
  oidcProviders: [{ arn: oidcProviderArn, tokens: [oidcToken] }],
  bearerTokens: [{ token: bearerToken, accountId, user: "local-user" }],
  imds: {
    accountId,
    roles: [instanceRole],
    v1: true,
    v2: "available",
    lifetime: "6 hours",
    rotateBefore: "30 minutes"
  },
  uri: { accountId, role: "local-uri-role", lifetime: "1 hour" },
  cloudSso: {
    assignments: [{ accessToken: cloudSsoAccessToken, accountId, accessConfiguration: cloudSsoAccessConfiguration }],
    lifetime: "1 hour"
  },
  oauth: {
    accountId,
    user: "local-user",
    sites: [oauthSites.CN, oauthSites.INTL],
    refreshTokens: [oauthRefreshToken],
    accessTokens: [oauthAccessToken],
    accessTokenLifetime: "1 hour",
    exchangeLifetime: "1 hour",
    replyCase: "camel"
  },
  secrets: [{
    name: secretName,
    type: "RAMCredentials",
    data: JSON.stringify({ AccessKeyId: managedKeyId, AccessKeySecret: managedKeySecret }),
    versionId: "v1",
    rotationInterval: "7 days"
  }],
  regions: ["cn-hangzhou", "cn-shanghai", "ap-southeast-1"],
  sessionLifetime: undefined
}

/**
 * The names and values of the world that `layer()` starts with.
 *
 * @since 0.1.0
 * @category configuration
 */
export const defaults = {
  accountId,
  /** Key pair of the RAM user `local-user`. */
  accessKeyId,
  accessKeySecret,
  /** Key pair kept in the secret `secretName`. */
  managedKeyId,
  managedKeySecret,
  roleArn,
  /** A second role, for role chaining. */
  otherRoleArn,
  instanceRole,
  oidcProviderArn,
  oidcToken,
  bearerToken,
  /** Where the credentials URI is, in memory and through `layerClient`. */
  credentialsUri: "http://credentials.local/credentials",
  cloudSsoSignInUrl: "https://signin-local.alibabacloudsso.com/local/login",
  cloudSsoAccountId: accountId,
  cloudSsoAccessConfiguration,
  cloudSsoAccessToken,
  oauthSites,
  oauthRefreshToken,
  oauthAccessToken,
  secretName,
  world
} as const
