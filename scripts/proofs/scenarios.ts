/**
 * What may happen to a program that renews a login, and what has to be true afterwards.
 */
import { Effect } from "effect"
import { statSync } from "node:fs"
import {
  afterwards,
  type End,
  type Outcome,
  pause,
  type Proof,
  readLogin,
  refreshToken,
  renewals,
  type Stage,
  start,
  writeLogin
} from "./support.ts"

const twice = (tokens: ReadonlyArray<string>): ReadonlyArray<string> =>
  tokens.filter((token, index) => tokens.indexOf(token) !== index)

const random = (least: number, most: number): number => least + Math.random() * (most - least)

const complaints = (ends: ReadonlyArray<End>): ReadonlyArray<string> =>
  ends.filter(({ code }) => code !== 0).map(({ lines }) => lines.join(" "))

const refused = async (stage: Stage, before = 0): Promise<ReadonlyArray<string>> =>
  (await renewals(stage)).slice(before).filter(({ status }) => status !== 200).map(({ program }) =>
    `a token of ${program} was refused`
  )

/** Programs are killed at random moments, all of them, round after round. */
export const kill = (programs: number, rounds: number): Proof => ({
  name: `${programs} programs killed with SIGKILL at random moments, ${rounds} times`,
  needsMounts: false,
  run: async (stage) => {
    const faults: Array<string> = []
    let unavoidable = 0
    for (let round = 0; round < rounds; round++) {
      writeLogin(stage.file, { oauth_refresh_token: refreshToken(round) })
      const running = Array.from(
        { length: programs },
        (_, index) => start(stage, { name: `${round}.${index}`, times: 1_000_000 })
      )
      await Promise.all(running.map(({ ready }) => ready))
      await Promise.all(running.map(async ({ end, kill }) => {
        await pause(random(0, 3000))
        kill("SIGKILL")
        await end
      }))
      const stored = readLogin(stage.file)["oauth_refresh_token"]
      const last = (await renewals(stage)).filter(({ status }) => status === 200).at(-1)
      const found = await afterwards(stage)
      // The server took the old token, and the program died before it could store the answer: nobody has the new one.
      if (last?.token === stored && found.length > 0) unavoidable += 1
      else faults.push(...found.map((fault) => `round ${round + 1}: ${fault}`))
    }
    const all = (await renewals(stage)).filter(({ status }) => status === 200)
    return {
      seen: [
        `${all.length} renewals, ${programs * rounds} programs killed`,
        `${unavoidable} rounds in which a program died between the server's answer and storing it`
      ],
      faults: [...faults, ...twice(all.map(({ token }) => token)).map((token) => `${token} was used twice`)]
    }
  }
})

/** The wall clock of one of two programs jumps. */
export const clock = (jump: number, times: number): Proof => ({
  name: `the clock of one of two programs jumps by ${jump / 1000} s, to and fro`,
  needsMounts: false,
  run: async (stage) => {
    const both = [start(stage, { name: "right", times }), start(stage, { name: "jumping", times, jump })]
    const ends = await Promise.all(both.map(({ end }) => end))
    const expired = ends.filter(foundExpired)
    return {
      seen: [
        `${(await renewals(stage)).length} renewals`,
        ...expired.map(() => "a program stopped because its clock jumped over the whole life of a session")
      ],
      faults: [
        ...complaints(ends.filter((end) => !expired.includes(end))),
        ...await refused(stage),
        ...await afterwards(stage)
      ]
    }
  }
})

/** The sessions of these proofs last less than a minute, so that a jump of a minute is an honest reason to stop. */
const foundExpired = ({ lines }: End): boolean => lines.at(-1)?.startsWith("CredentialsExpired") === true

const untilRequest = async (stage: Stage, before = 0): Promise<void> => {
  while (await Effect.runPromise(stage.cloud.count({ operation: "token" })) <= before) await pause(5)
}

const delay = (stage: Stage, millis: number): Promise<void> =>
  Effect.runPromise(stage.cloud.fault({ service: "oauth", operation: "token", kind: "delay", delay: millis }))

/** The program that renews the login is suspended while it waits for the server, which answers meanwhile. */
export const suspend = (seconds: number): Proof => ({
  name: `the holder of the lock is suspended for ${seconds} s during the renewal, and another program takes the lock`,
  needsMounts: false,
  run: async (stage) => {
    await delay(stage, 500)
    const holder = start(stage, { name: "holder" })
    await untilRequest(stage)
    holder.kill("SIGSTOP")
    const other = start(stage, { name: "other" })
    await pause(seconds * 1000)
    holder.kill("SIGCONT")
    const [first, second] = await Promise.all([holder.end, other.end])
    return {
      seen: [
        `the suspended program: ${first.code === 0 ? "has its session" : first.lines.join(" ")}`,
        `the other program: ${second.code === 0 ? "has its session" : second.lines.at(-1)}`
      ],
      faults: [...complaints([first]), ...await afterwards(stage)]
    }
  }
})

