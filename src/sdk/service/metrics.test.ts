import { describe, expect, it } from 'vitest'
import { Metrics } from './metrics.ts'

const lines = (metrics: Metrics, name: string) =>
  metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith(name))

describe('metrics', () => {
  it('are lines that carry where they come from, and end with a line end', () => {
    const metrics = new Metrics({ service: 'orders', zone: 'bj' })
    const orders = metrics.counter('ezone_orders_total', 'Orders taken.')
    orders.add({ shard: 31 })
    orders.add({ shard: 31 }, 2)
    orders.add({ shard: 11 })
    expect(metrics.text()).toMatch(/^# HELP ezone_orders_total Orders taken[.]\n# TYPE ezone_orders_total counter\n/)
    expect(lines(metrics, 'ezone_orders_total')).toEqual([
      'ezone_orders_total{service="orders",zone="bj",shard="31"} 3',
      'ezone_orders_total{service="orders",zone="bj",shard="11"} 1',
    ])
    expect(metrics.text().endsWith('\n')).toBe(true)
  })

  it('of the same name are the same, unless they are of another kind', () => {
    const metrics = new Metrics({})
    metrics.counter('a_total', '').add()
    metrics.counter('a_total', '').add()
    expect(lines(metrics, 'a_total')).toEqual(['a_total 2'])
    expect(() => metrics.gauge('a_total', '')).toThrow('counter already')
  })

  it('that may fall are set, and can be taken away', () => {
    const metrics = new Metrics({})
    const lag = metrics.gauge('lag', '')
    lag.set(5, { from: 'sh' })
    lag.set(2, { from: 'sh' })
    expect(lines(metrics, 'lag')).toEqual(['lag{from="sh"} 2'])
    lag.remove({ from: 'sh' })
    expect(lines(metrics, 'lag')).toEqual([])
  })

  it('can be looked up when they are read', () => {
    const metrics = new Metrics({})
    let now = 0
    const gauge = metrics.gauge('now', '')
    metrics.beforeRead(() => gauge.set(++now))
    expect([lines(metrics, 'now'), lines(metrics, 'now')]).toEqual([['now 1'], ['now 2']])
  })

  it('of times count how many were at most so long', () => {
    const metrics = new Metrics({ zone: 'sh' })
    const times = metrics.histogram('seconds', '', [0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 3]) times.observe(value, { route: '/x' })
    expect(lines(metrics, 'seconds')).toEqual([
      'seconds_bucket{zone="sh",route="/x",le="0.1"} 2',
      'seconds_bucket{zone="sh",route="/x",le="1"} 3',
      'seconds_bucket{zone="sh",route="/x",le="+Inf"} 4',
      'seconds_sum{zone="sh",route="/x"} 3.65',
      'seconds_count{zone="sh",route="/x"} 4',
    ])
  })

  it('keep label values from breaking out of their quotes', () => {
    const metrics = new Metrics({})
    metrics.counter('a_total', '').add({ path: 'a"b\\c\nd' })
    expect(lines(metrics, 'a_total')).toEqual(['a_total{path="a\\"b\\\\c\\nd"} 1'])
  })

  it('have a limit: what is beyond is dropped, and counted', () => {
    const metrics = new Metrics({})
    const counter = metrics.counter('a_total', '')
    for (let id = 0; id < 2_010; id++) counter.add({ id })
    expect(lines(metrics, 'a_total')).toHaveLength(2_000)
    expect(lines(metrics, 'ezone_metrics_dropped_total')).toEqual(['ezone_metrics_dropped_total 10'])
  })
})
