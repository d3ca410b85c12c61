import type { PlantedBug } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { ShardMoves } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let moves: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 58, sh: 59, edge: 60 })
  await platform.startAll(['gzs'])
  const keepers = platform.ground.blueprint.specs.filter(
    (spec) => spec.kind === 'service' && spec.service === 'lease-keeper',
  )
  await platform.startStores(...keepers.flatMap((spec) => (spec.kind === 'service' ? platform.storesOf(spec) : [])))
  moves = new ShardMoves(platform, 'edge')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

describe('skipped-barrier', () => {
  it('lets a planned move commit although nothing of the source has arrived; without it the move is taken back', async () => {
    const moved = async (sabotage: readonly PlantedBug[]) => {
      for (const zone of platform.zones) await platform.start(zone, 'lease-keeper', { sabotage })
      // Replication does not run: what was written in sh before the freeze never comes to bj.
      const { zone } = await moves.shard(31)
      const { id } = await moves.begin({ shard: 31, to: zone === 'sh' ? 'bj' : 'sh' })
      const { outcome, id: ended } = await moves.end(31, 60_000)
      expect(ended).toBe(id)
      for (const each of platform.zones) await platform.program(each, 'lease-keeper').end()
      return outcome
    }
    expect(await moved([])).toBe('rolled-back')
    expect(await moved(['skipped-barrier'])).toBe('moved')
  })
})