/** On a machine that is busy, the server answers even later, and the program stops waiting. That shows nothing. */
const cameTooLate = ({ lines }: End): boolean => lines.some((line) => line.includes("no answer within"))

/** The server takes its time with the answer that has the new tokens, and another program waits. */
export const stall = (seconds: number): Proof => ({
  name: `the answer of the token endpoint takes ${seconds} s, and another program waits`,
  needsMounts: false,
  run: async (stage) => {
    let ends: ReadonlyArray<End> = []
    let before = 0
    for (let attempt = 0; attempt === 0 || (attempt < 3 && ends.some(cameTooLate)); attempt++) {
      before = (await renewals(stage)).length
      writeLogin(stage.file, { oauth_refresh_token: refreshToken(attempt) })
      await delay(stage, seconds * 1000)
      const holder = start(stage, { name: "holder" })
      await untilRequest(stage, before)
      const other = start(stage, { name: "other" })
      ends = await Promise.all([holder.end, other.end])
    }
    return {
      seen: [`${(await renewals(stage)).length - before} renewals`],
      faults: [...complaints(ends), ...await refused(stage, before), ...await afterwards(stage)]
    }
  }
})

const inNamespace = (script: string): ReadonlyArray<string> => ["unshare", "-m", "sh", "-c", script, "sh"]

const mounted = `mount --bind "$LOGIN" "$LOGIN" && mount -o "remount,bind,$OPTIONS" "$LOGIN" && exec "$@"`

const onMount = (stage: Stage, name: string, options: "rw" | "ro", times = 1) =>
  start(stage, {
    name,
    times,
    within: [`LOGIN=${stage.file}`, `OPTIONS=${options}`, ...inNamespace(mounted)]
  }).end

export const bindMount: Proof = {
  name: "config.json is mounted by itself (docker run -v config.json:...)",
  needsMounts: true,
  run: async (stage) => {
    const { ino } = statSync(stage.file)
    const end = await onMount(stage, "mounted", "rw", 3)
    const isSame = statSync(stage.file).ino === ino
    return {
      seen: [`${(await renewals(stage)).length} renewals, the file was overwritten in place: ${isSame}`],
      faults: [...complaints([end]), ...isSame ? [] : ["the file was replaced"], ...await afterwards(stage)]
    }
  }
}

export const readOnlyMount: Proof = {
  name: "config.json is mounted by itself, read-only",
  needsMounts: true,
  run: async (stage) => {
    const without = await onMount(stage, "without", "ro")
    const spent = (await renewals(stage)).length
    const first = await start(stage, { name: "first" }).end
    const valid = await onMount(stage, "with", "ro")
    const count = (await renewals(stage)).length
    return {
      seen: [
        `without an access token: ${without.lines.find((line) => line.includes("Required"))}`,
        `with one: ${valid.code === 0 ? "has its session" : valid.lines.join(" ")}`
      ],
      faults: [
        ...spent === 0 ? [] : ["a token was spent that could not be stored"],
        ...without.code === 0 ? ["a session without tokens"] : [],
        ...complaints([first, valid]),
        ...count === 1 ? [] : ["a token that works was renewed without a place to store the next"],
        ...await afterwards(stage)
      ]
    }
  }
}

/** A file system of 16 pages, of which only so many are free. */
const onFullDisk = async (stage: Stage, free: number): Promise<Outcome> => {
  writeLogin(stage.file, { oauth_refresh_token: refreshToken(free) })
  const script = `
    mount -t tmpfs -o size=64k none /mnt && cp "$LOGIN" /mnt/config.json || exit 9
    dd if=/dev/zero of=/mnt/filler bs=4096 count=64 2>/dev/null
    truncate -s $(( $(stat -c %s /mnt/filler) - ${free} * 4096 )) /mnt/filler
    "$@"; code=$?
    rm /mnt/filler
    cp -a /mnt/. "$(dirname "$LOGIN")"
    exit $code`
  const before = (await renewals(stage)).length
  const { code, lines } = await start(stage, {
    name: `full ${free}`,
    file: "/mnt/config.json",
    within: [`LOGIN=${stage.file}`, ...inNamespace(script)]
  }).end
  const spent = (await renewals(stage)).length - before
  const how = code === 0 ? "has its session" : lines.at(-1)
  return {
    seen: [`${free} pages free: ${spent} renewals; ${how}`],
    faults: (await afterwards(stage)).map((fault) => `${free} pages free: ${fault}`)
  }
}

export const fullDisk = (steps: ReadonlyArray<number>): Proof => ({
  name: "the disk is full at each step of the renewal",
  needsMounts: true,
  run: async (stage) => {
    const outcomes: Array<Outcome> = []
    for (const free of steps) outcomes.push(await onFullDisk(stage, free))
    return { seen: outcomes.flatMap(({ seen }) => seen), faults: outcomes.flatMap(({ faults }) => faults) }
  }
})
