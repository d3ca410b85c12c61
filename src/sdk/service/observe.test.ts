import { describe, expect, it } from 'vitest'
import { EzoneError, newTrace } from '../model/index.ts'
import type { Call, Route } from './http.ts'
import { Metrics } from './metrics.ts'
import { addRefused, observer } from './observe.ts'
import { Refused } from './refused.ts'

let nowMs = 0
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
const lines: object[] = []
const log = { info: (line: object) => void lines.push(line) }
const call = (signal = new AbortController().signal, sampled = false): Call => ({
  method: 'GET',
  path: '/orders/7',
  query: new URLSearchParams(),
  params: { id: '7' },
  headers: {},
  rawHeaders: [],
  httpVersion: '1.1',
  body: Buffer.alloc(0),
  trace: newTrace({ sampled }),
  signal,
})
const counts = (metrics: Metrics) =>
  metrics
    .text()
    .split('\n')
    .filter((line) => /(_count|_sum|refused_total)[{]/.test(line))
const observed = (metrics: Metrics, handle: Route['handle']) =>
  observer(metrics, clock, log)({ method: 'GET', path: '/orders/:id', handle })

describe('the calls of a route', () => {
  it('are counted and timed by route and status, never by the id in the path', async () => {
    const metrics = new Metrics({ zone: 'bj' })
    const route = observed(metrics, () => {
      nowMs += 20
      return { status: 201 }
    })
    await route.handle(call())
    await route.handle(call())
    expect(counts(metrics)).toEqual([
      'ezone_request_seconds_sum{zone="bj",method="GET",route="/orders/:id",status="201"} 0.04',
      'ezone_request_seconds_count{zone="bj",method="GET",route="/orders/:id",status="201"} 2',
    ])
  })

  it.each([
    ['is refused', new EzoneError('EZ_WRONG_ZONE', 'elsewhere'), 421, undefined],
    ['fails for a fault of ours', new TypeError('inside'), 500, undefined],
    ['has nobody left to answer', new TypeError('gone'), 499, AbortSignal.abort()],
  ])('that %s is counted under its status, and fails as before', async (_, error, status, signal) => {
    const metrics = new Metrics({})
    const route = observed(metrics, () => Promise.reject(error))
    await expect(route.handle(call(signal))).rejects.toBe(error)
    expect(counts(metrics)[1]).toContain(`status="${status}"} 1`)
  })
})

describe('a call whose caller wants its trace recorded', () => {
  // The trace id itself is on every line of the request's: the logger adds it.
  it('is a line of the log, with its span', async () => {
    const route = observed(new Metrics({}), () => {
      nowMs += 3
      return { status: 200 }
    })
    lines.length = 0
    await route.handle(call())
    const sampled = call(undefined, true)
    await route.handle(sampled)
    const { spanId } = sampled.trace
    expect(lines).toEqual([{ span: spanId, parent: null, method: 'GET', path: '/orders/7', status: 200, ms: 3 }])
  })
})

describe('what the frame refused', () => {
  it('is told by kind, once', () => {
    const metrics = new Metrics({})
    const refused = new Refused()
    addRefused(metrics, refused)
    refused.add('malformed')
    const malformed = () => counts(metrics).find((line) => line.includes('malformed'))
    expect([malformed(), malformed()]).toEqual(Array(2).fill('ezone_refused_total{kind="malformed"} 1'))
  })
})
