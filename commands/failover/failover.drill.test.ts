import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Switched } from '../../testbed/failover/run-switch.ts'
import { type Answer, Cli } from '../../testbed/testing/cli.ts'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
  expect((await cli.up()).exit).toBe(0)
})
afterAll(() => cli?.[Symbol.asyncDispose]())

const seen = ({ exit, error }: Answer) => [exit, error?.code]
const data = <T = Record<string, unknown>>(answer: Answer) => answer.data as T
const served = async () => {
  const { shards } = data<{ shards: { zone: string; state: string }[] }>(await cli.run('gzs', 'table'))
  const by: Record<string, number> = {}
  for (const { zone, state } of shards) by[`${zone} ${state}`] = (by[`${zone} ${state}`] ?? 0) + 1
  return by
}
const ended = async () => {
  const { switches } = data<{ switches: { outcome: string | null }[] }>(await cli.run('failover', 'list'))
  return switches.every(({ outcome }) => outcome !== null)
}

describe('ezone failover', () => {
  it.each([
    [
      ['failover', 'gz'],
      [2, 'EZ_UNKNOWN_ZONE'],
    ],
    [
      ['failover', 'sh', '--to', 'sh'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['failover', 'sh', '--shards', '77'],
      [2, 'EZ_UNKNOWN_SHARD'],
    ],
    [
      ['failover', 'plan', 'gz'],
      [2, 'EZ_UNKNOWN_ZONE'],
    ],
    [
      ['failback', 'gz'],
      [2, 'EZ_UNKNOWN_ZONE'],
    ],
    [
      ['order', 'unlock'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'unlock', 'abc'],
      [2, 'EZ_USAGE'],
    ],
  ])('%j is refused', async (args, wanted) => {
    expect(seen(await cli.run(...args))).toEqual(wanted)
  })

  it('plans: what would move, and what would be lost now', async () => {
    const { orderId } = data(await cli.run('order', 'place', '--city', 'Shanghai'))
    expect(orderId).toMatch(/^\d{15,}$/)
    const plan = () => cli.run('failover', 'plan', 'sh').then((answer) => data(answer))
    await expect.poll(plan, { timeout: 60_000 }).toMatchObject({ to: 'bj', lostOrders: 0, red: [], unsettled: [] })
    const { shards } = await data<{ shards: { shard: number; acknowledged: number }[] }>(
      await cli.run('failover', 'plan', 'sh'),
    )
    expect(shards.find(({ shard }) => shard === 31)?.acknowledged).toBe(1)
  })

  it('is begun by nobody while a link is cut', async () => {
    expect((await cli.run('links', 'cut', 'bj-sh')).exit).toBe(0)
    const refused = await cli.run('failover', 'sh')
    expect(seen(refused)).toEqual([11, 'EZ_SWITCH_REFUSED'])
    expect(refused.error?.message).toContain('bj-sh')
    expect(data<{ switches: unknown[] }>(await cli.run('failover', 'list')).switches).toEqual([])
    expect((await cli.run('links', 'join', 'bj-sh')).exit).toBe(0)
  })

  it('goes on when its command is interrupted, and the same command finds it done', async () => {
    const before = await served()
    const begun = cli.start('failover', 'sh', '--canary', '--why', 'a test')
    while (data<{ switches: unknown[] }>(await cli.run('failover', 'list')).switches.length === 0) await sleep(100)
    begun.child.kill('SIGINT')
    const answer = await begun.answer
    // On a fast machine it may have ended before it was told to.
    if (answer.exit !== 0) expect(seen(answer)).toEqual([130, 'EZ_INTERRUPTED'])
    await expect.poll(ended, { timeout: 120_000 }).toBe(true)
    expect(await served()).toEqual({ 'bj ACTIVE': 31 })
    expect(data(await cli.run('failover', 'sh'))).toMatchObject({ id: null, outcome: 'switched' })
    expect(before['sh ACTIVE']).toBeGreaterThan(0)
  })

  it('is undone by failback, that which is its own by the topology', async () => {
    const back = data<Switched>(await cli.run('failback', 'sh'))
    expect(back).toMatchObject({ from: 'bj', to: 'sh', mode: 'planned', outcome: 'switched', rpoOrders: [] })
    expect(back.steps.map(({ atMs }) => atMs)).toEqual(back.steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect((await served())['sh ACTIVE']).toBe(back.shards.length)
    expect(data(await cli.run('failback', 'sh'))).toMatchObject({ id: null })
  })

  it('hard takes them from a zone that is there as from one that is not, and failback waits until that is settled', async () => {
    const hard = data<Switched>(await cli.run('failover', 'sh', '--hard', '--why', 'a test'))
    expect(hard).toMatchObject({ mode: 'hard', outcome: 'switched', to: 'bj' })
    await expect
      .poll(async () => seen(await cli.run('failback', 'sh')), { timeout: 120_000, interval: 1_000 })
      .toEqual([0, undefined])
    expect((await served())['sh ACTIVE']).toBe(hard.shards.length)
  })
})
