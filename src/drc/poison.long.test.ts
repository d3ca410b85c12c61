import { setTimeout as sleep } from 'node:timers/promises'
import { drcTopic } from '@ezone/sdk/model'
import { Admin } from '@platformatic/kafka'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 }, { only: ['bj'] })
  await ground.start(1, ['bj'])
  await ground.table('shop.t', columns, { zones: ['bj'] })
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const columns = 'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, name VARCHAR(40)'
const relay = () => ground.role('bj', 'relay', 'bj')

/** A lane that has stopped for good begins anew with another log and another binlog. */
beforeEach(async () => {
  await ground.platform.program('bj', 'drc').kill()
  const door = ground.platform.ground.spec('bj/kafka', 'kafka').ports[0]?.host
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [door ?? { host: '', port: 0 }] })
  await admin.deleteTopics({ topics: [drcTopic('bj')] })
  await admin.close()
  ground.forget('bj')
  await ground.run('bj', 'TRUNCATE shop.t')
  await ground.run('bj', 'RESET BINARY LOGS AND GTIDS')
  await ground.run('bj', "INSERT INTO shop.t (id, name) VALUES (1, 'before')")
  await ground.start(1, ['bj'])
  await expect.poll(async () => (await relay())?.position?.gno, { timeout: 20_000 }).toBe(1)
})

describe('the relay stops, says so and skips nothing', () => {
  const poisons: readonly (readonly [what: string, code: string, poison: (g: DrcGround) => Promise<unknown>])[] = [
    [
      'at a table without primary key and version',
      'EZ_DRC_UNFIT_TABLE',
      async (g) => {
        await g.run('bj', 'CREATE TABLE shop.plain (id INT)')
        await g.run('bj', 'INSERT INTO shop.plain VALUES (1)')
      },
    ],
    [
      'at a delete that no trigger has seen',
      'EZ_DRC_UNFIT_TABLE',
      async (g) => {
        await g.table('shop.untriggered', columns, { zones: ['bj'] })
        await g.run('bj', 'DROP TRIGGER shop.untriggered_drc_delete')
        await g.run('bj', 'INSERT INTO shop.untriggered (id) VALUES (1)')
        await g.run('bj', 'DELETE FROM shop.untriggered')
      },
    ],
    [
      'at a compressed transaction',
      'EZ_DRC_UNDECODABLE',
      async (g) => {
        await g.run('bj', 'SET SESSION binlog_transaction_compression = ON')
        await g.run('bj', "UPDATE shop.t SET name = 'compressed'")
      },
    ],
    [
      'at a row image that is not whole',
      'EZ_DRC_UNDECODABLE',
      async (g) => {
        await g.run('bj', 'SET SESSION binlog_row_image = MINIMAL')
        await g.run('bj', "UPDATE shop.t SET name = 'minimal'")
      },
    ],
    [
      'at a change logged as a statement',
      'EZ_DRC_UNDECODABLE',
      async (g) => {
        await g.run('bj', 'SET SESSION binlog_format = STATEMENT')
        await g.run('bj', "UPDATE shop.t SET name = 'statement'")
      },
    ],
    [
      'at a row that is larger than a record',
      'EZ_DRC_ROW_TOO_LARGE',
      async (g) => {
        await g.run('bj', 'ALTER TABLE shop.t ADD COLUMN body MEDIUMTEXT')
        await g.run('bj', "UPDATE shop.t SET body = REPEAT('x', 2000000)")
      },
    ],
    [
      'when the binlog was purged before it was read',
      'EZ_DRC_BINLOG_PURGED',
      async (g) => {
        await g.platform.program('bj', 'drc').kill()
        await g.run('bj', "UPDATE shop.t SET name = 'purged'")
        await g.run('bj', 'FLUSH BINARY LOGS')
        await g.run('bj', "UPDATE shop.t SET name = 'kept'")
        const [log] = (await g.run('bj', 'SHOW BINARY LOGS')).slice(-1)
        await g.run('bj', `PURGE BINARY LOGS TO '${log?.Log_name}'`)
        await g.start(1, ['bj'])
      },
    ],
  ]

  it.each(poisons)('%s', async (_, code, poison) => {
    await poison(ground)
    await expect.poll(async () => (await relay())?.stopped?.code, { timeout: 25_000 }).toBe(code)
    await sleep(1_500)
    const role = await relay()
    expect(role).toMatchObject({ state: 'stopped', stopped: { code } })
    expect(role?.position?.gno).toBeLessThan(await ground.ownNumber('bj'))
    // Once, however often it has tried since.
    expect(await ground.metrics('bj')).toMatch(
      new RegExp(`^ezone_drc_troubles_total\\{[^}]*role="relay"[^}]*state="stopped",code="${code}"\\} 1$`, 'm'),
    )
  })
})
