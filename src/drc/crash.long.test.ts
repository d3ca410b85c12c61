import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'
import { DrcLoad } from '../../testbed/testing/drc-load.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start(1)
  await ground.start(2)
  await ground.table('shop.t', DrcLoad.columns)
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const load = (zone: string, perSecond = 100) =>
  new DrcLoad(ground, { zone, table: 'shop.t', perSecond, connections: 2 })

/** The two zones hold the same rows, nothing was taken for a conflict, and no lane has stopped. */
async function expectSame() {
  await ground.caughtUp(40_000)
  const contents = await ground.contents('shop.t')
  expect(contents.get('bj')?.length).toBeGreaterThan(0)
  expect(contents.get('sh')).toEqual(contents.get('bj'))
  for (const zone of ground.zones) expect(await ground.run(zone, 'SELECT * FROM ezone_drc.conflict')).toEqual([])
}

/** Instance that plays a role now. */
async function leader(zone: string, role: 'relay' | 'applier', source: string): Promise<number> {
  for (const instance of [1, 2]) {
    const { host, port } = ground.platform.addressOf(zone, 'drc', instance)
    const answer = await fetch(`http://${host}:${port}/status`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => null,
    )
    const roles = ((await answer?.json()) as { roles?: { role: string; source: string; state: string }[] })?.roles ?? []
    if (roles.some((r) => r.role === role && r.source === source && r.state !== 'standby')) return instance
  }
  throw new Error(`nobody is ${role} of ${source} in ${zone}`)
}

describe('under load from both sides', () => {
  it('nothing is lost and nothing doubled when relay and applier are killed again and again', async () => {
    await using bj = load('bj')
    await using sh = load('sh')
    for (let round = 0; round < 4; round++) {
      await sleep(700)
      const zone = ground.zones[round % 2] ?? 'bj'
      for (const instance of [1, 2]) await ground.platform.program(zone, 'drc', instance).kill()
      await ground.start(1, [zone])
      await ground.start(2, [zone])
    }
    await bj[Symbol.asyncDispose]()
    await sh[Symbol.asyncDispose]()
    expect(bj.acknowledged).toBeGreaterThan(100)
    await expectSame()
  })

  it('the other instance takes over when one dies', async () => {
    await using _ = load('bj')
    const was = await leader('sh', 'applier', 'bj')
    const before = await ground.position('sh', 'bj')
    await ground.platform.program('sh', 'drc', was).kill()
    await expect.poll(() => leader('sh', 'applier', 'bj').catch(() => 0), { timeout: 15_000 }).toBe(3 - was)
    await expect.poll(() => ground.position('sh', 'bj'), { timeout: 15_000 }).toBeGreaterThan(before + 50)
    await ground.start(was, ['sh'])
  })

  it('an applier that was paused while another took over applies nothing', async () => {
    await using bj = load('bj')
    const was = await leader('sh', 'applier', 'bj')
    const zombie = ground.platform.program('sh', 'drc', was).child
    zombie.kill('SIGSTOP')
    try {
      await expect.poll(() => leader('sh', 'applier', 'bj').catch(() => 0), { timeout: 20_000 }).toBe(3 - was)
      await sleep(1_000)
    } finally {
      zombie.kill('SIGCONT')
    }
    await sleep(1_000)
    await bj[Symbol.asyncDispose]()
    await expectSame()
  })

  it('goes on after the stores it stands on were killed and came back', async () => {
    await using bj = load('bj')
    await using sh = load('sh')
    for (const id of ['bj/kafka', 'bj/mysql', 'sh/mysql', 'sh/zookeeper', 'bj/zookeeper']) {
      await ground.platform.stopStore(id, 'kill')
      await sleep(500)
      await ground.platform.startStores(id)
      await sleep(500)
    }
    for (const zone of ground.zones) ground.forget(zone)
    await bj[Symbol.asyncDispose]()
    await sh[Symbol.asyncDispose]()
    await expectSame()
  })

  it('falls silent when the load ends: what was applied does not travel back', async () => {
    await ground.caughtUp()
    const before = await Promise.all(ground.zones.map((zone) => ground.binlogged(zone)))
    await sleep(3_000)
    expect(await Promise.all(ground.zones.map((zone) => ground.binlogged(zone)))).toEqual(before)
  })
})
