/** Sessions for programs that ask for them again: an address on this machine, whose sessions are renewed. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsMisconfigured } from "../CredentialError.ts"
import * as CredentialProvider from "../CredentialProvider.ts"
import { type Credentials, expiration } from "../Credentials.ts"
import { CredentialsServer } from "../CredentialsServer.ts"
import * as NodeCredentials from "../node.ts"
import * as progress from "./progress.ts"
import { layerOf, type Selection } from "./selection.ts"

/** What the server would refuse to every client. */
const isServed = (credentials: Credentials): boolean =>
  credentials._tag === "StsToken" && Option.isSome(expiration(credentials))

/** Fails before a program starts, which could only find out later. */
const tested = progress.during(CredentialProvider.get).pipe(
  Effect.filterOrFail(isServed, ({ provider }) =>
    new CredentialsMisconfigured({
      provider,
      reason: "not a session with an expiration, and only such are served",
      hint: "Add --role ARN, to serve sessions of a role"
    }))
)

/** Runs an effect with the address, which is served meanwhile. */
export const withServer = <A, E, R>(selection: Selection, use: (uri: string) => Effect.Effect<A, E, R>) =>
  Effect.zipRight(tested, Effect.flatMap(CredentialsServer, ({ uri }) => use(Redacted.value(uri)))).pipe(
    Effect.provide(NodeCredentials.layerCredentialsServer()),
    Effect.provide(layerOf(selection))
  )
