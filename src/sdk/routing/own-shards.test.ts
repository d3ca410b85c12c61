import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ToldTable } from '../testing/told-table.ts'
import { OwnShards } from './own-shards.ts'
import { ZoneChanges } from './zone-changes.ts'

const shards = { 1: 'bj', 2: 'sh', 3: 'bj' }
const log = { warn: () => {} }

it('the own shards are those the table gives to the zone, each under the epoch of its last change', async () => {
  const step = fc.record({ shard: fc.constantFrom(1, 2, 3), zone: fc.constantFrom('bj', 'sh'), frozen: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
      const table = new ToldTable(shards)
      const end = new AbortController()
      using changes = new ZoneChanges({ table, zone: 'bj', log, signal: end.signal })
      const own = new OwnShards()
      changes.onZoneChange('own shards', own.hear)
      const wanted = new Map<number, number>([
        [1, 1],
        [3, 1],
      ])
      for (const { shard, zone, frozen } of steps) {
        const epoch = table.set(shard, zone, frozen ? 'FROZEN' : 'ACTIVE')
        if (zone === 'bj' && !frozen) wanted.set(shard, epoch)
        else wanted.delete(shard)
      }
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      const claims = [...wanted].map(([shard, epoch]) => ({ shard, epoch })).sort((a, b) => a.shard - b.shard)
      expect(own.all()).toEqual(claims)
      for (const shard of [1, 2, 3]) expect(own.claim(shard)).toEqual(claims.find((claim) => claim.shard === shard))
      end.abort()
    }),
  )
})
