import {
  type Address,
  type Clock,
  EzoneError,
  formatTrace,
  type Hop,
  newTrace,
  parsePath,
  parseRoute,
  pathHeader,
  routeHeader,
  tagHeader,
  traceHeader,
} from '@ezone/sdk/model'
import type { ReadyCall } from './methods.ts'

/** Longer than the proxies wait themselves: so that it is they who tell what went wrong. */
const answerMs = 10_000

/** `data` of `ezone call`: a contract, fields are only ever added. */
export interface CallAnswer {
  readonly method: string
  /** The zone whose SOA proxy was asked. */
  readonly from: string
  /** The zone that answered, and the shard and epoch the call belonged to. */
  readonly zone: string
  readonly shard: number
  readonly epoch: number
  readonly rule: string
  /** Whoever had the call, in order. `ms` is all its time and that of those behind it; `ownMs` without those. */
  readonly path: readonly {
    readonly name: string
    readonly place: string
    readonly ms: number
    readonly ownMs: number
  }[]
  /** The service's answer. */
  readonly answer: unknown
}

/** @throws what the platform answered; EZ_NOT_RUNNING, EZ_OUTCOME_UNKNOWN */
export async function callService(
  from: { readonly zone: string; readonly door: Address },
  call: ReadyCall,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<CallAnswer> {
  const startMs = clock.monotonicMs()
  const response = await ask(from.door, call, signal)
  const ms = clock.monotonicMs() - startMs
  const { path, route, body } = response
  if (path === undefined || route === undefined)
    throw new EzoneError('EZ_BUG', 'the SOA proxy did not tell the way of the call')
  return { method: call.method, from: from.zone, ...route, path: timed(path, ms), answer: body }
}

/** What each had of the time: the rest is of those behind it. */
function timed(hops: readonly Hop[], ms: number): CallAnswer['path'] {
  const round = (value: number) => Math.round(value * 10) / 10
  return hops.map(({ name, place, ms: own }, index) => {
    const whole = own ?? ms
    const behind = hops[index + 1]?.ms ?? 0
    return { name, place, ms: round(whole), ownMs: round(Math.max(whole - behind, 0)) }
  })
}

async function ask({ host, port }: Address, { http, path, tag, body }: ReadyCall, cancel: AbortSignal) {
  const signal = AbortSignal.any([cancel, AbortSignal.timeout(answerMs)])
  const headers = {
    [traceHeader]: formatTrace(newTrace({ sampled: true })),
    'content-type': 'application/json',
    ...(tag !== undefined && { [tagHeader]: tag }),
  }
  try {
    const init = { method: http, headers, signal, ...(body !== undefined && { body }) }
    const response = await fetch(`http://${host}:${port}${path}`, init)
    const answer: unknown = await response.json()
    if (!response.ok) throw errorOf(answer)
    const told = (name: string) => response.headers.get(name)
    return { path: parsePath(told(pathHeader)), route: parseRoute(told(routeHeader)), body: answer }
  } catch (error) {
    if (EzoneError.is(error)) throw error
    if (cancel.aborted) throw cancel.reason
    const cause = (error as Error).cause ?? error
    if ((cause as { code?: string }).code === 'ECONNREFUSED')
      throw new EzoneError('EZ_NOT_RUNNING', `no SOA proxy answers at ${host}:${port}`, { cause })
    throw new EzoneError('EZ_OUTCOME_UNKNOWN', 'the SOA proxy took the call but did not answer', { cause })
  }
}

function errorOf(body: unknown): EzoneError {
  const { error } = body as { error?: Parameters<typeof EzoneError.from>[0] }
  return error ? EzoneError.from(error) : new EzoneError('EZ_BUG', 'the SOA proxy answered an error without a code')
}
