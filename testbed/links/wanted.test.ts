import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groundBlueprint } from '../testing/link-ground.ts'
import type { Link } from '../topology/blueprint.ts'
import { baseToxics, faultOf, faultToxics, flowOf, overheadMs, streamsOf, toxicPrefix, wantedProxy } from './wanted.ts'

const both = (name: string, port: number) => [
  { place: 'bj', name, protocol: 'redis' as const, port },
  { place: 'sh', name, protocol: 'redis' as const, port },
]

function linkOf(rttMs: number): Link {
  const { links } = groundBlueprint({ places: { bj: 140, sh: 141 }, rttMs, doors: both('redis', 6379) })
  const [link] = links
  if (link === undefined) throw new TypeError('no link')
  return link
}

const ends = fc.constantFrom({ from: 'bj', to: 'sh' }, { from: 'sh', to: 'bj' })
const streams = fc.constantFrom('upstream' as const, 'downstream' as const)

describe('bytes from A to B', () => {
  it('are the upstream of proxies whose client is in A and the downstream of proxies whose client is in B', () => {
    expect(flowOf({ from: 'bj', to: 'sh' }, 'upstream')).toEqual({ from: 'bj', to: 'sh' })
    expect(flowOf({ from: 'sh', to: 'bj' }, 'downstream')).toEqual({ from: 'bj', to: 'sh' })
  })

  it('are stopped by a cut from A to B on exactly the streams that carry them, whoever dialled', () => {
    fc.assert(
      fc.property(ends, ends, streams, (proxy, direction, stream) => {
        const flow = flowOf(proxy, stream)
        const stopped = streamsOf(proxy, direction).includes(stream)
        expect(stopped).toBe(flow.from === direction.from && flow.to === direction.to)
      }),
    )
  })

  it('and back are each stopped once by two one-way cuts, which together are a cut both ways', () => {
    fc.assert(
      fc.property(ends, (proxy) => {
        const oneWay = [
          { from: 'bj', to: 'sh' },
          { from: 'sh', to: 'bj' },
        ].flatMap((d) => streamsOf(proxy, d))
        expect(oneWay.toSorted()).toEqual(streamsOf(proxy, null).toSorted())
      }),
    )
  })
})

describe('the latency of a link', () => {
  it('adds up to its round trip less what a proxy takes itself, the same way taking the same time whoever dialled', () => {
    fc.assert(
      fc.property(fc.nat(2000), (rttMs) => {
        const link = linkOf(rttMs)
        const asked = rttMs < 10 ? rttMs : rttMs - overheadMs
        for (const proxy of link.proxies) {
          const toxics = baseToxics(link, proxy)
          expect(toxics.reduce((sum, toxic) => sum + (toxic.attributes.latency ?? 0), 0)).toBe(asked)
          const towardsSh = toxics.find((toxic) => flowOf(proxy, toxic.stream).to === 'sh')
          expect(towardsSh?.attributes.latency ?? 0).toBe(Math.ceil(asked / 2))
        }
      }),
    )
  })

  it('of 0 ms is no toxic at all', () => {
    const link = linkOf(0)
    expect(link.proxies.flatMap((proxy) => baseToxics(link, proxy))).toEqual([])
  })
})

describe('the toxics of a cut', () => {
  const link = linkOf(30)
  const [proxy] = link.proxies
  if (proxy === undefined) throw new TypeError('no proxy')

  it('carry the id of their fault, so that each fault can be taken out by itself', () => {
    const names = [
      ...faultToxics(proxy, { id: 'f7', direction: null }),
      ...faultToxics(proxy, { id: 'f8', direction: null }),
    ].map((toxic) => toxic.name)
    expect(new Set(names).size).toBe(4)
    expect(names.map(faultOf)).toEqual(['f7', 'f7', 'f8', 'f8'])
    expect(names.filter((name) => name.startsWith(toxicPrefix('f7')))).toHaveLength(2)
  })

  it('are told from those of a fault whose id begins alike', () => {
    expect('x.f12.1'.startsWith(toxicPrefix('f1'))).toBe(false)
  })

  it('come after the latency, which a cut leaves in place', () => {
    const { toxics } = wantedProxy(link, proxy, [{ id: 'f1', direction: null }])
    expect(toxics.map((toxic) => toxic.type)).toEqual(['latency', 'latency', 'timeout', 'timeout'])
    expect(toxics.map((toxic) => faultOf(toxic.name))).toEqual([null, null, 'f1', 'f1'])
  })
})
