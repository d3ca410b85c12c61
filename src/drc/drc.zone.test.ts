import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrcGround } from '../../testbed/testing/drc-ground.ts'

let ground: DrcGround
beforeAll(async () => {
  ground = await DrcGround.make({ bj: 60, sh: 61, edge: 63 })
  await ground.start()
})
afterAll(() => ground?.[Symbol.asyncDispose]())

describe('a change made in one zone', () => {
  it('is in the other one, with the version it was born with', async () => {
    await ground.table(
      'shop.orders',
      'id BIGINT, shard INT NOT NULL DEFAULT 31, epoch BIGINT NOT NULL DEFAULT 1, name VARCHAR(40)',
    )
    await ground.run('bj', "INSERT INTO shop.orders (id, name) VALUES (1, 'from bj'), (2, 'two')")
    await ground.run('sh', "INSERT INTO shop.orders (id, name) VALUES (3, 'from sh')")
    await ground.run('bj', "UPDATE shop.orders SET name = 'changed' WHERE id = 1")
    await ground.run('bj', 'DELETE FROM shop.orders WHERE id = 2')
    await ground.caughtUp()
    const contents = await ground.contents('shop.orders')
    expect(contents.get('bj')).toEqual(contents.get('sh'))
    expect(contents.get('bj')).toMatchObject([
      { id: '1', name: 'changed' },
      { id: '3', name: 'from sh' },
    ])
    expect(await ground.conflicts('bj')).toEqual([])
    expect(await ground.conflicts('sh')).toEqual([])
  })
})
