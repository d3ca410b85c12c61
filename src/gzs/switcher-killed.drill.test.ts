import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fenceLimits, type SwitchMode } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followSwitch } from '../../testbed/failover/follow-switch.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendReplication, ShardMoves, startDyingGzs } from '../../testbed/testing/shard-moves.ts'

/** More than are on their way at once. */
const shards = [31, 32, 33, 34, 35]
let platform: PlatformGround
let moves: ShardMoves
let edge: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 46, sh: 47, edge: 48 })
  await platform.startAll(['gzs', 'lease-keeper'])
  await platform.program('edge', 'gzs').end()
  moves = new ShardMoves(platform, 'bj', 'sh')
  edge = new ShardMoves(platform, 'edge')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const entries = async () => (await moves.gzs.table(moves.signal)).shards.filter(({ shard }) => shards.includes(shard))
const zoneNow = async () => {
  const zones = new Set((await entries()).map(({ zone }) => zone))
  expect(zones.size).toBe(1)
  return [...zones][0] === 'bj' ? { from: 'bj', to: 'sh' } : { from: 'sh', to: 'bj' }
}
const rows = async (zone: string) =>
  (await platform.query(zone, `SELECT shard, zone, state, epoch FROM ezone.fence WHERE shard IN (${shards})`)).map(
    (row) => `${row.shard} ${row.state} ${row.zone} ${row.epoch}`,
  )

interface Death {
  readonly when: 'before' | 'after'
  readonly step: string
}

/** Begins a switch at the edge, where GZS dies of it, and brings it to its end as the same command would. */
async function killed(mode: SwitchMode, death: Death) {
  const zones = await zoneNow()
  const request = { ...zones, mode, shards, canary: false, who: 'ann', why: 'a test' }
  const gzs = await startDyingGzs(platform, 'edge', death)
  const exit = once(gzs.child, 'exit')
  // The answer is lost when it dies in the first step.
  await edge.gzs.beginSwitch(request, edge.signal).catch(() => undefined)
  expect((await exit)[1]).toBe('SIGKILL')
  const result = await followSwitch({ gzs: moves.gzs, request, signal: moves.signal })
  return { ...zones, result }
}

/** One zone owns each of them, and every fence row says so. */
async function standIn(zone: string): Promise<void> {
  const now = await entries()
  expect(now.map(({ state, zone: owner }) => `${state} ${owner}`)).toEqual(shards.map(() => `ACTIVE ${zone}`))
  const wanted = now.map(({ shard, epoch }) => `${shard} ACTIVE ${zone} ${epoch}`)
  for (const each of platform.zones) await expect.poll(() => rows(each), { timeout: 20_000 }).toEqual(wanted)
}

const steps = {
  hard: ['begin', 'seize', 'serve', 'moved', 'note', 'switched'],
  planned: ['begin', 'freeze', 'drain', 'commit', 'moved', 'note', 'switched'],
} as const
// Hard ones first: the planned ones after them find the takeovers settled.
const deaths = (['hard', 'planned'] as const).flatMap((mode) =>
  (['before', 'after'] as const).flatMap((when) => steps[mode].map((step) => ({ mode, when, step }))),
)

describe('a GZS that drives a switch, killed with -9', () => {
  it.each(deaths)(
    '$when the step $step of a $mode one is succeeded: every shard arrives',
    async ({ mode, ...death }) => {
      await using _ = pretendReplication(platform)
      const { to, result } = await killed(mode, death)
      // One that had ended, or was never recorded: then there is nothing left, or all of it was done by the second command.
      expect(result.outcome).toBe('switched')
      await standIn(to)
      const [last] = await moves.gzs.switches(moves.signal)
      expect(last).toMatchObject({ outcome: 'switched', to })
      expect(last?.parts.every(({ outcome }) => outcome === 'moved')).toBe(true)
    },
  )

  it.each(['freeze', 'drain', 'note'])(
    'after the step %s of one that cannot end is succeeded: every shard stays',
    async (step) => {
      const { from, result } = await killed('planned', { when: 'after', step })
      expect(result).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('has not applied') })
      expect(result.perShard.map(({ outcome }) => outcome)).toContain('stayed')
      await standIn(from)
    },
  )
})

describe('a switch towards a zone that is not there', () => {
  it('is refused, and nothing is begun', async () => {
    const { from, to } = await zoneNow()
    await platform.program(to, 'lease-keeper').kill()
    // So long its last word counts.
    await sleep(fenceLimits.leaseMs + 1_000)
    const before = (await moves.gzs.switches(moves.signal)).length
    for (const mode of ['hard', 'planned'] as const) {
      const request = { from, to, mode, shards: [], canary: false, who: 'ann', why: 'a test' }
      await expect(moves.gzs.beginSwitch(request, moves.signal)).rejects.toMatchObject({ code: 'EZ_ZONE_UNREACHABLE' })
    }
    expect(await moves.gzs.switches(moves.signal)).toHaveLength(before)
    await platform.start(to, 'lease-keeper')
  })
})
