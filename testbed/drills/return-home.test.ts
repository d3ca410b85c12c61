import { EzoneError, type RoutingTable } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { returnShards, returnsOf } from './return-home.ts'

const table = (zones: Readonly<Record<number, string>>) =>
  ({
    shards: Object.entries(zones).map(([shard, zone]) => ({ shard: Number(shard), zone })),
  }) as unknown as RoutingTable

describe('what has to go back after a drill', () => {
  it('is every shard that is not where it was, by where it is and where it was', () => {
    const before = table({ 11: 'bj', 12: 'bj', 31: 'sh', 32: 'sh', 44: 'gz' })
    const now = table({ 11: 'sh', 12: 'bj', 31: 'bj', 32: 'bj', 44: 'bj' })
    expect(returnsOf(before, now)).toEqual([
      { from: 'sh', to: 'bj', shards: [11] },
      { from: 'bj', to: 'sh', shards: [31, 32] },
      { from: 'bj', to: 'gz', shards: [44] },
    ])
    expect(returnsOf(before, before)).toEqual([])
  })

  it('is nothing that was split off meanwhile', () => {
    expect(returnsOf(table({ 11: 'bj' }), table({ 11: 'bj', 99: 'sh' }))).toEqual([])
  })
})

describe('going back', () => {
  const back = { from: 'bj', to: 'sh', shards: [31] }

  it('is asked for again while something is in doubt', async () => {
    let asked = 0
    await returnShards(
      back,
      async () => {
        if (asked++ === 0) throw new EzoneError('EZ_NOT_SETTLED', 'not yet')
      },
      AbortSignal.timeout(20_000),
    )
    expect(asked).toBe(2)
  })

  it('ends where it can never be, and when its time is over', async () => {
    const never = returnShards(
      back,
      () => Promise.reject(new EzoneError('EZ_UNKNOWN_ZONE', 'none')),
      AbortSignal.timeout(20_000),
    )
    await expect(never).rejects.toThrow('none')
    const late = returnShards(
      back,
      () => Promise.reject(new EzoneError('EZ_NOT_SETTLED', 'not yet')),
      AbortSignal.timeout(50),
    )
    await expect(late).rejects.toThrow('not yet')
  })
})
