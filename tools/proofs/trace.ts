import { setTimeout as sleep } from 'node:timers/promises'
import { formatTrace, newTrace, parseTrace } from '@ezone/sdk/model'
import type { Explained } from '../../testbed/explain/explained.ts'
import { mustBe, type Proof } from '../proof.ts'
import { Whole } from '../prove/whole.ts'

const lookMs = 200
const arrivedMs = 20_000

/** Where the trace must be met, and what is told there. */
const wanted = [
  ['edge/router', /^POST \/orders -> 201/],
  ['sh/orders', /^POST \/orders -> 201/],
  ['sh/kafka', /orders\.events carries it/],
  ['sh/kafka', /drc\.sh\.mysql carries it/],
  ['sh/drc', /^logged transaction/],
  ['bj/drc', /^applied transaction/],
] as const

export const proof: Proof = {
  statement: 'One trace id in router, service, Kafka header and applier',
  limitMs: 4 * 60_000,
  async see({ signal }) {
    await using whole = await Whole.up()
    const trace = newTrace({ sampled: true })
    const answer = await fetch(`${whole.env.EZONE_EDGE_ROUTER_URL}/orders`, {
      method: 'POST',
      headers: {
        traceparent: formatTrace(trace),
        'x-ezone-tag': 'geo=31.23,121.47',
        'content-type': 'application/json',
      },
      body: '{}',
      signal,
    })
    mustBe(answer.status === 201, `the order was answered with ${answer.status}`)
    const { orderId } = (await answer.json()) as { orderId: string }
    const answered = parseTrace(answer.headers.get('traceresponse') ?? undefined)
    mustBe(answered?.traceId === trace.traceId && answered.spanId !== trace.spanId, 'the answer is of another trace')

    const met = await metEverywhere(whole, orderId, signal)
    mustBe(met.traceId === trace.traceId, `the row says ${met.traceId}`)
    const rows = met.zones.map(({ zone, row }) => ({ zone, traceId: row?.traceId }))
    for (const { zone, traceId } of rows) mustBe(traceId === trace.traceId, `the row in ${zone} says ${traceId}`)
    return { traceId: trace.traceId, rows, met: met.traces.map(({ where, text }) => `${where}: ${text}`) }
  },
}

/** Replication and Kafka take their time; what is missing at the end is named. */
async function metEverywhere(whole: Whole, orderId: string, signal: AbortSignal): Promise<Explained> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    const explained = await whole.run<Explained>('explain', orderId)
    const missing = wanted.filter(
      ([place, text]) => !explained.traces.some(({ where, text: told }) => where.startsWith(place) && text.test(told)),
    )
    if (missing.length === 0) return explained
    mustBe(waitedMs < arrivedMs, `the trace was not met at ${missing.map((one) => one.join(' ')).join(', ')}`)
    await sleep(lookMs, undefined, { signal })
  }
}
