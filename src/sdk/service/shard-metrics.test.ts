import { describe, expect, it } from 'vitest'
import { Metrics } from './metrics.ts'
import { countShards, shardEpochs } from './shard-metrics.ts'

describe('the epochs of shards in what a service counts', () => {
  it('stand under owner and state, and what was true before is not told any more', () => {
    const metrics = new Metrics({ zone: 'bj' })
    let shards = [
      { shard: 11, zone: 'bj', state: 'ACTIVE', epoch: 1 },
      { shard: 31, zone: 'sh', state: 'ACTIVE', epoch: 1 },
    ]
    countShards(metrics, shardEpochs, () => shards)
    const told = () =>
      metrics
        .text()
        .split('\n')
        .filter((line) => line.startsWith('ezone_shard_epoch'))
    expect(told()).toEqual([
      'ezone_shard_epoch{zone="bj",shard="11",owner="bj",state="ACTIVE"} 1',
      'ezone_shard_epoch{zone="bj",shard="31",owner="sh",state="ACTIVE"} 1',
    ])
    shards = [{ shard: 31, zone: 'bj', state: 'FROZEN', epoch: 2 }]
    expect(told()).toEqual(['ezone_shard_epoch{zone="bj",shard="31",owner="bj",state="FROZEN"} 2'])
  })
})
