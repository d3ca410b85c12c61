import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 53, sh: 54, edge: 52 })
  await ground.start()
  await ground.table(
    'shop.orders',
    'id BIGINT, shard INT NOT NULL DEFAULT 31, epoch BIGINT NOT NULL, locked TINYINT NOT NULL DEFAULT 0, name VARCHAR(40)',
  )
})
afterAll(() => ground?.[Symbol.asyncDispose]())

/** As the lease-keepers of both zones would write it. */
const fence = (zone: string, state: string, epoch: number) =>
  ground.everywhere([
    'SET SESSION sql_log_bin = 0',
    `REPLACE INTO ezone.fence (shard, zone, epoch, state, taken_epoch, lease_until_ms)
       VALUES (31, '${zone}', ${epoch}, '${state}', 3, 18446744073709551615)`,
    'SET SESSION sql_log_bin = 1',
  ])

/** An order that both zones have, changed in both before either knows of the other; sh acts under the epoch before. */
const renamed = (id: number) => `UPDATE shop.orders SET name = 'sh' WHERE id = ${id}`
async function conflict(id: number, meanwhile = async () => {}, changeInSh = renamed(id)): Promise<void> {
  await ground.run('sh', `INSERT INTO shop.orders (id, epoch, name) VALUES (${id}, 1, 'both')`)
  await ground.caughtUp()
  await Promise.all(ground.zones.map((zone) => ground.platform.program(zone, 'drc').end()))
  await ground.run('bj', `UPDATE shop.orders SET name = 'bj', epoch = 3 WHERE id = ${id}`)
  await ground.run('sh', changeInSh)
  await meanwhile()
  await ground.start()
  await ground.caughtUp()
}
const orderIn = async (zone: string, id: number) => {
  const [row] = await ground.run(zone, `SELECT name, epoch, locked FROM shop.orders WHERE id = ${id}`)
  return `${row?.name} ${row?.epoch} ${Number(row?.locked) === 1 ? 'locked' : 'free'}`
}
const due = async () =>
  Number((await ground.run('bj', 'SELECT COUNT(*) AS n FROM ezone_drc.conflict WHERE locks = 1'))[0]?.n)

describe('a conflict that reaches across a takeover', () => {
  it('locks the row in every zone, under the epoch of its owner', async () => {
    await fence('bj', 'ACTIVE', 3)
    await conflict(1)
    for (const zone of ground.zones) await expect.poll(() => orderIn(zone, 1), { timeout: 10_000 }).toBe('sh 3 locked')
    expect((await ground.conflicts('bj')).map(({ key, locked }) => [key, locked])).toEqual([['1', true]])
  })

  it('leaves what only one zone has changed as it is', async () => {
    await ground.run('sh', "INSERT INTO shop.orders (id, epoch, name) VALUES (2, 1, 'sh alone')")
    await ground.caughtUp()
    expect(await orderIn('bj', 2)).toBe('sh alone 1 free')
  })

  it('says so of no row that is gone', async () => {
    // One change: between an update and a delete the lock could come, and is newer than the delete then.
    await conflict(5, undefined, 'DELETE FROM shop.orders WHERE id = 5')
    await expect.poll(due).toBe(0)
    expect(await ground.run('bj', 'SELECT id FROM shop.orders WHERE id = 5')).toEqual([])
    const found = (await ground.conflicts('bj')).filter(({ key }) => key === '5')
    expect(found.map(({ locked }) => locked)).toEqual([false])
  })

  it('is locked when the shard may be written again, and not while it is frozen', async () => {
    await conflict(3, () => fence('bj', 'FROZEN', 4))
    await expect.poll(due).toBe(1)
    await sleep(1_500)
    expect(await orderIn('bj', 3)).toBe('sh 1 free')
    await fence('bj', 'ACTIVE', 5)
    for (const zone of ground.zones) await expect.poll(() => orderIn(zone, 3), { timeout: 10_000 }).toBe('sh 5 locked')
    expect(await due()).toBe(0)
  })

  it('is not put over what the next owner has made of the row', async () => {
    await conflict(4, () => fence('bj', 'FROZEN', 6))
    await expect.poll(due).toBe(1)
    await fence('sh', 'ACTIVE', 7)
    await ground.run('sh', "UPDATE shop.orders SET name = 'next owner', epoch = 7 WHERE id = 4")
    await ground.caughtUp()
    await expect.poll(due, { timeout: 10_000 }).toBe(0)
    for (const zone of ground.zones) expect(await orderIn(zone, 4)).toBe('next owner 7 free')
  })
})
