import { type ErrorCode, EzoneError, type ProxyStats, type ServiceContext } from '@ezone/sdk'

/** What a SOA proxy counts: for GET /stats since its start, for GET /metrics per service and pair of zones too. */
export class CallCounts {
  readonly #from: string
  readonly #totals = { calls: 0, crossed: 0, fallback: 0, tooManyHops: 0, failed: 0 }
  readonly #calls
  readonly #failures
  readonly #seconds

  constructor({ config, metrics }: ServiceContext) {
    this.#from = config.zone ?? ''
    this.#calls = metrics.counter(
      'ezone_calls_total',
      'Calls between services, by service, the zones they went between, shard and epoch.',
    )
    this.#failures = metrics.counter(
      'ezone_call_failures_total',
      'Calls the proxy itself answered with an error, by code.',
    )
    this.#seconds = metrics.histogram('ezone_call_seconds', 'From sending a call on to its answer.')
  }

  get values(): Pick<ProxyStats, 'calls' | 'crossed' | 'fallback' | 'tooManyHops' | 'failed'> {
    return { ...this.#totals }
  }

  fallback(): void {
    this.#totals.fallback++
  }

  answered(
    call: { readonly service: string; readonly to: string; readonly shard: number; readonly epoch: number },
    ms: number,
  ): void {
    const { service, to, shard, epoch } = call
    this.#totals.calls++
    if (to !== this.#from) this.#totals.crossed++
    this.#calls.add({ called: service, from: this.#from, to, shard, epoch })
    this.#seconds.observe(ms / 1000, { called: service, from: this.#from, to })
  }

  /** By code alone: the name of a service that does not exist is anybody's text. */
  failed(error: EzoneError): void {
    this.#totals.failed++
    if (EzoneError.is(error, 'EZ_TOO_MANY_HOPS')) this.#totals.tooManyHops++
    this.#failures.add({ code: error.code satisfies ErrorCode })
  }
}
