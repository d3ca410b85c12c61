import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endSession } from '../../../testbed/testing/end-session.ts'
import { ZookeeperGround } from '../../../testbed/testing/zookeeper-ground.ts'
import { leaseWriter, type WriterLease, Zookeeper, type ZookeeperOptions } from './index.ts'

let ground: ZookeeperGround
let zk: Zookeeper

beforeAll(async () => {
  ground = await ZookeeperGround.make([40, 41, 42], 'zookeeper')
  await ground.ground.start(ground.server('bj'))
  zk = client()
})
afterAll(async () => {
  await zk?.close()
  await ground?.[Symbol.asyncDispose]()
})

const client = (from: 'bj' | 'sh' = 'bj', options: Partial<ZookeeperOptions> = {}) =>
  Zookeeper.connect({ servers: [ground.address('bj', from)], sessionTimeoutMs: 3_000, ...options })
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 20 })

const loseSession = (of: Zookeeper) => endSession(of, (resume) => client('bj', { resume }))

describe('writer numbers', () => {
  it('are each held once, by as many as there are, however many ask at once', async () => {
    await using stack = new AsyncDisposableStack()
    const asked = await Promise.allSettled(
      Array.from({ length: 40 }, () => leaseWriter(stack.use(client()), { max: 32 })),
    )
    const leases = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(leases.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 32 }, (_, i) => i),
    )
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused.map(({ code }) => code)).toEqual(Array(8).fill('EZ_WRITERS_SPENT'))
    await leases.find(({ number }) => number === 7)?.[Symbol.asyncDispose]()
    const again = await leaseWriter(zk, { max: 32 })
    expect(again.number).toBe(7)
    await again[Symbol.asyncDispose]()
  })

  it('begin above every second that an earlier holder reserved', async () => {
    const first = await leaseWriter(zk, { max: 32 })
    expect([first.number, first.through]).toEqual([0, -1])
    await first.reserve(100)
    await first.reserve(50)
    await Promise.all([first.reserve(101), first.reserve(103), first.reserve(102)])
    expect(first.through).toBe(103)
    await first[Symbol.asyncDispose]()
    await expect(first.reserve(104)).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
    await using second = await leaseWriter(zk, { max: 32 })
    expect([second.number, second.through]).toEqual([0, 103])
  })

  it('are lost with the session: nothing more can be reserved, and the next holder begins above', async () => {
    await using own = client()
    const lease = await leaseWriter(own, { max: 2 })
    const { number } = lease
    await lease.reserve(1_000)
    await loseSession(own)
    await soon(() => lease.lost.aborted).toBe(true)
    await expect(lease.reserve(1_001)).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
    await using next = await leaseWriter(zk, { max: 2 })
    expect([next.number, next.through]).toEqual([number, 1_000])
  })

  it('are refused to a holder who has not yet heard that another has taken his', async () => {
    await using own = client('sh', { sessionTimeoutMs: 12_000 })
    await using lease = await leaseWriter(own, { max: 2 })
    await lease.reserve(lease.through + 10)
    await using _ = await ground.slow('bj', 'sh', { latency: 1_500, jitter: 0 })
    await zk.delete(`/ezone/writers/${lease.number}`)
    await using next = await leaseWriter(zk, { max: 2 })
    expect([next.number, next.through]).toEqual([lease.number, lease.through])
    expect(lease.lost.aborted).toBe(false)
    await expect(lease.reserve(lease.through + 10)).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
    await next.reserve(next.through + 10)
  })

  it('never have a second in common, also while their holders are cut off again and again', async () => {
    const given = new Map<number, WriterLease>()
    const twice: number[] = []
    /** Reserves as an id maker would: what is above the last, some seconds ahead. */
    const spend = async (lease: WriterLease) => {
      const before = lease.through
      await lease.reserve(before + 3)
      for (let second = before + 1; second <= before + 3; second++) {
        const key = lease.number * 1e6 + second
        if (given.has(key)) twice.push(key)
        given.set(key, lease)
      }
    }
    const end = new AbortController()
    const work = async (from: 'bj' | 'sh') => {
      await using own = client(from, { requestTimeoutMs: 500 })
      while (!end.signal.aborted) {
        const lease = await leaseWriter(own, { max: 2 }).catch(() => null)
        for (let turn = 0; turn < 50 && lease?.lost.aborted === false; turn++) await spend(lease).catch(() => undefined)
        await lease?.[Symbol.asyncDispose]()
        await sleep(20)
      }
    }
    const all = Promise.all([work('sh'), work('sh'), work('bj'), work('bj')])
    for (let round = 0; round < 3; round++) {
      await ground.cut('bj-sh')
      await sleep(round === 1 ? 500 : 4_000)
      await ground.join('bj-sh')
      await sleep(1_000)
    }
    end.abort()
    await all
    expect(twice).toEqual([])
    expect(new Set(given.values()).size).toBeGreaterThan(10)
  })
})
