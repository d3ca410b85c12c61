import { drcTopic } from '@ezone/sdk/model'
import { Admin } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start()
  await ground.table('shop.t', columns)
})
afterAll(() => ground?.[Symbol.asyncDispose]())

const columns = 'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, name VARCHAR(40)'
const topic = drcTopic('bj')
const wait = { timeout: 45_000 }
const insert = (id: number) => ground.run('bj', `INSERT INTO shop.t (id, name) VALUES (${id}, 'row ${id}')`)
const inSh = async () => (await ground.run('sh', 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => Number(id))

async function kafka(work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const door = ground.platform.ground.spec('bj/kafka', 'kafka').ports[0]?.host
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [door ?? { host: '', port: 0 }] })
  await work(admin)
  await admin.close()
}

describe('a log that has lost what was not applied yet', () => {
  it('stops the lane, which applies nothing of what comes after', async () => {
    await insert(1)
    await ground.caughtUp()
    await ground.platform.program('sh', 'drc').kill()
    await insert(2)
    const lost = await ground.ownNumber('bj')
    await expect.poll(async () => (await ground.role('bj', 'relay', 'bj'))?.position?.gno, wait).toBe(lost)
    await kafka((admin) =>
      admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: -1n }] }] }),
    )
    await insert(3)
    await ground.start(1, ['sh'])
    const stopped = async () => (await ground.role('sh', 'applier', 'bj'))?.stopped?.code
    await expect.poll(stopped, wait).toBe('EZ_DRC_GAP')
    expect(await inSh()).toEqual([1])
    expect(await ground.metrics('sh')).toMatch(
      /^ezone_drc_troubles_total\{[^}]*role="applier",source="bj",state="stopped",code="EZ_DRC_GAP"\} 1$/m,
    )
  })

  it('is written anew where it is gone altogether, from the binlog, and the lane goes on', async () => {
    await kafka((admin) => admin.deleteTopics({ topics: [topic] }))
    await insert(4)
    await ground.caughtUp(45_000)
    expect(await inSh()).toEqual([1, 2, 3, 4])
    expect((await ground.role('sh', 'applier', 'bj'))?.stopped).toBeNull()
    expect(await ground.conflicts('sh')).toEqual([])
  })
})
