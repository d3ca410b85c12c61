import assert from 'node:assert/strict'
import { type Address, EzoneError, neverSent, serviceLimits } from '@ezone/sdk'
import { Pool } from 'undici'
import { RetryBudget } from './retry-budget.ts'

const connectMs = 1_000
const connectionsMax = 64
/** Requests of one upstream at once. Less than half of what a service takes: one that hangs leaves room for the others. */
export const requestsAtOnceMax = 400
const answerBytesMax = 1024 * 1024

assert(requestsAtOnceMax * 2 < serviceLimits.requestsAtOnceMax, 'one upstream that hangs must not stop another')

export interface Outgoing {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer | null
  /** True where doing it twice is doing it once: a read, or a write under a key that makes it so. */
  readonly repeatable: boolean
  readonly signal: AbortSignal
}

export interface Incoming {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

/** Why there is no answer, and whether the request may have been done all the same; its code says which. */
export class Unanswered extends EzoneError {
  readonly outcome: 'none' | 'unknown'

  constructor(name: string, outcome: 'none' | 'unknown', cause: unknown) {
    if (outcome === 'none') super('EZ_ZONE_UNREACHABLE', `${name} could not be reached; nothing was done`, { cause })
    else super('EZ_OUTCOME_UNKNOWN', `${name} gave no answer; the request may have been done`, { cause })
    this.outcome = outcome
  }
}

/** Calls one service in one place or zone, at whichever of its addresses answers. Connections are kept and limited. */
export class Upstream implements AsyncDisposable {
  readonly #name: string
  readonly #retries = new RetryBudget()
  #pools: readonly { readonly origin: string; readonly pool: Pool }[] = []
  #turn = 0
  #inFlight = 0

  /** @param name as errors tell it, such as `zone sh` */
  constructor(name: string, addresses: readonly Address[]) {
    this.#name = name
    this.serveFrom(addresses)
  }

  /** From now on these; connections to addresses that are no longer among them end with their requests. */
  serveFrom(addresses: readonly Address[]): void {
    const origins = new Set(addresses.map(({ host, port }) => `http://${host}:${port}`))
    const kept = this.#pools.filter(({ origin }) => origins.has(origin))
    const gone = this.#pools.filter(({ origin }) => !origins.has(origin))
    const fresh = [...origins].filter((origin) => !kept.some((one) => one.origin === origin))
    this.#pools = [...kept, ...fresh.map((origin) => ({ origin, pool: poolTo(origin) }))]
    for (const { pool } of gone) void pool.close().catch(() => {})
  }

  /**
   * Sends a request at most once to something that may have received it, unless it may be repeated: then once more
   * where its connection broke, as long as not too many others are repeated too.
   * @throws Unanswered, EZ_OVERLOADED where too many wait for this upstream already
   */
  async send(request: Outgoing): Promise<Incoming> {
    if (this.#inFlight >= requestsAtOnceMax)
      throw new EzoneError('EZ_OVERLOADED', `${requestsAtOnceMax} requests are waiting for ${this.#name} already`)
    this.#inFlight++
    try {
      return await this.#sendToAny(request)
    } finally {
      this.#inFlight--
    }
  }

  async #sendToAny(request: Outgoing): Promise<Incoming> {
    const pools = this.#pools
    const first = this.#turn++
    let last: unknown = new TypeError('no address of it is known')
    for (let i = 0; i < pools.length; i++) {
      const pool = pools[(first + i) % pools.length]?.pool
      if (pool === undefined) continue
      try {
        return await ask(pool, request)
      } catch (error) {
        last = error
        if (!neverSent(error)) return this.#broken(pool, request, error)
      }
    }
    throw new Unanswered(this.#name, 'none', last)
  }

  async #broken(pool: Pool, request: Outgoing, error: unknown): Promise<Incoming> {
    let last = error
    if (request.repeatable && !request.signal.aborted) {
      const again = () => ask(pool, request)
      const answer = await this.#retries.spend(this.#inFlight, again).catch((reason: unknown) => {
        last = reason
      })
      if (answer !== undefined) return answer
    }
    throw new Unanswered(this.#name, request.method === 'GET' ? 'none' : 'unknown', last)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map(({ pool }) => pool.destroy()))
  }
}

const poolTo = (origin: string) =>
  new Pool(origin, {
    connections: connectionsMax,
    pipelining: 1,
    connect: { timeout: connectMs },
    keepAliveTimeout: serviceLimits.clientKeepAliveMs,
    maxResponseSize: answerBytesMax,
  })

async function ask(pool: Pool, { method, path, headers, body, signal }: Outgoing): Promise<Incoming> {
  const answer = await pool.request({ method, path, headers, body, signal })
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.bytes()) }
}
