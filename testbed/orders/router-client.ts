import {
  type Address,
  type Explanation,
  EzoneError,
  explanationSchema,
  formatTrace,
  type NewOrder,
  type Order,
  type OrderMove,
  orderSchema,
  parseRoute,
  type RouterStats,
  type RouteTaken,
  requestKeyHeader,
  routeHeader,
  routerStatsSchema,
  type Trace,
  tagHeader,
  traceHeader,
} from '@ezone/sdk/model'

/** Longer than the router itself waits for a zone: so that it is the router that tells what went wrong. */
const answerMs = 10_000

/** An order with the way it took: the body says what the zone did, the header what the router decided. */
export interface RoutedOrder {
  readonly order: Order
  readonly route: RouteTaken
}

export interface PlaceOptions {
  /** As in `x-ezone-tag`. */
  readonly tag: string
  readonly order?: Partial<NewOrder>
  readonly requestKey?: string
  /** Of which the request shall be part. */
  readonly trace?: Trace
  readonly signal: AbortSignal
}

export interface MoveOptions {
  readonly orderId: string
  readonly move: OrderMove
  readonly requestKey?: string
  readonly signal: AbortSignal
}

/** Any request of the business. */
export interface EdgeRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** As in `x-ezone-tag`; an id in the path does without. */
  readonly tag?: string
  readonly body?: unknown
  readonly requestKey?: string
  readonly trace?: Trace
  readonly signal: AbortSignal
}

interface Answer {
  readonly body: unknown
  readonly route: RouteTaken | undefined
}

/** A client of the API Routers, as any other outside the testbed: it knows all, and asks the next where one is away. */
export class RouterClient {
  readonly #urls: readonly string[]
  #turn = 0

  constructor(...routers: readonly Address[]) {
    this.#urls = routers.map(({ host, port }) => `http://${host}:${port}`)
  }

  /** @throws what the platform answered; EZ_OUTCOME_UNKNOWN where it is not known whether the order exists */
  async place({ order = {}, ...request }: PlaceOptions): Promise<RoutedOrder> {
    return routed(await this.send({ ...request, method: 'POST', path: '/orders', body: order }))
  }

  /** @throws EZ_BAD_TAG, EZ_UNKNOWN_ORDER, and whatever else the platform answered */
  async show(orderId: string, signal: AbortSignal): Promise<RoutedOrder> {
    return routed(await this.send({ method: 'GET', path: orderPath(orderId), signal }))
  }

  /** Moves an order on. @throws EZ_BAD_TRANSITION, EZ_ORDER_LOCKED, and whatever else the platform answered */
  async advance({ orderId, move, ...request }: MoveOptions): Promise<RoutedOrder> {
    return routed(await this.send({ ...request, method: 'POST', path: `${orderPath(orderId)}/advance`, body: move }))
  }

  async explain(tag: string, signal: AbortSignal): Promise<Explanation> {
    const path = `/explain?${new URLSearchParams({ tag })}`
    return explanationSchema.parse((await this.send({ method: 'GET', path, signal })).body)
  }

  async stats(signal: AbortSignal): Promise<RouterStats> {
    return routerStatsSchema.parse((await this.send({ method: 'GET', path: '/stats', signal })).body)
  }

  /** @throws what the platform answered; EZ_NOT_RUNNING where no router answers, EZ_OUTCOME_UNKNOWN, EZ_ZONE_UNREACHABLE */
  async send(request: EdgeRequest): Promise<Answer> {
    const first = this.#turn++
    let refused: unknown
    for (let i = 0; i < this.#urls.length; i++) {
      const url = this.#urls[(first + i) % this.#urls.length] ?? ''
      try {
        return await ask(url, request)
      } catch (error) {
        if (!isRefused(error) || request.signal.aborted) throw failure(error, url, request)
        refused = error
      }
    }
    const where = `nothing answers at the router's address ${this.#urls.join(' or ')}`
    throw new EzoneError('EZ_NOT_RUNNING', where, { cause: refused })
  }
}

const orderPath = (orderId: string) => `/orders/${encodeURIComponent(orderId)}`

async function ask(
  url: string,
  { method, path, tag, body, requestKey, trace, ...request }: EdgeRequest,
): Promise<Answer> {
  const headers = {
    ...(tag !== undefined && { [tagHeader]: tag }),
    ...(requestKey !== undefined && { [requestKeyHeader]: requestKey }),
    ...(trace !== undefined && { [traceHeader]: formatTrace(trace) }),
  }
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(answerMs)]),
  })
  const answered: unknown = await response.json()
  if (!response.ok) throw errorOf(answered)
  return { body: answered, route: parseRoute(response.headers.get(routeHeader)) }
}

const isRefused = (error: unknown) =>
  ((error as { cause?: { code?: string } }).cause ?? (error as { code?: string })).code === 'ECONNREFUSED'

function failure(error: unknown, url: string, { method, signal }: EdgeRequest): unknown {
  if (EzoneError.is(error)) return error
  if (signal.aborted) return signal.reason
  const cause = (error as Error).cause ?? error
  if (method === 'POST')
    return new EzoneError('EZ_OUTCOME_UNKNOWN', 'the router took the request but did not answer', { cause })
  return new EzoneError('EZ_ZONE_UNREACHABLE', `the router at ${url} did not answer`, { cause })
}

function errorOf(body: unknown): EzoneError {
  const { error } = body as { error?: Parameters<typeof EzoneError.from>[0] }
  return error ? EzoneError.from(error) : new EzoneError('EZ_BUG', 'the router answered an error without a code')
}

function routed({ body, route }: Answer): RoutedOrder {
  if (route === undefined) throw new EzoneError('EZ_BUG', `the answer has no ${routeHeader} header that can be read`)
  return { order: orderSchema.parse(body), route }
}
