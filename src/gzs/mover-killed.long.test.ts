import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendReplication, ShardMoves, startDyingGzs } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let moves: ShardMoves
let edge: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 })
  await platform.startAll(['gzs', 'lease-keeper'])
  await platform.program('edge', 'gzs').end()
  moves = new ShardMoves(platform, 'bj', 'sh')
  edge = new ShardMoves(platform, 'edge')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const rows = async (shard: number) =>
  Promise.all(
    ['bj', 'sh'].map(async (zone) => {
      const [row] = await platform.query(zone, `SELECT zone, state, epoch FROM ezone.fence WHERE shard = ${shard}`)
      return `${row?.state} ${row?.zone} ${row?.epoch}`
    }),
  )

/** Begins a move at the edge and returns when the GZS there has died of it. */
async function dieMoving(to: string, mode: 'planned' | 'takeover', death: { when: 'before' | 'after'; step: string }) {
  const gzs = await startDyingGzs(platform, 'edge', death)
  const exit = once(gzs.child, 'exit')
  // The answer is lost when it dies in the first step.
  await edge.begin({ shard: 31, to, mode }).catch(() => undefined)
  expect((await exit)[1]).toBe('SIGKILL')
}

const other = { bj: 'sh', sh: 'bj' } as const
// Takeovers first: the planned moves after them find them settled.
const deaths = (['before', 'after'] as const).flatMap((when) => [
  ...(['seize', 'serve', 'moved'] as const).map((step) => ({ mode: 'takeover' as const, when, step })),
  ...(['freeze', 'drain', 'commit', 'moved'] as const).map((step) => ({ mode: 'planned' as const, when, step })),
])

describe('a mover killed with -9', () => {
  it.each(deaths)(
    '$when the step $step of a $mode move is succeeded: the same command ends the move',
    async (death) => {
      await using _ = pretendReplication(platform)
      const before = await moves.shard(31)
      const to = other[before.zone as 'bj' | 'sh']
      await dieMoving(to, death.mode, death)

      const { id } = await moves.begin({ shard: 31, to, mode: death.mode })
      if (id !== null) expect(await moves.end(31)).toMatchObject({ outcome: 'moved', from: before.zone, to })
      const after = await moves.shard(31)
      expect(after).toMatchObject({ zone: to, state: 'ACTIVE' })
      expect(after.epoch).toBeGreaterThan(before.epoch)
      await expect.poll(() => rows(31)).toEqual(Array(2).fill(`ACTIVE ${to} ${after.epoch}`))
    },
  )

  it.each(['freeze', 'drain'])(
    'after the step %s is succeeded where the move cannot end: it is rolled back when it expires',
    async (step) => {
      const before = await moves.shard(31)
      const { id } = await moves.state(31)
      await dieMoving(other[before.zone as 'bj' | 'sh'], 'planned', { when: 'after', step })
      expect(await moves.end(31, 30_000, id)).toMatchObject({
        outcome: 'rolled-back',
        reason: expect.stringContaining('has not applied'),
      })
      const after = await moves.shard(31)
      expect(after).toMatchObject({ zone: before.zone, state: 'ACTIVE' })
      expect(after.epoch).toBeGreaterThan(before.epoch)
      await expect.poll(() => rows(31)).toEqual(Array(2).fill(`ACTIVE ${before.zone} ${after.epoch}`))
    },
  )

  it('is succeeded by itself, when its place starts again', async () => {
    await using _ = pretendReplication(platform)
    const { zone } = await moves.shard(31)
    const { id } = await moves.state(31)
    await dieMoving(other[zone as 'bj' | 'sh'], 'planned', { when: 'after', step: 'freeze' })
    await platform.start('edge', 'gzs')
    expect(await edge.end(31, 30_000, id)).toMatchObject({ outcome: 'moved' })
  })
})
