export * as LocalCloud from "./LocalCloud.ts"
export * as TestCredentialProvider from "./TestCredentialProvider.ts"
