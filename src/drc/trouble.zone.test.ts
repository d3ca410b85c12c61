import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const columns = 'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, name VARCHAR(40)'
const wait = { timeout: 15_000 }
const applier = async () => (await ground.role('sh', 'applier', 'bj'))?.stopped

describe('a lane of the applier', () => {
  it('stops at a table that is missing here, and goes on when it has come', async () => {
    await ground.table('late.t', columns, { zones: ['bj'] })
    await ground.run('sh', 'CREATE DATABASE late')
    await ground.run('bj', "INSERT INTO late.t (id, name) VALUES (1, 'waits')")
    await expect
      .poll(applier, wait)
      .toMatchObject({ code: 'EZ_DRC_UNFIT_TABLE', message: expect.stringContaining('late.t') })
    await ground.run(
      'sh',
      `CREATE TABLE late.t (${columns}, drc_ver BIGINT UNSIGNED NOT NULL INVISIBLE, PRIMARY KEY (id))`,
    )
    await ground.caughtUp()
    expect(await ground.run('sh', 'SELECT name FROM late.t')).toEqual([{ name: 'waits' }])
    await expect.poll(applier, wait).toBeNull()
  })

  it('stops at a column that is missing here, and goes on when it has come', async () => {
    await ground.table('late.wide', columns)
    await ground.run('bj', 'ALTER TABLE late.wide ADD COLUMN tip INT')
    await ground.run('bj', "INSERT INTO late.wide (id, name, tip) VALUES (1, 'x', 5)")
    await expect
      .poll(applier, wait)
      .toMatchObject({ code: 'EZ_DRC_MISSING_COLUMN', message: expect.stringContaining('tip') })
    await ground.run('sh', 'ALTER TABLE late.wide ADD COLUMN tip INT')
    await ground.caughtUp()
    expect(await ground.run('sh', 'SELECT name, tip FROM late.wide')).toEqual([{ name: 'x', tip: 5 }])
  })

  it('stops at a row that MySQL refuses here, and goes on when it takes it', async () => {
    await ground.table('late.unique_name', columns)
    await ground.run('sh', 'ALTER TABLE late.unique_name ADD UNIQUE KEY (name)')
    await ground.run('sh', "INSERT INTO late.unique_name (id, name) VALUES (1, 'same')")
    await ground.run('bj', "INSERT INTO late.unique_name (id, name) VALUES (2, 'same')")
    await expect.poll(applier, wait).toMatchObject({ code: 'EZ_DRC_APPLY_REFUSED' })
    await ground.run('sh', 'ALTER TABLE late.unique_name DROP KEY name')
    await ground.caughtUp()
    expect(await ground.run('sh', 'SELECT id FROM late.unique_name ORDER BY id')).toEqual([{ id: '1' }, { id: '2' }])
  })

  it('keeps what it does not know: columns that only this zone has', async () => {
    await ground.table('late.extra', columns)
    await ground.run('sh', 'ALTER TABLE late.extra ADD COLUMN own INT DEFAULT 7')
    await ground.run('bj', "INSERT INTO late.extra (id, name) VALUES (1, 'a')")
    await ground.caughtUp()
    await ground.run('bj', "UPDATE late.extra SET name = 'b'")
    await ground.caughtUp()
    expect(await ground.run('sh', 'SELECT name, own FROM late.extra')).toEqual([{ name: 'b', own: 7 }])
  })
})

describe('the relay', () => {
  it('carries a transaction that needs many records whole', async () => {
    await ground.table(
      'big.t',
      'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, body MEDIUMTEXT',
    )
    const rows = Array.from({ length: 12 }, (_, id) => `(${id}, REPEAT('外', 100000))`)
    await ground.run('bj', `INSERT INTO big.t (id, body) VALUES ${rows.join(', ')}`)
    await ground.run('bj', 'UPDATE big.t SET epoch = 1')
    await ground.caughtUp()
    const sums = 'SELECT id, epoch, SHA2(body, 256) AS sum FROM big.t ORDER BY id'
    expect(await ground.run('sh', sums)).toEqual(await ground.run('bj', sums))
  })

  it('leaves out the schemas that are a zone’s own', async () => {
    await ground.run('bj', "INSERT INTO ezone_drc.migration VALUES ('x', 1)")
    await ground.run(
      'bj',
      "INSERT INTO ezone.fence (shard, zone, epoch, state, lease_until_ms) VALUES (1, 'bj', 1, 'ACTIVE', 0)",
    )
    await ground.caughtUp()
    expect(await ground.run('sh', 'SELECT * FROM ezone_drc.migration')).toEqual([])
    expect(await ground.run('sh', 'SELECT * FROM ezone.fence')).toEqual([])
    expect(await applier()).toBeNull()
  })
})
