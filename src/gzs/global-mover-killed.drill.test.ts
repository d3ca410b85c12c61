import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moveGlobal } from '../../testbed/gzs/global-move.ts'
import { GzsClient } from '../../testbed/gzs/gzs-client.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { startDyingGzs } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let edge: GzsClient
let others: GzsClient
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 })
  await platform.startAll(['gzs', 'lease-keeper'])
  await platform.program('edge', 'gzs').end()
  edge = new GzsClient([platform.addressOf('edge', 'gzs')])
  others = new GzsClient(['bj', 'sh'].map((place) => platform.addressOf(place, 'gzs')))
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const signal = () => AbortSignal.timeout(100_000)
const zoneNow = async () => (await others.globalStatus(signal())).zone
const covered = () => expect.poll(async () => (await zoneNow()).covered, { timeout: 60_000 }).toBe(true)
const request = (to: string, mode: 'planned' | 'hard') => ({ to, mode, who: 'ann', why: 'a test', acceptLoss: false })
const writable = async (zone: string) => {
  const sql = 'SELECT @@GLOBAL.super_read_only = 0 AND until_ms > 0 AS open FROM ezone.global_lease'
  const [row] = await platform.query(zone, sql, 'mysql-global')
  return Number(row?.open) === 1
}

/** Begins a move at the edge and returns when the GZS there has died of it. */
async function dieMoving(to: string, mode: 'planned' | 'hard', when: 'before' | 'after', step: string) {
  const gzs = await startDyingGzs(platform, 'edge', { when, step: `global-${step}` })
  const exit = once(gzs.child, 'exit')
  // The answer is lost when it dies in the first step.
  await edge.beginGlobalMove(request(to, mode), signal()).catch(() => undefined)
  expect((await exit)[1]).toBe('SIGKILL')
}

const deaths = (['before', 'after'] as const).flatMap((when) => [
  ...(['seize', 'serve', 'moved'] as const).map((step) => ({ mode: 'hard' as const, when, step })),
  ...(['freeze', 'drain', 'commit', 'moved'] as const).map((step) => ({ mode: 'planned' as const, when, step })),
])

describe('a mover of the global master killed with -9', () => {
  it.each(deaths)('$when the step $step of a $mode move is succeeded: the same command ends it', async (death) => {
    await covered()
    const before = await zoneNow()
    const to = before.master === 'bj' ? 'sh' : 'bj'
    await dieMoving(to, death.mode, death.when, death.step)
    await moveGlobal({ gzs: others, request: request(to, death.mode), signal: signal() })
    const after = await zoneNow()
    expect(after).toMatchObject({ master: to, state: 'ACTIVE', move: { outcome: 'moved' } })
    expect(after.epoch).toBeGreaterThan(before.epoch)
    await expect.poll(() => writable(before.master), { timeout: 30_000 }).toBe(false)
    expect(await writable(to)).toBe(true)
  })

  it('with every other GZS is succeeded by the zone itself: its master takes writes again', async () => {
    await covered()
    const before = await zoneNow()
    for (const zone of platform.zones) await platform.program(zone, 'gzs').end()
    await dieMoving(before.master === 'bj' ? 'sh' : 'bj', 'planned', 'after', 'freeze')
    await expect.poll(() => writable(before.master), { timeout: 60_000 }).toBe(true)
    await platform.start('bj', 'gzs')
    expect(await zoneNow()).toMatchObject({ master: before.master, state: 'ACTIVE', move: { outcome: 'rolled-back' } })
  })
})
