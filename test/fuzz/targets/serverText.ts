/**
 * Texts of servers: one that holds a secret of the request is hidden, however the server wrote it, and what is shown has
 * no part of a secret.
 */
import { assert } from "@effect/vitest"
import { FastCheck } from "effect"
import * as serverText from "../../../src/internal/wire/serverText.ts"
import { serviceError } from "../../../src/internal/wire/serviceError.ts"
import { echoes } from "../../support/echoes.ts"
import { renderValue } from "../../support/renderings.ts"
import { damaged, piece } from "../damage.ts"
import { target } from "../target.ts"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

const letters = (more: string, minLength: number, maxLength: number) =>
  FastCheck.array(FastCheck.constantFrom(...Array.from(alphabet + more)), { minLength, maxLength }).map((all) =>
    all.join("")
  )

/** As AccessKey secrets and security tokens look. */
const secret = FastCheck.oneof(letters("", 30, 30), letters("+/=", 33, 200), letters("-_.", 20, 90))

const echo = FastCheck.constantFrom(...Object.entries(echoes))

const escapes: Readonly<Record<string, (text: string) => string>> = {
  "for addresses": encodeURIComponent,
  "for JSON": (text) => JSON.stringify(text).slice(1, -1),
  "for HTML": (text) => text.replaceAll(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`),
  "for JSON in full": echoes["with JSON escapes"]!
}

const escape = FastCheck.constantFrom(...Object.entries(escapes))

// Letters beside a secret would be a part of what it is encoded with.
const words = FastCheck.constantFrom("", "not valid: ", "signature \"", " (", "\n", "<b>", "token=")

export const echoedSecrets = target({
  name: "echoedSecrets",
  share: 5,
  inputs: FastCheck.tuple(secret, echo, FastCheck.array(escape, { maxLength: 2 }), words, words),
  check: ([secret, [, echo], layers, before, after]) => {
    const text = layers.reduce((text, [, escape]) => escape(text), `${before}${echo(secret)}${after}`)
    assert.isUndefined(serverText.quotable(text, ["another", secret]), text)
    assert.isUndefined(serverText.errorCode(text, [secret]), text)
    assert.isUndefined(serverText.requestId(text, [secret]), text)
  }
})

// The pieces of damage are no secrets, so no part of one may come from them.
const parts = (secret: string): ReadonlyArray<string> =>
  Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8).toLowerCase())

const showsPart = (shown: string, secret: string): boolean =>
  parts(secret).some((part) => shown.toLowerCase().includes(part))

const bodies: ReadonlyArray<(text: string) => string> = [
  (text) => JSON.stringify({ Code: "NoPermission", Message: text, RequestId: text }),
  (text) => JSON.stringify({ error: text, error_description: text, request_id: "A-1" }),
  (text) => `<Error><Code>${text}</Code><Message>${text}</Message><RequestId>A</RequestId></Error>`,
  (text) => JSON.stringify({ SecurityToken: text, Message: `no ${text}`, Code: "Throttling.User" }),
  (text) => text
]

const exchange = { sentAt: 0, readAt: 0, serverDate: undefined }

const messages = FastCheck.tuple(secret, FastCheck.constantFrom(...Object.values(echoes)), words, piece).map((
  [secret, echo, before, after]
) => ({ secret, text: `${before}${echo(secret)}${after}` }))

export const serverErrors = target({
  name: "serverErrors",
  share: 4,
  inputs: FastCheck.tuple(
    messages,
    FastCheck.constantFrom(...bodies),
    FastCheck.constantFrom(400, 403, 429, 503, 302, 0, 200)
  )
    .chain(([{ secret, text }, body, status]) =>
      damaged(FastCheck.constant(body(text))).map((body) => ({ secret, body, status }))
    ),
  check: ({ body, secret, status }) => {
    const answer = { host: "sts.aliyuncs.com", status, body, exchange, retryAfter: undefined }
    const shown = renderValue(serviceError("ram_role_arn", answer, [secret]))
    assert.isFalse(showsPart(shown, secret), shown)
  }
})
