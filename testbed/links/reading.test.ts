import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groundBlueprint } from '../testing/link-ground.ts'
import type { ProxyState } from './control.ts'
import { expectedState } from './cut-proof.ts'
import { readingOf } from './reading.ts'
import { type LinkFault, wantedProxy } from './wanted.ts'

const doors = ['bj', 'sh'].flatMap((place) => [
  { place, name: 'redis', protocol: 'redis' as const, port: 6379 },
  { place, name: 'orders', protocol: 'http' as const, port: 8081 },
])
const [link] = groundBlueprint({ places: { bj: 140, sh: 141 }, rttMs: 30, doors }).links
if (link === undefined) throw new TypeError('no link')

const as = (cuts: readonly LinkFault[]) =>
  new Map(link.proxies.map((proxy) => [proxy.name, wantedProxy(link, proxy, cuts)]))
const [first] = link.proxies.map((proxy) => proxy.name)

describe('the state of a link, read back', () => {
  it('is what its cuts make it, whichever they are', () => {
    const direction = fc.constantFrom(null, { from: 'bj', to: 'sh' }, { from: 'sh', to: 'bj' })
    fc.assert(
      fc.property(fc.array(direction, { maxLength: 4 }), (directions) => {
        const cuts = directions.map((direction, index) => ({ id: `f${index}`, direction }))
        const reading = readingOf(link, as(cuts))
        expect(reading).toEqual({ state: expectedState(cuts), faults: cuts.map((cut) => cut.id), why: null })
      }),
    )
  })

  it('names the direction that is cut', () => {
    expect(readingOf(link, as([{ id: 'f1', direction: { from: 'sh', to: 'bj' } }])).state).toBe('cut sh:bj')
  })

  it.each([
    ['one proxy is missing', () => undefined],
    ['one Toxiproxy did not answer', () => null],
    ['one proxy is disabled', (proxy: ProxyState) => ({ ...proxy, enabled: false })],
    ['one proxy has lost its latency', (proxy: ProxyState) => ({ ...proxy, toxics: [] })],
    ['one proxy leads elsewhere', (proxy: ProxyState) => ({ ...proxy, upstream: '127.0.0.1:1' })],
    [
      'one proxy alone is cut',
      (proxy: ProxyState) => ({
        ...proxy,
        toxics: [
          ...proxy.toxics,
          {
            name: 'x.f1.1',
            type: 'timeout' as const,
            stream: 'upstream' as const,
            toxicity: 1,
            attributes: { timeout: 0 },
          },
        ],
      }),
    ],
  ])('is unknown when %s', (_, change) => {
    const found = new Map<string, ProxyState | undefined | null>(as([]))
    const proxy = as([]).get(first ?? '')
    if (first === undefined || proxy === undefined) throw new TypeError('no proxy')
    found.set(first, change(proxy))
    const reading = readingOf(link, found)
    expect(reading.state).toBe('unknown')
    expect(reading.why).toBeTypeOf('string')
  })
})
