import assert from 'node:assert/strict'
import { type Address, EzoneError, serviceLimits } from '@ezone/sdk'
import { Pool } from 'undici'

const connectMs = 1_000
const connectionsMax = 64
/** Requests of one zone at once. Less than half of what the service takes: a zone that hangs leaves room for the others. */
const requestsAtOnceMax = 400
const answerBytesMax = 1024 * 1024

assert(requestsAtOnceMax * 2 < serviceLimits.requestsAtOnceMax, 'one zone that hangs must not stop another')

export interface ZoneRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string | string[]>
  readonly body: Buffer | null
  readonly signal: AbortSignal
}

export interface ZoneAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

/** Why a zone gave no answer, and whether the request may have been done all the same; its code says which. */
export class ZoneUnreachable extends EzoneError {
  readonly outcome: 'none' | 'unknown'

  constructor(zone: string, outcome: 'none' | 'unknown', cause: unknown) {
    if (outcome === 'none')
      super('EZ_ZONE_UNREACHABLE', `zone ${zone} could not be reached; nothing was done`, { cause })
    else super('EZ_OUTCOME_UNKNOWN', `zone ${zone} gave no answer; the request may have been done`, { cause })
    this.outcome = outcome
  }
}

/** Errors that come before the first byte was sent: then, and only then, another IDC may be tried. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Calls one service of one zone, in whichever of its IDCs answers. Connections are kept and limited. */
export class ZoneClient implements AsyncDisposable {
  readonly #zone: string
  readonly #pools: readonly Pool[]
  #turn = 0
  #inFlight = 0

  constructor(zone: string, addresses: readonly Address[]) {
    this.#zone = zone
    this.#pools = addresses.map(
      ({ host, port }) =>
        new Pool(`http://${host}:${port}`, {
          connections: connectionsMax,
          pipelining: 1,
          connect: { timeout: connectMs },
          keepAliveTimeout: serviceLimits.clientKeepAliveMs,
          maxResponseSize: answerBytesMax,
        }),
    )
  }

  /**
   * Sends a request at most once to something that may have received it: a POST is never repeated, a GET once where
   * its connection broke.
   * @throws ZoneUnreachable, EZ_OVERLOADED where too many wait for this zone already
   */
  async send(request: ZoneRequest): Promise<ZoneAnswer> {
    if (this.#inFlight >= requestsAtOnceMax)
      throw new EzoneError('EZ_OVERLOADED', `${requestsAtOnceMax} requests are waiting for zone ${this.#zone} already`)
    this.#inFlight++
    try {
      return await this.#sendToAny(request)
    } finally {
      this.#inFlight--
    }
  }

  async #sendToAny(request: ZoneRequest): Promise<ZoneAnswer> {
    const first = this.#turn++
    let last: unknown = new TypeError('no instance of the service is known there')
    for (let i = 0; i < this.#pools.length; i++) {
      const pool = this.#pools[(first + i) % this.#pools.length]
      if (pool === undefined) continue
      try {
        return await ask(pool, request)
      } catch (error) {
        last = error
        if (!neverSent(error)) return this.#broken(pool, request, error)
      }
    }
    throw new ZoneUnreachable(this.#zone, 'none', last)
  }

  async #broken(pool: Pool, request: ZoneRequest, error: unknown): Promise<ZoneAnswer> {
    if (request.method === 'GET' && !request.signal.aborted)
      return ask(pool, request).catch((again: unknown) => {
        throw new ZoneUnreachable(this.#zone, 'none', again)
      })
    throw new ZoneUnreachable(this.#zone, request.method === 'GET' ? 'none' : 'unknown', error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()))
  }
}

async function ask(pool: Pool, { method, path, headers, body, signal }: ZoneRequest): Promise<ZoneAnswer> {
  const answer = await pool.request({ method, path, headers, body, signal })
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.bytes()) }
}

const neverSent = (error: unknown) => beforeSending.has((error as { code?: string }).code ?? '')
