import { systemClock } from '@ezone/sdk/clock'
import { packVersion } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const backMs = 10_000

/** Rows that bj wrote, and sh has, from before the clock was set back: their versions are ahead of it now. */
async function rowsFromBefore(table: string, ids: readonly number[]): Promise<bigint> {
  const ver = packVersion({ timeUs: BigInt(Math.round((systemClock.nowMs() + backMs) * 1_000)), zone: 1 })
  for (const zone of ground.zones) {
    const connection = await ground.open(zone)
    // As an applier writes: the version is brought along, and nothing travels.
    await connection.query("SET SESSION gtid_next = 'AUTOMATIC:drc_gz'")
    for (const id of ids)
      await connection.query(`INSERT INTO ${table} (id, name, drc_ver) VALUES (?, 'before', ?)`, [id, String(ver)])
    connection.destroy()
  }
  return ver
}

describe('a clock that was set back by ten seconds', () => {
  it('makes no later write an older one: updates, deletes and inserts win, in both zones, without a conflict', async () => {
    await ground.table(
      'shop.t',
      'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, name VARCHAR(40)',
    )
    const before = await rowsFromBefore('shop.t', [1, 2, 3, 4])
    await ground.run('bj', "UPDATE shop.t SET name = 'after' WHERE id = 1")
    await ground.run('bj', 'DELETE FROM shop.t WHERE id = 2')
    await ground.run('bj', 'DELETE FROM shop.t WHERE id = 3')
    await ground.run('bj', "INSERT INTO shop.t (id, name) VALUES (3, 'again')")
    await ground.run('sh', "UPDATE shop.t SET name = 'by sh' WHERE id = 4")
    await ground.caughtUp()
    await ground.run('sh', "UPDATE shop.t SET name = 'then by sh' WHERE id = 1")
    await ground.caughtUp()
    const contents = await ground.contents('shop.t')
    expect(contents.get('sh')).toEqual(contents.get('bj'))
    expect(contents.get('bj')?.map(({ id, name }) => `${id} ${name}`)).toEqual(['1 then by sh', '3 again', '4 by sh'])
    for (const { drc_ver } of contents.get('bj') ?? []) expect(BigInt(String(drc_ver))).toBeGreaterThan(before)
    for (const zone of ground.zones) expect(await ground.conflicts(zone)).toEqual([])
  })

  it('is counted by the relay and by the applier, and no lag becomes negative', async () => {
    expect(await ground.metrics('bj')).toMatch(/ezone_drc_clock_ahead_total\{[^}]*role="relay",source="bj"\} [1-9]/)
    expect(await ground.metrics('sh')).toMatch(/ezone_drc_clock_ahead_total\{[^}]*role="applier",source="bj"\} [1-9]/)
    expect((await ground.role('sh', 'applier', 'bj'))?.lagMs?.last).toBeGreaterThanOrEqual(0)
  })
})
