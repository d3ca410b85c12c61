import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealShards, readShardShares, type ShardShare } from './shards.ts'

const shareArbitrary = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 31 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc.record({
          shard: fc.constant(String(number)),
          people: fc.integer({ min: 1, max: 130_000_000 }),
          home: fc.constantFrom('bj', 'sh'),
        }),
      ),
    ),
  )
const zonesArbitrary = fc.uniqueArray(fc.constantFrom('gz', 'cd', 'xa', 'bj', 'wh'), { minLength: 1, maxLength: 5 })

const peopleIn = (shares: readonly ShardShare[], dealt: Readonly<Record<string, string>>, zone: string) =>
  shares.filter(({ shard }) => dealt[shard] === zone).reduce((sum, { people }) => sum + people, 0)

describe('the zone of a shard that nobody has moved', () => {
  const shares = [
    { shard: '11', people: 5, home: 'bj' },
    { shard: '31', people: 3, home: 'sh' },
    { shard: '44', people: 9, home: 'sh' },
  ]

  it('is the one of the 52/48 split for exactly its zones, whatever their order', () => {
    expect(dealShards(shares, ['bj', 'sh'])).toEqual({ 11: 'bj', 31: 'sh', 44: 'sh' })
    expect(dealShards(shares, ['sh', 'bj'])).toEqual({ 11: 'bj', 31: 'sh', 44: 'sh' })
  })

  it('is dealt by population for any other zones, so that a third zone is not left empty', () => {
    expect(dealShards(shares, ['bj', 'sh', 'gz'])).toEqual({ 44: 'bj', 11: 'sh', 31: 'gz' })
    expect(dealShards(shares, ['a', 'b'])).toEqual({ 44: 'a', 11: 'b', 31: 'b' })
  })

  it('is the wish where there is one, and the others still balance', () => {
    expect(dealShards(shares, ['bj', 'sh'], { 44: 'bj' })).toEqual({ 11: 'bj', 31: 'sh', 44: 'bj' })
    expect(dealShards(shares, ['a', 'b'], { 44: 'b' })).toEqual({ 44: 'b', 11: 'a', 31: 'a' })
  })

  it('is one of the zones for every shard, and the same again for the same file', () => {
    fc.assert(
      fc.property(shareArbitrary, zonesArbitrary, (some, zones) => {
        const dealt = dealShards(some, zones)
        expect(Object.keys(dealt).toSorted()).toEqual(some.map(({ shard }) => shard).toSorted())
        for (const zone of Object.values(dealt)) expect(zones).toContain(zone)
        expect(dealShards(some.toReversed(), zones)).toEqual(dealt)
      }),
    )
  })

  it('leaves no zone more than one largest shard ahead of another', () => {
    fc.assert(
      fc.property(shareArbitrary, zonesArbitrary, (some, zones) => {
        const dealt = dealShards(some, zones)
        const people = zones.map((zone) => peopleIn(some, dealt, zone))
        const largest = Math.max(...some.map((share) => share.people))
        expect(Math.max(...people) - Math.min(...people)).toBeLessThanOrEqual(largest)
      }),
    )
  })
})

describe('the shards of the data', () => {
  const shareOf = (shares: readonly ShardShare[], dealt: Readonly<Record<string, string>>, zone: string) =>
    peopleIn(shares, dealt, zone) / shares.reduce((sum, { people }) => sum + people, 0)

  it('are 31, and stand 52/48 between bj and sh', async () => {
    const shares = await readShardShares()
    expect(shares).toHaveLength(31)
    const dealt = dealShards(shares, ['bj', 'sh'])
    expect(shareOf(shares, dealt, 'bj')).toBeCloseTo(0.52, 2)
    expect(shareOf(shares, dealt, 'sh')).toBeCloseTo(0.48, 2)
  })

  it('stand in equal parts in three zones', async () => {
    const shares = await readShardShares()
    const dealt = dealShards(shares, ['bj', 'sh', 'gz'])
    for (const zone of ['bj', 'sh', 'gz']) expect(shareOf(shares, dealt, zone)).toBeCloseTo(1 / 3, 2)
  })
})
