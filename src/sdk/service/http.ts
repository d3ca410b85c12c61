import type { IncomingHttpHeaders } from 'node:http'
import { type ErrorCode, EzoneError, type Trace } from '../model/index.ts'

/** A request as handlers see it: received whole, within the limits. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value, as they came: also what `headers` joins or drops. */
  readonly rawHeaders: readonly string[]
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  readonly body: Buffer
  /** This hop's span of the caller's trace, or of a new one. The next hop is told `formatTrace(trace)`. */
  readonly trace: Trace
  /** Aborted when the client has gone or the time for an answer is over. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A Buffer goes out as it is, anything else as JSON; undefined: no body. */
  readonly body?: unknown
  /**
   * In the place of a body: text that goes out piece by piece, as fast as the client reads and no faster. Ends when it
   * ends, when the client has gone or when the service ends; the signal tells of the last two.
   */
  readonly stream?: (gone: AbortSignal) => AsyncIterable<string>
}

export interface Route {
  readonly method: 'GET' | 'POST'
  /** `/orders/:id` */
  readonly path: string
  handle(call: Call): Answer | Promise<Answer>
}

type Handler = Pick<Route, 'handle'>

/** HTTP status by code; what is not listed is our own fault. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  EZ_BAD_REQUEST: 400,
  EZ_BAD_TAG: 400,
  EZ_BAD_ORDER: 400,
  EZ_UNTRUSTED_TAG: 403,
  EZ_UNKNOWN_ORDER: 404,
  EZ_UNKNOWN_USER: 404,
  EZ_UNKNOWN_RIDER: 404,
  EZ_UNKNOWN_MERCHANT: 404,
  EZ_UNKNOWN_CITY: 404,
  EZ_UNKNOWN_SERVICE: 404,
  EZ_NO_ROUTE: 404,
  EZ_UNKNOWN_SHARD: 404,
  EZ_UNKNOWN_ZONE: 404,
  EZ_NO_SHARD: 404,
  EZ_AMBIGUOUS_CITY: 409,
  EZ_MOVE_RUNNING: 409,
  EZ_NOT_SETTLED: 409,
  EZ_STALE_EPOCH: 409,
  EZ_BAD_TRANSITION: 409,
  EZ_RIDER_BUSY: 409,
  EZ_PHONE_TAKEN: 409,
  EZ_WRONG_ZONE: 421,
  EZ_WRONG_ZONE_WRITE: 421,
  EZ_ORDER_LOCKED: 423,
  EZ_IDS_SPENT: 503,
  EZ_WRITERS_SPENT: 503,
  EZ_NO_MAJORITY: 503,
  EZ_STORE_UNREACHABLE: 503,
  EZ_ZONE_UNREACHABLE: 503,
  EZ_NO_INSTANCE: 503,
  EZ_OVERLOADED: 503,
  EZ_SHARD_FROZEN: 503,
  EZ_LEASE_EXPIRED: 503,
  EZ_GLOBAL_UNREACHABLE: 503,
  EZ_NOT_READY: 503,
  EZ_TOO_MANY_HOPS: 508,
  EZ_DEADLINE_PASSED: 504,
  EZ_OUTCOME_UNKNOWN: 504,
}

/** An error as an answer: `{error: {code, message, hint, docs}}`. Causes stay in the log: they may name internals. */
export function errorAnswer(error: unknown): Answer {
  const known = EzoneError.is(error) ? error : new EzoneError('EZ_BUG', 'the service failed; its log says how')
  const { code, message, hint, docs } = known.toJSON()
  const status = (error instanceof StatusError ? error.status : statusOf[code]) ?? 500
  return { status, body: { error: { code, message, hint, docs } } }
}

/** A refusal with a status of its own: 404 for a path, 405 for a method, 413 for a size. */
export class StatusError extends EzoneError {
  readonly status: number

  constructor(status: number, message: string) {
    super('EZ_BAD_REQUEST', message)
    this.status = status
  }
}

/** Finds the route of a request. Paths are few, so they are tried one after the other. */
export class RouteTable {
  readonly #routes: readonly { readonly route: Route; readonly parts: readonly string[] }[]

  readonly #otherwise: Route['handle'] | undefined

  /** @param otherwise answers what no route fits; without it that is a 404 */
  constructor(routes: readonly Route[], otherwise?: Route['handle']) {
    this.#otherwise = otherwise
    this.#routes = routes.map((route) => ({ route, parts: route.path.split('/') }))
  }

  /** @throws EZ_BAD_REQUEST as 404 or 405 */
  find(method: string, path: string): { readonly route: Handler; readonly params: Readonly<Record<string, string>> } {
    const given = path.split('/')
    const fitting = this.#routes.filter(({ parts }) => fits(parts, given))
    const [first] = fitting
    if (first === undefined && this.#otherwise !== undefined) return { route: { handle: this.#otherwise }, params: {} }
    if (first === undefined) throw new StatusError(404, `there is nothing at ${path}`)
    const found = fitting.find(({ route }) => route.method === method)
    if (found === undefined) throw new StatusError(405, `${path} does not take ${method}`)
    return { route: found.route, params: paramsOf(found.parts, given) }
  }
}

const fits = (parts: readonly string[], given: readonly string[]) =>
  parts.length === given.length &&
  parts.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))

function paramsOf(parts: readonly string[], given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    parts.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), decoded(given[i] ?? '')]] : [])),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new StatusError(400, `${text} is not a well-formed part of a path`)
  }
}

/** The body as JSON. @throws EZ_BAD_REQUEST */
export function jsonBody(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString('utf8'))
  } catch (cause) {
    throw new EzoneError('EZ_BAD_REQUEST', 'the body is not JSON', { cause })
  }
}
