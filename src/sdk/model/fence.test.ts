import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, decideFence, type FenceRow } from './fence.ts'
import { type ShardState, shardStates } from './table.ts'

const zones = ['bj', 'sh'] as const
const epochs = fc.integer({ min: 1, max: 6 })
const nowMs = 1_000
const rows: fc.Arbitrary<FenceRow> = fc.record({
  shard: fc.constant(31),
  zone: fc.constantFrom(...zones),
  epoch: epochs,
  state: fc.constantFrom(...shardStates),
  takenEpoch: fc.constant(0),
  leaseUntilMs: fc.option(fc.integer({ min: nowMs - 2, max: nowMs + 2 })),
})
const claims: fc.Arbitrary<Claim> = fc.record({ shard: fc.constant(31), epoch: epochs })
const at = (zone: string) => ({ zone, nowMs })

describe('the fence', () => {
  it('lets through exactly what has the own zone, the same epoch, an active shard and a lease that lasts', () => {
    fc.assert(
      fc.property(rows, claims, fc.constantFrom(...zones), (row, claim, zone) => {
        const lasting = row.leaseUntilMs === null || row.leaseUntilMs > nowMs
        const wanted = row.zone === zone && row.epoch === claim.epoch && row.state === 'ACTIVE' && lasting
        expect(decideFence(row, claim, at(zone)).kind === 'through').toBe(wanted)
      }),
      { numRuns: 1_000 },
    )
  })

  it('lets a claim through in one zone at most, whatever each zone has heard, as long as they heard the same epoch', () => {
    fc.assert(
      fc.property(rows, claims, (row, claim) => {
        const through = zones.filter((zone) => decideFence(row, claim, at(zone)).kind === 'through')
        expect(through.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('makes a claim wait if and only if it is from a newer table', () => {
    fc.assert(
      fc.property(rows, claims, fc.constantFrom(...zones), (row, claim, zone) => {
        expect(decideFence(row, claim, at(zone)).kind === 'wait').toBe(claim.epoch > row.epoch)
      }),
    )
  })

  /** A planned move of shard 31 from bj to sh, as the fences of both zones go through it. */
  const steps: readonly (readonly [zone: string, epoch: number, state: ShardState])[] = [
    ['bj', 5, 'ACTIVE'],
    ['bj', 6, 'FROZEN'],
    ['bj', 6, 'DRAINING'],
    ['sh', 7, 'ACTIVE'],
  ]

  it('never lets a claim from before a move through in either zone once its own zone has frozen', () => {
    for (const [index, [zone, epoch, state]] of steps.entries()) {
      const row: FenceRow = { shard: 31, zone, epoch, state, takenEpoch: 0, leaseUntilMs: null }
      const kinds = zones.map((here) => decideFence(row, { shard: 31, epoch: 5 }, at(here)).kind)
      expect(kinds).toEqual(index === 0 ? ['through', 'refuse'] : ['refuse', 'refuse'])
    }
  })

  it.each([
    ['no row', undefined, 5, 'EZ_NO_SHARD'],
    ['another zone', { zone: 'sh' }, 5, 'EZ_WRONG_ZONE_WRITE'],
    ['another zone by now', { zone: 'sh', epoch: 7 }, 5, 'EZ_STALE_EPOCH'],
    ['a newer epoch', { epoch: 7 }, 5, 'EZ_STALE_EPOCH'],
    ['a freeze', { epoch: 6, state: 'FROZEN' }, 5, 'EZ_SHARD_FROZEN'],
    ['a freeze it knows of', { epoch: 5, state: 'DRAINING' }, 5, 'EZ_SHARD_FROZEN'],
    ['a takeover', { epoch: 6, state: 'TAKEOVER' }, 5, 'EZ_SHARD_FROZEN'],
    ['a lease that ends now', { leaseUntilMs: nowMs }, 5, 'EZ_LEASE_EXPIRED'],
  ] as const)('refuses with %s as %#', (_, changes, epoch, code) => {
    const row: FenceRow | undefined = changes && {
      shard: 31,
      zone: 'bj',
      epoch: 5,
      state: 'ACTIVE',
      takenEpoch: 0,
      leaseUntilMs: null,
      ...changes,
    }
    expect(decideFence(row, { shard: 31, epoch }, at('bj'))).toMatchObject({ kind: 'refuse', code })
  })
})
