/**
 * Adapts a `CredentialProvider` to the official SDKs and to `ali-oss`, `pop-core`, `@alicloud/log`, `mns`,
 * `tablestore`, `aliyun-sdk`, `fc2` and RocketMQ. Each request is signed with the current credentials.
 *
 * @since 0.1.0
 */
export * as AlicloudSdk from "./AlicloudSdk.ts"

/**
 * The account and identity that credentials belong to, as STS reports them, and a guard against those of another
 * account.
 *
 * @since 0.1.0
 */
export * as CallerIdentity from "./CallerIdentity.ts"

/**
 * Credentials from a profile of `~/.aliyun/config.json`, the file of the Alibaba Cloud CLI. Supports every mode of a
 * profile, and stores the sessions of logins in the file as the CLI does.
 *
 * @since 0.1.0
 */
export * as CliProfile from "./CliProfile.ts"

/**
 * Sessions of CloudSSO, for a person who logged in at a sign-in page and works in one account.
 *
 * @since 0.1.0
 */
export * as CloudSso from "./CloudSso.ts"

/**
 * Chains of providers, tried in order at the first `get`. Build your own chain, or change the links of `DefaultChain`.
 *
 * @since 0.1.0
 */
export * as CredentialChain from "./CredentialChain.ts"

/**
 * Which credentials a provider returns, as a stream, for programs that hold connections which were opened with them.
 *
 * @since 0.1.0
 */
export * as CredentialChanges from "./CredentialChanges.ts"

/**
 * Credentials that the `Config` object of the official SDKs describes, for programs that already have one.
 *
 * @since 0.1.0
 */
export * as CredentialConfig from "./CredentialConfig.ts"

/**
 * The errors of providers, split by what the caller can do next: try another source, fix the configuration, retry, ask
 * an administrator, report a broken server, check the clock or log in.
 *
 * @since 0.1.0
 */
export * as CredentialError from "./CredentialError.ts"

/**
 * The service that returns credentials. Call `CredentialProvider.get` for each request. `layer` caches and renews the
 * credentials of your own effect.
 *
 * @since 0.1.0
 */
export * as CredentialProvider from "./CredentialProvider.ts"

/**
 * The credentials that a provider returns: an AccessKey pair, an STS token or a bearer token. Secrets are `Redacted`.
 *
 * @since 0.1.0
 */
export * as Credentials from "./Credentials.ts"

/**
 * Gives the credentials of a program to other programs on the same machine, in any language, over HTTP.
 *
 * @since 0.1.0
 */
export * as CredentialsServer from "./CredentialsServer.ts"

/**
 * Sessions from your own HTTP service, which answers a `GET` with the session as JSON.
 *
 * @since 0.1.0
 */
export * as CredentialsUri from "./CredentialsUri.ts"

/**
 * The chain that the official tools use by default: environment variables, the OIDC role of a pod, a profile of
 * `config.json`, a section of the INI file, the role of the instance, a credentials URI.
 *
 * @since 0.1.0
 */
export * as DefaultChain from "./DefaultChain.ts"

/**
 * Sessions of the RAM role that is attached to an ECS or ECI instance, from its metadata service (IMDS).
 *
 * @since 0.1.0
 */
export * as EcsRamRole from "./EcsRamRole.ts"

/**
 * Credentials from `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and
 * `ALIBABA_CLOUD_SECURITY_TOKEN`, the environment variables that every official tool reads first.
 *
 * @since 0.1.0
 */
export * as Environment from "./Environment.ts"

/**
 * A dry run of a chain: what each link looks at, which one wins, and what to improve.
 *
 * @since 0.1.0
 */
export * as Explain from "./Explain.ts"

/**
 * Credentials that your own program prints, as in mode `External` of `config.json`.
 *
 * @since 0.1.0
 */
export * as ExternalProcess from "./ExternalProcess.ts"

/**
 * Credentials from a section of `~/.alibabacloud/credentials.ini`, the INI file of the official SDKs.
 *
 * @since 0.1.0
 */
export * as IniProfile from "./IniProfile.ts"

/**
 * The AccessKey pair of a RAM user that the Key Management Service stores and rotates, read with the credentials of
 * another provider.
 *
 * @since 0.1.0
 */
export * as KmsSecret from "./KmsSecret.ts"

/**
 * Sessions of a person who logged in to Alibaba Cloud in a browser, as with `aliyun configure --mode OAuth`.
 *
 * @since 0.1.0
 */
export * as OAuth from "./OAuth.ts"

/**
 * Sessions of a RAM role, assumed with an OIDC token: for pods of Container Service for Kubernetes (RRSA) and CI
 * systems.
 *
 * @since 0.1.0
 */
export * as OidcRoleArn from "./OidcRoleArn.ts"

/**
 * Calls to the APIs of Alibaba Cloud without an SDK, with answers decoded by a `Schema` and typed errors.
 *
 * @since 0.1.0
 */
export * as OpenApi from "./OpenApi.ts"

/**
 * Providers by the name of their profile in `config.json` or the INI file, for programs that switch accounts while they
 * run.
 *
 * @since 0.1.0
 */
export * as Profiles from "./Profiles.ts"

/**
 * Sessions of a RAM role, assumed with the credentials of another provider. Roles chain with `Layer.provide`.
 *
 * @since 0.1.0
 */
export * as RamRoleArn from "./RamRoleArn.ts"

/**
 * When sessions are renewed, and how failed renewals are retried: the option `refresh` of every source of sessions.
 *
 * @since 0.1.0
 */
export * as RefreshPolicy from "./RefreshPolicy.ts"

/**
 * How long a source waits for a server: the options `timeout` and `connectTimeout` of every source that sends requests.
 *
 * @since 0.1.0
 */
export * as RequestLimits from "./RequestLimits.ts"

/**
 * Sessions of many RAM roles in one process, such as one role for each tenant.
 *
 * @since 0.1.0
 */
export * as RoleSessions from "./RoleSessions.ts"

/**
 * An `HttpClient` that signs requests to the APIs of Alibaba Cloud with the current credentials, and renews them if a
 * service refuses them.
 *
 * @since 0.1.0
 */
export * as SignedHttpClient from "./SignedHttpClient.ts"

/**
 * Credentials that the program already has: an AccessKey pair, an STS token or a bearer token.
 *
 * @since 0.1.0
 */
export * as StaticCredentials from "./StaticCredentials.ts"
