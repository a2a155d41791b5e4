/**
 * A program that prints a session, or fails in one of the ways of programs. It takes a while, so that it can be stopped
 * and killed meanwhile.
 */
import { idOf } from "../../test/support/soak/sessions.ts"

const random = (): number => Math.random()

const print = (): void => {
  const issuedAt = Date.now()
  const endsAt = Math.floor((issuedAt + 20_000 + 40_000 * random()) / 1000) * 1000
  const text = JSON.stringify({
    mode: "StsToken",
    access_key_id: idOf({ serial: process.pid, issuedAt, sureUntil: endsAt, endsAt }),
    access_key_secret: "example-secret",
    sts_token: "example-token",
    expiration: new Date(endsAt).toISOString()
  })
  const kind = random()
  if (kind < 0.2) process.exitCode = 1
  else process.stdout.write(kind < 0.3 ? text.slice(0, text.length / 2) : text)
}

setTimeout(print, 1500 * random())
