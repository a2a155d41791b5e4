/** The answers of a case for a tool that may send other requests: what differs is noted, and the tool goes on. */
import type { Exchange } from "../../test/conformance/case.ts"
import { problemsOf, type Sent } from "../../test/conformance/wire.ts"

const label = ({ method, url }: { readonly method: string; readonly url: string }): string => `${method} ${url}`

const isSameAddress = ({ request }: Exchange, sent: Sent): boolean => label(request) === label(sent)

export class LenientScript {
  /** What fields of requests have, and should not. */
  readonly wrong: Array<string> = []
  /** Requests that are not those of the case. */
  readonly others: Array<string> = []
  count = 0
  private readonly exchanges: ReadonlyArray<Exchange>
  private readonly given: Array<number>
  /** How often each answer is still given. */
  private readonly left: Array<number>
  private at = 0

  constructor(exchanges: ReadonlyArray<Exchange>) {
    this.exchanges = exchanges
    this.given = exchanges.map(() => 0)
    this.left = exchanges.map(({ times }) => times)
  }

  /** Undefined for a request that the case does not have. */
  next(sent: Sent): Exchange["response"] | undefined {
    this.count++
    return this.inOrder(sent) ?? this.again(sent) ?? this.outOfOrder(sent) ?? this.unexpected(sent)
  }

  /**
   * After the steps that cause so many requests, what a server answered to the last one is over, also for a tool that
   * sent fewer: an outage ends by itself.
   */
  pass(requests: number): void {
    const { times = 0 } = this.exchanges[this.at] ?? {}
    const before = this.exchanges.slice(0, this.at).reduce((sum, exchange) => sum + exchange.times, 0)
    const rest = Math.max(0, times - Math.max(0, requests - before))
    if ((this.given[this.at] ?? 0) > 0) this.left[this.at] = Math.min(this.left[this.at] ?? 0, rest)
  }

  /** The requests that were not sent. */
  get missing(): ReadonlyArray<string> {
    return this.exchanges.flatMap(({ request, times }, index) =>
      (this.given[index] ?? 0) >= times ? [] : [`${label(request)} was not sent`]
    )
  }

  private isOpen(index: number, sent: Sent): boolean {
    const exchange = this.exchanges[index]
    return exchange !== undefined && (this.left[index] ?? 0) > 0 && isSameAddress(exchange, sent)
  }

  private inOrder(sent: Sent): Exchange["response"] | undefined {
    for (let index = this.at; index < this.exchanges.length; index++) {
      if (this.isOpen(index, sent)) return this.give(index, sent)
      if ((this.left[index] ?? 0) > 0) return undefined
    }
    return undefined
  }

  /** A server gives the same answer again. */
  private again(sent: Sent): Exchange["response"] | undefined {
    const earlier = this.exchanges.slice(0, this.at + 1).filter((exchange, index) =>
      (this.given[index] ?? 0) > 0 && problemsOf(exchange, sent).length === 0
    ).at(-1)
    if (earlier !== undefined) this.others.push(`request ${this.count}: ${label(sent)} is sent again`)
    return earlier?.response
  }

  private outOfOrder(sent: Sent): Exchange["response"] | undefined {
    const index = this.exchanges.findIndex((_, one) => one > this.at && this.isOpen(one, sent))
    const expected = this.exchanges[this.at]
    if (index < 0 || expected === undefined) return undefined
    this.others.push(`request ${this.count}: ${label(sent)}, not ${label(expected.request)}`)
    return this.give(index, sent)
  }

  private unexpected(sent: Sent): undefined {
    this.others.push(`request ${this.count}: ${label(sent)} is not expected`)
    return undefined
  }

  private give(index: number, sent: Sent): Exchange["response"] | undefined {
    const exchange = this.exchanges[index]
    if (exchange === undefined) return undefined
    this.at = index
    this.given[index] = (this.given[index] ?? 0) + 1
    this.left[index] = (this.left[index] ?? 0) - 1
    this.wrong.push(...problemsOf(exchange, sent).map((problem) => `request ${this.count}: ${problem}`))
    return exchange.response
  }
}
