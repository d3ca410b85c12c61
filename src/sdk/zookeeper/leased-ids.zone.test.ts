import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TestGround } from '../../../testbed/testing/ground.ts'
import { systemClock, unpackId } from '../model/index.ts'
import { LeasedIds } from './leased-ids.ts'
import { Zookeeper } from './zookeeper.ts'

let ground: TestGround
const open: AsyncDisposable[] = []
beforeAll(async () => {
  ground = await TestGround.make({ octets: { bj: 70, sh: 71, edge: 72 } })
  await Promise.all(['bj', 'sh'].map((zone) => ground.start(ground.spec(`${zone}/zookeeper`, 'zookeeper'))))
})
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

/** The machine's clock, set back by so much. */
const setBack = (ms: number) => ({ ...systemClock, nowMs: () => systemClock.nowMs() - ms })

/** A life of a service: a session of its own, and the ids it makes. */
function life(clock = systemClock, at = 'bj') {
  const [door] = ground.spec(`${at}/zookeeper`, 'zookeeper').ports
  const servers = [door?.host ?? { host: '', port: 0 }]
  const zookeeper = Zookeeper.connect({ servers, clock: systemClock, sessionTimeoutMs: 30_000 })
  const ids = new LeasedIds({ zone: 1, zookeeper, clock })
  open.push(zookeeper, ids)
  return { ids, zookeeper }
}

const writerOf = (id: bigint) => unpackId(id).writer

describe('ids under leased writer numbers', () => {
  it('go on at once when life follows life, and never repeat', async () => {
    const given: bigint[] = []
    for (let i = 0; i < 6; i++) {
      const { ids, zookeeper } = life()
      given.push(await ids.next(7))
      await zookeeper.close()
    }
    expect(new Set(given).size).toBe(6)
  })

  it('go on at once, and never repeat, where the clock was set back by 10 s between two lives', async () => {
    const before = life()
    const given = await Promise.all(Array.from({ length: 300 }, () => before.ids.next(8)))
    await before.zookeeper.close()
    const after = life(setBack(10_000))
    given.push(...(await Promise.all(Array.from({ length: 300 }, () => after.ids.next(8)))))
    expect(new Set(given).size).toBe(600)
  })

  it('go on through a restart of ZooKeeper, out of what is reserved', async () => {
    const { ids } = life()
    const first = await ids.next(9)
    const spec = ground.spec('bj/zookeeper', 'zookeeper')
    await ground.kill(spec)
    const meanwhile = await ids.next(9)
    await ground.start(spec)
    expect(new Set([first, meanwhile, await ids.next(9)]).size).toBe(3)
  })

  it('go on under another number when theirs was lost', async () => {
    const { ids, zookeeper } = life()
    const first = await ids.next(10)
    // As it is when the session has expired: the number is free, and the next one takes it.
    await zookeeper.delete(`/ezone/writers/${writerOf(first)}`)
    const thief = life()
    const others = await thief.ids.next(10)
    // More than the seconds that are reserved hold.
    const given = await Promise.all(Array.from({ length: 3_500 }, () => ids.next(10)))
    expect(new Set([first, others, ...given]).size).toBe(3_502)
    expect(new Set(given.map(writerOf)).size).toBe(2)
  })

  it('of 32 services at once are all different, as each has a number of its own; a 33rd gets none', async () => {
    const lives = Array.from({ length: 32 }, () => life(systemClock, 'sh'))
    const given = await Promise.all(lives.map(({ ids }) => ids.next(7)))
    expect(new Set(given).size).toBe(32)
    expect(new Set(given.map(writerOf)).size).toBe(32)
    await expect(life(systemClock, 'sh').ids.next(7)).rejects.toMatchObject({ code: 'EZ_WRITERS_SPENT' })
    for (const { zookeeper } of lives) await zookeeper.close()
  })
})
