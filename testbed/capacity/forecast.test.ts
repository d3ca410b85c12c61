import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpusAt } from './fit.ts'
import { type ForecastOptions, forecast, type Program } from './forecast.ts'

const rates = [25, 50, 100]
const program = (spec: string, baseCpus: number, msPerRequest: number, more: Partial<Program> = {}): Program => {
  const [place = '', name = ''] = spec.split('/')
  return {
    ...{ spec, hop: name.replace(/-\d+$/, ''), zone: place === 'edge' ? null : place, cpusMax: 1 },
    measured: rates.map((qps) => ({ qps, cpus: cpusAt({ baseCpus, msPerRequest }, qps) })),
    ...more,
  }
}
const programs = [
  program('edge/router', 0.1, 1),
  program('edge/router-2', 0.1, 1),
  program('bj/orders', 0.05, 2),
  program('sh/orders', 0.05, 1.5),
  program('bj/mysql', 0.2, 1, { cpusMax: 4 }),
  program('sh/mysql', 0.2, 1, { cpusMax: 4 }),
  program('bj/kafka', 0.3, 3, { cpusMax: 4 }),
]
const options: ForecastOptions = {
  ...{ programs, machineCpus: 4, qps: 100, growth: 2 },
  ...{ path: ['router', 'orders', 'mysql'], shares: { bj: 0.52, sh: 0.48 } },
}
const hop = (name: string, zone: string | null, of = forecast(options)) =>
  of.hops.find((one) => one.hop === name && one.zone === zone)

describe('a forecast', () => {
  it('says of each hop when its busiest instance has nothing left', () => {
    expect(hop('router', null)).toMatchObject({ saturatesAtQps: 900, msPerRequest: 2, baseCpus: 0.2, onPath: true })
    expect(hop('orders', 'bj')).toMatchObject({ saturatesAtQps: 475, grownShare: 0.45 })
    expect(hop('kafka', 'bj')).toMatchObject({ saturatesAtQps: 1_233, onPath: false })
  })

  it('names the weakest hop of those a client waits for', () => {
    const { weakestHop, criticalPath } = forecast(options)
    expect([weakestHop, criticalPath]).toEqual(['bj/orders', ['router', 'orders', 'mysql']])
    const slow = forecast({ ...options, programs: [...programs, program('bj/drc', 0, 9)] })
    expect(slow.weakestHop).toBe('bj/orders')
  })

  it('counts all that runs on one machine together', () => {
    // 1.0 processors at rest and 10.5 ms a request, of 4 processors.
    expect(forecast(options).machine).toEqual({ cpus: 4, saturatesAtQps: 285, grownShare: 0.775 })
  })

  it('says how often today fits into one zone that carries all, and what would be short there', () => {
    const [bj, sh] = forecast(options).zones
    // orders of bj spend 2 ms for 0.52 requests: 3.846 ms for each, and 0.95 processors are left for them.
    expect(bj).toEqual({ zone: 'bj', share: 0.52, saturatesAtQps: 247, hop: 'orders', headroom: 2.47 })
    expect(sh).toMatchObject({ hop: 'orders', saturatesAtQps: 304 })
  })

  it('never gives a zone that carries all more than it has for its share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), (part) => {
        const found = forecast({ ...options, shares: { bj: part } })
        expect(found.zones[0]?.saturatesAtQps ?? 0).toBeLessThanOrEqual(hop('orders', 'bj', found)?.saturatesAtQps ?? 0)
      }),
    )
  })

  it('asks for more the more it grows, and changes no saturation by it', () => {
    const growths = fc.double({ min: 1, max: 20, noNaN: true })
    fc.assert(
      fc.property(growths, growths, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((growth) => forecast({ ...options, growth }))
        for (const { hop: name, zone, grownCpus, saturatesAtQps } of more?.hops ?? []) {
          const before = less && hop(name, zone, less)
          expect(grownCpus).toBeGreaterThanOrEqual(before?.grownCpus ?? 0)
          expect(saturatesAtQps).toBe(before?.saturatesAtQps)
        }
      }),
    )
  })

  it('of a zone that nothing is known of says nothing', () => {
    expect(forecast({ ...options, shares: { gz: 0.1 } }).zones).toEqual([
      { zone: 'gz', share: 0.1, saturatesAtQps: null, hop: null, headroom: null },
    ])
  })
})
