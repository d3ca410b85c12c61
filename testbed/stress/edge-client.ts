import {
  type Address,
  type ErrorCode,
  formatTrace,
  neverSent,
  newTrace,
  outcomeHeader,
  parseRoute,
  requestKeyHeader,
  routeHeader,
  tagHeader,
  traceHeader,
  versionHeader,
} from '@ezone/sdk/model'
import { errors, Pool } from 'undici'
import { noReply, type Reply } from './records.ts'

const connectMs = 1_000
/** Longer than a router waits for a zone, and holds for a frozen shard: it shall be the router that tells. */
const answerMs = 10_000
const connectionsPerRouter = 256

export interface EdgeRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly tag?: string
  readonly requestKey?: string
  readonly body?: unknown
}

interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What a client heard: what it means, and what it says. */
export interface Exchange {
  readonly reply: Reply
  /** The JSON of the answer; empty where there was none. */
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * A client that knows every API Router and uses them in turn. Where one cannot be reached it asks the next; where a
 * connection breaks under a request that is safe to repeat (a read, or a write with its key) it asks once more.
 * It never repeats what was answered: what the platform says counts.
 */
export class EdgeClient implements AsyncDisposable {
  readonly #routers: readonly Pool[]
  #turn = 0

  /** @param connections to each router at most: what is beyond waits behind the others, whomever it is for */
  constructor(routers: readonly Address[], connections = connectionsPerRouter) {
    this.#routers = routers.map(
      ({ host, port }) =>
        new Pool(`http://${host}:${port}`, {
          connections,
          pipelining: 1,
          connect: { timeout: connectMs },
          headersTimeout: answerMs,
          bodyTimeout: answerMs,
          keepAliveTimeout: 20_000,
        }),
    )
  }

  async send(request: EdgeRequest, signal: AbortSignal): Promise<Reply> {
    return (await this.exchange(request, signal)).reply
  }

  async exchange(request: EdgeRequest, signal: AbortSignal): Promise<Exchange> {
    const trace = newTrace()
    const headers = {
      [traceHeader]: formatTrace(trace),
      ...(request.tag !== undefined && { [tagHeader]: request.tag }),
      ...(request.requestKey !== undefined && { [requestKeyHeader]: request.requestKey }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
    }
    const { reply, body } = await this.#ask(request, headers, signal)
    return { reply: { ...reply, traceId: trace.traceId }, body }
  }

  async #ask(request: EdgeRequest, headers: Record<string, string>, signal: AbortSignal): Promise<Exchange> {
    const repeatable = request.method === 'GET' || request.requestKey !== undefined
    const first = this.#turn++
    let unreached = unanswered({ method: request.method, left: false })
    let repeated = false
    for (let i = 0; i < this.#routers.length; i++) {
      const router = this.#routers[(first + i) % this.#routers.length]
      if (router === undefined) break
      try {
        return exchangeOf(await heard(router, request, headers, signal))
      } catch (error) {
        if (codeOf(error) === undefined) throw error
        if (neverSent(error)) continue
        // What left may have been done, or may still be: so it stays, unless the repetition learns more.
        unreached = unanswered({ method: request.method, left: true })
        if (!repeatable || repeated || signal.aborted || isTimeout(error)) break
        repeated = true
      }
    }
    return { reply: unreached, body: {} }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.destroy()))
  }
}

async function heard(
  router: Pool,
  { method, path, body }: EdgeRequest,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Heard> {
  const answer = await router.request({
    method,
    path,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal,
  })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

const failed = (code: ErrorCode): Reply => ({ ...noReply, outcome: 'failed', code })
const noAnswer: Reply = { ...noReply, outcome: 'unknown', code: 'EZ_OUTCOME_UNKNOWN' }

interface Body {
  readonly [name: string]: unknown
  readonly orderId?: string
  readonly error?: { readonly code?: ErrorCode }
}

function exchangeOf({ status, headers, text }: Heard): Exchange {
  const body = parsed(text)
  const { orderId = null, error } = body
  const reply = replyOf({
    status,
    route: single(headers[routeHeader]) ?? null,
    version: single(headers[versionHeader]) ?? null,
    outcome: single(headers[outcomeHeader]) ?? null,
    orderId,
    code: error?.code ?? null,
  })
  return { reply, body }
}

/** What an answer says, whoever asked: its headers as they stand, id and code of its body. */
export interface Said {
  readonly status: number
  readonly route: string | null
  readonly version: string | null
  readonly outcome: string | null
  readonly orderId: string | null
  readonly code: ErrorCode | null
}

/** The platform's own word: 2xx is done; an error is nothing done, unless its code or header leaves it open. */
export function replyOf(said: Said): Reply {
  const route = parseRoute(said.route)
  const version = /^\d+:(\d+)$/.exec(said.version ?? '')?.[1] ?? null
  const where = { zone: route?.zone ?? null, shard: route?.shard ?? null, epoch: route?.epoch ?? null }
  const done = said.status >= 200 && said.status < 300
  const code = done ? null : (said.code ?? 'EZ_BUG')
  const open = code === 'EZ_OUTCOME_UNKNOWN' || code === 'EZ_BUG' || said.outcome === 'unknown'
  const outcome = done ? 'ok' : open ? 'unknown' : 'failed'
  return { ...noReply, ...where, outcome, code, orderId: said.orderId, version }
}

/** No answer came: to a read that is a failure; what a write did, nobody knows, unless it never left. */
export const unanswered = (of: { readonly method: 'GET' | 'POST'; readonly left: boolean }): Reply =>
  of.left
    ? of.method === 'GET'
      ? failed('EZ_ZONE_UNREACHABLE')
      : noAnswer
    : { ...noReply, outcome: 'failed', code: 'EZ_NOT_RUNNING' }

function parsed(text: string): Body {
  try {
    return (JSON.parse(text) as Body | null) ?? {}
  } catch {
    return {}
  }
}

const single = (value: string | readonly string[] | undefined) => (typeof value === 'string' ? value : undefined)

/** What went wrong with a connection has one; a fault of our own has not, and must not pass for trouble. */
const codeOf = (error: unknown) => (error as { code?: string }).code

const isTimeout = (error: unknown) =>
  error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
