import {
  type Address,
  type Explanation,
  EzoneError,
  explanationSchema,
  formatTrace,
  type NewOrder,
  type Order,
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

interface Answer {
  readonly body: unknown
  readonly route: RouteTaken | undefined
}

/** A client of the API Router, as any other outside the testbed. */
export class RouterClient {
  readonly #url: string

  constructor({ host, port }: Address) {
    this.#url = `http://${host}:${port}`
  }

  /** @throws what the platform answered; EZ_OUTCOME_UNKNOWN where it is not known whether the order exists */
  async place({ tag, order = {}, requestKey, trace, signal }: PlaceOptions): Promise<RoutedOrder> {
    const headers = {
      [tagHeader]: tag,
      ...(requestKey !== undefined && { [requestKeyHeader]: requestKey }),
      ...(trace !== undefined && { [traceHeader]: formatTrace(trace) }),
    }
    return routed(await this.#ask('POST', '/orders', { headers, body: JSON.stringify(order), signal }))
  }

  /** @throws EZ_BAD_TAG, EZ_UNKNOWN_ORDER, and whatever else the platform answered */
  async show(orderId: string, signal: AbortSignal): Promise<RoutedOrder> {
    return routed(await this.#ask('GET', `/orders/${encodeURIComponent(orderId)}`, { signal }))
  }

  async explain(tag: string, signal: AbortSignal): Promise<Explanation> {
    return explanationSchema.parse(
      (await this.#ask('GET', `/explain?${new URLSearchParams({ tag })}`, { signal })).body,
    )
  }

  async stats(signal: AbortSignal): Promise<RouterStats> {
    return routerStatsSchema.parse((await this.#ask('GET', '/stats', { signal })).body)
  }

  async #ask(method: 'GET' | 'POST', path: string, request: RequestInit & { signal: AbortSignal }): Promise<Answer> {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(answerMs)])
    try {
      const response = await fetch(`${this.#url}${path}`, { ...request, method, signal })
      const body: unknown = await response.json()
      if (!response.ok) throw errorOf(body)
      return { body, route: parseRoute(response.headers.get(routeHeader)) }
    } catch (error) {
      throw this.#failure(error, method, request.signal)
    }
  }

  #failure(error: unknown, method: 'GET' | 'POST', signal: AbortSignal): unknown {
    if (EzoneError.is(error)) return error
    if (signal.aborted) return signal.reason
    const cause = (error as Error).cause ?? error
    if ((cause as { code?: string }).code === 'ECONNREFUSED')
      return new EzoneError('EZ_NOT_RUNNING', `nothing answers at the router's address ${this.#url}`, { cause })
    if (method === 'POST')
      return new EzoneError('EZ_OUTCOME_UNKNOWN', 'the router took the order but did not answer', { cause })
    return new EzoneError('EZ_ZONE_UNREACHABLE', `the router at ${this.#url} did not answer`, { cause })
  }
}

function errorOf(body: unknown): EzoneError {
  const { error } = body as { error?: Parameters<typeof EzoneError.from>[0] }
  return error ? EzoneError.from(error) : new EzoneError('EZ_BUG', 'the router answered an error without a code')
}

function routed({ body, route }: Answer): RoutedOrder {
  if (route === undefined) throw new EzoneError('EZ_BUG', `the answer has no ${routeHeader} header that can be read`)
  return { order: orderSchema.parse(body), route }
}
