import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { readManifests } from '../topology/manifests.ts'
import { blastRadius, kinds, wishOf } from './kinds.ts'
import type { FaultRequest } from './request.ts'

const blueprint = defaultBlueprint({ manifests: await readManifests() })
const plan = (request: FaultRequest) => wishOf(request, blueprint).plan
const code = (request: FaultRequest) => {
  try {
    wishOf(request, blueprint)
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** A request of every kind that means something. */
const sane: readonly FaultRequest[] = [
  { kind: 'partition', target: 'bj-sh' },
  { kind: 'isolate', target: 'sh' },
  { kind: 'latency', target: 'bj-sh', latencyMs: 100, jitterMs: 30 },
  { kind: 'bandwidth', target: 'bj-sh', kbPerSecond: 64 },
  { kind: 'flapping', target: 'bj-sh', downMs: 1_000, upMs: 2_000 },
  { kind: 'kill', target: 'sh/mysql' },
  { kind: 'pause', target: 'sh/orders' },
  { kind: 'restart', target: 'edge/router' },
  { kind: 'power-loss', target: 'sh' },
  { kind: 'gzs-loss', target: 'all' },
  { kind: 'lease-keeper-loss', target: 'sh' },
  { kind: 'clock-skew', target: 'bj/orders', byMs: -500 },
]

describe('every kind of fault', () => {
  it('has a request here that means something, and says what it really does', () => {
    expect(sane.map(({ kind }) => kind).toSorted()).toEqual(kinds.map(({ name }) => name).toSorted())
    for (const kind of kinds) expect(kind.really.length).toBeGreaterThan(60)
  })

  it.each(sane)('changes links or processes, never both and never nothing: $kind', (request) => {
    const { links, specs } = plan(request)
    expect(links.length === 0).not.toBe(specs.length === 0)
  })

  it.each(sane)('tells whom it reaches without doing anything: $kind', (request) => {
    const radius = blastRadius(wishOf(request, blueprint), blueprint)
    expect([...radius.links, ...radius.specs].flatMap(({ paths }) => paths).length).toBeGreaterThan(0)
    expect(radius.forMs).toBe(60_000)
  })

  it.each(sane)('refuses a target that there is not: $kind', (request) => {
    expect(code({ ...request, target: 'gz' })).toMatch(/^EZ_UNKNOWN_(LINK|ZONE|PLACE)$/)
    expect(code({ ...request, target: '' })).toMatch(/^EZ_UNKNOWN_(LINK|ZONE|PLACE)$/)
  })

  it.each(sane)('refuses a setting of another kind: $kind', (request) => {
    const strange = request.kind === 'clock-skew' ? { mode: 'drop' as const } : { byMs: 5 }
    expect(code({ ...request, ...strange })).toBe('EZ_USAGE')
  })

  it.each(sane)(
    'refuses a lease that nobody could see, that outlives a day, or that outlives its asker: $kind',
    (request) => {
      expect(code({ ...request, forMs: 999 })).toBe('EZ_USAGE')
      expect(code({ ...request, forMs: 25 * 3_600_000 })).toBe('EZ_LEASE_TOO_LONG')
      expect(code({ ...request, forMs: 10_000, withinMs: 9_999 })).toBe('EZ_LEASE_TOO_LONG')
      expect(code({ ...request, forMs: 10_000, withinMs: 10_000 })).toBe('none')
    },
  )

  it('never throws anything but an error of the catalogue, whatever is asked', () => {
    const words = fc.constantFrom(
      'bj',
      'sh',
      'edge',
      'bj-sh',
      'sh-edge',
      'bj/mysql',
      'all',
      '',
      '/',
      '-',
      'bj-sh/toxiproxy',
    )
    const request = fc.record(
      {
        kind: fc.constantFrom(...kinds.map(({ name }) => name), 'flood'),
        target: words,
        forMs: fc.integer({ min: -5, max: 90_000_000 }),
        direction: fc.constantFrom('bj:sh', 'sh:bj', 'bj:bj', 'edge:bj', 'bj'),
        mode: fc.constantFrom('drop' as const, 'stall' as const, 'refuse' as const),
        latencyMs: fc.integer({ min: -1, max: 70_000 }),
        byMs: fc.integer({ min: -9, max: 9 }),
      },
      { requiredKeys: ['kind', 'target'] },
    )
    const known = /^(none|EZ_(USAGE|LEASE_TOO_LONG|UNKNOWN_[A-Z]+))$/
    fc.assert(
      fc.property(request, (asked) => {
        expect(code(asked)).toMatch(known)
      }),
    )
  })
})

describe('a partition', () => {
  it('cuts the link of that name, or all between two zones, whichever is named first', () => {
    const cut = { links: [{ link: 'bj-sh', direction: null, how: { type: 'drop' } }], specs: [] }
    expect(plan({ kind: 'partition', target: 'bj-sh' })).toEqual(cut)
    expect(plan({ kind: 'partition', target: 'sh-bj' })).toEqual(cut)
  })

  it('cuts one way alone where that is asked, and only a way that the link has', () => {
    const { links } = plan({ kind: 'partition', target: 'bj-sh', direction: 'sh:bj' })
    expect(links).toMatchObject([{ direction: { from: 'sh', to: 'bj' } }])
    expect(code({ kind: 'partition', target: 'bj-sh', direction: 'bj:edge' })).toBe('EZ_USAGE')
  })

  it('stalls for less time than any client is patient, and refuses both ways alone', () => {
    expect(code({ kind: 'partition', target: 'bj-sh', mode: 'stall', forMs: 1_400 })).toBe('none')
    expect(code({ kind: 'partition', target: 'bj-sh', mode: 'stall', forMs: 1_401 })).toBe('EZ_LEASE_TOO_LONG')
    expect(code({ kind: 'partition', target: 'bj-sh', mode: 'refuse', direction: 'bj:sh' })).toBe('EZ_USAGE')
  })
})

describe('what a target means', () => {
  const specs = (request: FaultRequest) => plan(request).specs.map(({ spec }) => spec)

  it('is every link that leaves a zone for its isolation', () => {
    expect(
      plan({ kind: 'isolate', target: 'sh' })
        .links.map(({ link }) => link)
        .toSorted(),
    ).toEqual(['bj-sh', 'edge-sh'])
  })

  it('is everything of a zone for a loss of power, and nothing of another or of the wire', () => {
    const lost = specs({ kind: 'power-loss', target: 'sh' })
    expect(lost).toContain('sh/mysql')
    expect(lost.filter((id) => !id.startsWith('sh/'))).toEqual([])
  })

  it('is every instance of a service by its name, and one of them by its own', () => {
    expect(specs({ kind: 'kill', target: 'edge/router' })).toEqual(['edge/router', 'edge/router-2'])
    expect(specs({ kind: 'kill', target: 'edge/router-2' })).toEqual(['edge/router-2'])
  })

  it('is every GZS, or that of one place', () => {
    expect(specs({ kind: 'gzs-loss', target: 'all' }).length).toBeGreaterThan(1)
    expect(specs({ kind: 'gzs-loss', target: 'sh' })).toEqual(['sh/gzs'])
  })

  it('is never the wire itself, and for a clock never a server', () => {
    expect(code({ kind: 'kill', target: 'bj-sh/toxiproxy' })).toBe('EZ_USAGE')
    expect(code({ kind: 'clock-skew', target: 'bj/mysql', byMs: 5 })).toBe('EZ_USAGE')
  })
})
