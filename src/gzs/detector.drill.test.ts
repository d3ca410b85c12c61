import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { ShardMoves } from '../../testbed/testing/shard-moves.ts'
import { detectorName } from './detector.ts'

const services = ['gzs', 'lease-keeper', 'orders']
const afterMs = 4_000
let platform: PlatformGround
let moves: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make(
    { bj: 50, sh: 51, edge: 52 },
    { links: true, topology: { failover: { automatic: true, afterMs } } },
  )
  await platform.startAll(services)
  moves = new ShardMoves(platform, 'edge', 'sh')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const signal = () => AbortSignal.timeout(60_000)
const switches = () => moves.gzs.switches(signal())
const shardsOf = async (zone: string) =>
  (await moves.gzs.table(signal())).shards.filter((s) => s.zone === zone && s.state === 'ACTIVE').length
const globalNow = async () => (await moves.gzs.globalStatus(signal())).zone

describe('the detector', () => {
  it('leaves no zone for a wire that is cut between two of them: no two places see the same', async () => {
    await expect.poll(async () => (await globalNow()).covered, { timeout: 60_000 }).toBe(true)
    await platform.link('bj-sh').cut({ id: 'cut', direction: null }, signal())
    await sleep(afterMs * 3)
    await platform.link('bj-sh').join('cut', signal())
    expect(await switches()).toEqual([])
    await expect.poll(async () => (await globalNow()).covered, { timeout: 60_000 }).toBe(true)
  })

  it('leaves no zone that comes back in time', async () => {
    await platform.program('bj', 'orders').kill()
    await sleep(afterMs / 4)
    await platform.start('bj', 'orders')
    await sleep(afterMs * 2)
    expect(await switches()).toEqual([])
  })

  it('leaves a zone that is killed, with its shards and with the global master, once', async () => {
    for (const service of services) await platform.program('bj', service).kill()
    const stores = platform.ground.blueprint.specs.filter(({ zone, kind }) => zone === 'bj' && kind !== 'service')
    for (const { id } of stores) await platform.stopStore(id, 'kill').catch(() => {})
    await expect.poll(() => shardsOf('bj'), { timeout: 90_000 }).toBe(0)
    await expect.poll(globalNow, { timeout: 60_000 }).toMatchObject({ master: 'sh', state: 'ACTIVE' })
    await expect.poll(async () => (await globalNow()).move?.outcome, { timeout: 60_000 }).toBe('moved')
    await sleep(afterMs)
    const all = await switches()
    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({ from: 'bj', to: 'sh', mode: 'hard', who: detectorName, outcome: 'switched' })
    expect(all[0]?.why).toMatch(/^edge and sh see bj down for 4 s/)
  })
})
