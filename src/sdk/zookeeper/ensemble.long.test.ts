import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../../testbed/stores/ask.ts'
import { ZookeeperGround } from '../../../testbed/testing/zookeeper-ground.ts'
import { op, type SessionEvent, watchNode, Zookeeper, ZookeeperError, type ZookeeperOptions } from './index.ts'

const places = ['bj', 'sh', 'edge'] as const
type Place = (typeof places)[number]

let ground: ZookeeperGround

beforeAll(async () => {
  ground = await ZookeeperGround.make([40, 41, 42], 'zookeeper-global')
  await Promise.all(places.map((place) => ground.ground.start(ground.server(place))))
})
afterAll(() => ground?.[Symbol.asyncDispose]())

/** A client in a place: its own member first, as the configuration of a service has it. */
async function clientIn(place: Place, options: Partial<ZookeeperOptions> = {}) {
  const order = [place, ...places.filter((other) => other !== place)]
  const zk = Zookeeper.connect({
    servers: order.map((one) => ground.address(one, place)),
    sessionTimeoutMs: 6_000,
    returnEveryMs: 500,
    ...options,
  })
  const events: SessionEvent['type'][] = []
  zk.onSession(({ type }) => events.push(type))
  await zk.ready(AbortSignal.timeout(20_000))
  return { zk, events, servedBy: () => order.find((one) => ground.address(one, place) === zk.session?.server) }
}

async function leader(): Promise<Place> {
  for (const place of places) {
    const answer = await ask(ground.address(place), 'srvr', () => false, AbortSignal.timeout(2_000)).catch(() => '')
    if (/^Mode: leader/m.test(answer.toString())) return place
  }
  throw new Error('nobody leads')
}

const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 30_000, interval: 50 })

describe('a client of the global ensemble', () => {
  it('takes the member of its own place, and another when that is killed, with the same session; and goes back', async () => {
    const { zk, events, servedBy } = await clientIn('bj')
    await using _ = zk
    expect(servedBy()).toBe('bj')
    const before = zk.session?.id
    await zk.create('/home', '', { mode: 'ephemeral' })
    await ground.ground.kill(ground.server('bj'))
    await soon(() => zk.state === 'connected' && servedBy()).toBe('sh')
    expect((await zk.exists('/home'))?.ephemeralOwner).toBe(before)
    await ground.ground.start(ground.server('bj'))
    await soon(() => zk.state === 'connected' && servedBy()).toBe('bj')
    expect((await zk.exists('/home'))?.ephemeralOwner).toBe(before)
    expect(events).not.toContain('expired')
  })

  it('loses no request when it goes back in the middle of traffic', async () => {
    const { zk, servedBy } = await clientIn('sh', { requestTimeoutMs: 20_000 })
    await using _ = zk
    await ground.ground.kill(ground.server('sh'))
    await soon(() => zk.state === 'connected' && servedBy()).toBe('bj')
    await zk.create('/traffic', '')
    const end = new AbortController()
    const failed: unknown[] = []
    let done = 0
    const traffic = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!end.signal.aborted)
          await zk.setData('/traffic', 'x').then(
            () => done++,
            (error: unknown) => failed.push(error),
          )
      }),
    )
    await ground.ground.start(ground.server('sh'))
    await soon(() => zk.state === 'connected' && servedBy()).toBe('sh')
    end.abort()
    await traffic
    expect(failed).toEqual([])
    // Each write was done once.
    expect((await zk.getData('/traffic')).stat.version).toBe(done)
  })

  it('goes on when the leader is killed: what was acknowledged is there, what failed was said to be unknown', async () => {
    const { zk, events } = await clientIn('edge', { requestTimeoutMs: 20_000 })
    await using _ = zk
    await zk.create('/count', '0')
    const acknowledged = new Set<number>()
    const unknown = new Set<number>()
    const lost = await leader()
    for (let i = 1; i <= 60; i++) {
      if (i === 20) await ground.ground.kill(ground.server(lost))
      try {
        await zk.create(`/count/${i}`, '')
        acknowledged.add(i)
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'unknown' })
        unknown.add(i)
      }
    }
    await ground.ground.start(ground.server(lost))
    await zk.sync('/')
    const there = (await zk.getChildren('/count')).names.map(Number)
    for (const one of acknowledged) expect(there).toContain(one)
    for (const one of there) expect(acknowledged.has(one) || unknown.has(one)).toBe(true)
    expect(acknowledged.size).toBeGreaterThanOrEqual(58)
    expect(events).not.toContain('expired')
  })

  it('in a place that is cut off from one other goes on; cut off from both it stops to rely on its session', async () => {
    const { zk } = await clientIn('bj', { requestTimeoutMs: 1_000 })
    const { zk: other } = await clientIn('edge')
    await using _ = zk
    await using __ = other
    const before = zk.session?.id
    await zk.create('/mine', '', { mode: 'ephemeral' })
    await ground.cut('bj-sh')
    await soon(() =>
      zk.setData('/mine', 'still').then(
        () => true,
        () => false,
      ),
    ).toBe(true)
    expect(zk.session?.id).toBe(before)

    await ground.cut('edge-bj')
    await soon(() => zk.safeForMs <= 0).toBe(true)
    // It is unsafe before the majority ends it.
    await soon(() => other.exists('/mine')).toBeNull()
    expect(zk.safeForMs).toBeLessThan(0)
    const refused = await zk.setData('/mine', 'late').catch((error: unknown) => error)
    expect(ZookeeperError.is(refused)).toBe(true)
    await ground.join('bj-sh')
    await ground.join('edge-bj')
    await soon(() => zk.state).toBe('connected')
    expect(zk.session?.id).not.toBe(before)
    expect(await zk.exists('/mine')).toBeNull()
  })

  it('sees a change made in another place, and never an older value after a newer one, over every member', async () => {
    const { zk: writer } = await clientIn('sh', { requestTimeoutMs: 20_000 })
    const { zk } = await clientIn('bj')
    await using _ = writer
    await using __ = zk
    await writer.create('/seen', '0')
    const seen: number[] = []
    await using watch = watchNode(zk, '/seen', (value) => {
      seen.push(Number(value?.data.toString() ?? -1))
    })
    for (let i = 1; i <= 60; i++) {
      await writer.multi([op.set('/seen', `${i}`, i - 1)])
      if (i === 20) await ground.ground.kill(ground.server('bj'))
      if (i === 40) await ground.ground.start(ground.server('bj'))
    }
    await soon(() => seen.at(-1)).toBe(60)
    await watch.current()
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
})
