import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followSwitch } from '../../testbed/failover/follow-switch.ts'
import { stepsOf } from '../../testbed/failover/switch-result.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendReplication, ShardMoves } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let edge: ShardMoves
let sh: ShardMoves
let replication: AsyncDisposable
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 46, sh: 47, edge: 48 })
  await platform.startAll(['gzs', 'lease-keeper'])
  edge = new ShardMoves(platform, 'edge')
  sh = new ShardMoves(platform, 'sh')
  replication = pretendReplication(platform)
})
afterAll(async () => {
  await replication?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

const request = { mode: 'planned', shards: [] as number[], canary: false, who: 'ann', why: 'a test' } as const
const ask = (from: string, to: string, changes: Partial<Parameters<typeof edge.gzs.beginSwitch>[0]> = {}) => ({
  ...request,
  from,
  to,
  ...changes,
})
const run = (...args: Parameters<typeof ask>) =>
  followSwitch({ gzs: edge.gzs, request: ask(...args), signal: edge.signal })
const begin = (at: ShardMoves, ...args: Parameters<typeof ask>) => at.gzs.beginSwitch(ask(...args), at.signal)
const shards = async (zone: string) => {
  const table = await edge.gzs.table(edge.signal)
  return table.shards.filter((s) => s.zone === zone && s.state === 'ACTIVE').map(({ shard }) => shard)
}

describe('a switch of a whole zone', () => {
  it('moves all that it serves, a few at a time, and tells of each step', async () => {
    const before = await shards('sh')
    const told: string[] = []
    const result = await followSwitch({
      gzs: edge.gzs,
      request: ask('sh', 'bj'),
      signal: edge.signal,
      onStep: ({ name, shards: of }) => told.push(`${name} ${of}`),
    })
    expect(result).toMatchObject({ id: 'switch-1', outcome: 'switched', shards: before, suspects: [], joined: false })
    expect(await shards('sh')).toEqual([])
    expect(told).toHaveLength(before.length * 4)
    expect(new Set(told).size).toBe(told.length)
    expect(result.perShard.every(({ gapMs, epoch }) => gapMs !== null && epoch !== null)).toBe(true)
    expect(Math.max(...result.perShard.map(({ gapMs }) => gapMs ?? 0))).toBe(result.writeGapMs)

    const [record] = await sh.gzs.switches(sh.signal)
    const frozen = { now: 0, most: 0 }
    for (const { name, shards: of } of stepsOf(record ?? expect.fail('it is not told'))) {
      frozen.now += name === 'freeze' ? of.length : name === 'commit' ? -of.length : 0
      frozen.most = Math.max(frozen.most, frozen.now)
    }
    expect(frozen.most).toBe(2)
  })

  it('tells when nothing is left to be moved', async () => {
    expect(await run('sh', 'bj')).toMatchObject({ id: null, outcome: 'switched', shards: [] })
  })

  it('is joined by whoever asks for the same, at any GZS, and refuses any other while it runs', async () => {
    const first = await begin(edge, 'bj', 'sh', { shards: [31, 32], canary: true })
    expect(await begin(sh, 'bj', 'sh', { shards: [31, 32] })).toEqual({ id: first.id, joined: true })
    await expect(begin(sh, 'sh', 'bj')).rejects.toMatchObject({ code: 'EZ_SWITCH_RUNNING' })
    const ended = await run('bj', 'sh', { shards: [31, 32] })
    expect(ended).toMatchObject({ id: first.id, joined: true, outcome: 'switched' })
    const [one, two] = ended.perShard.map(({ shard }) => shard)
    const at = (name: string, shard?: number) =>
      ended.steps.find((s) => s.name === name && s.shards.includes(shard ?? 0))
    expect(at('freeze', two)?.atMs).toBeGreaterThanOrEqual(at('moved', one)?.atMs ?? Number.POSITIVE_INFINITY)
  })

  it.each([
    [['sh', 'gz'], {}, 'EZ_UNKNOWN_ZONE'],
    [['sh', 'bj'], { shards: [77] }, 'EZ_UNKNOWN_SHARD'],
    [['sh', 'sh'], {}, 'EZ_BAD_REQUEST'],
  ] as const)('from and to %j with %j is refused', async ([from, to], changes, code) => {
    await expect(begin(edge, from, to, changes as object)).rejects.toMatchObject({ code })
  })

  it('takes all at once when it is hard, and says that nobody knows what was acknowledged where no router answers', async () => {
    const result = await run('sh', 'bj', { mode: 'hard' })
    expect(result).toMatchObject({ outcome: 'switched', suspects: [], suspectsComplete: false })
    expect(await shards('sh')).toEqual([])
  })
})
