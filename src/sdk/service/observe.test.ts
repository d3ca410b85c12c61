import { describe, expect, it } from 'vitest'
import { EzoneError, newTrace } from '../model/index.ts'
import type { Call, Route } from './http.ts'
import { Metrics } from './metrics.ts'
import { addRefused, observer } from './observe.ts'
import { Refused } from './refused.ts'

let nowMs = 0
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
const call = (signal = new AbortController().signal): Call => ({
  method: 'GET',
  path: '/orders/7',
  query: new URLSearchParams(),
  params: { id: '7' },
  headers: {},
  rawHeaders: [],
  httpVersion: '1.1',
  body: Buffer.alloc(0),
  trace: newTrace(),
  signal,
})
const counts = (metrics: Metrics) =>
  metrics
    .text()
    .split('\n')
    .filter((line) => /(_count|_sum|refused_total)[{]/.test(line))
const observed = (metrics: Metrics, handle: Route['handle']) =>
  observer(metrics, clock)({ method: 'GET', path: '/orders/:id', handle })

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
