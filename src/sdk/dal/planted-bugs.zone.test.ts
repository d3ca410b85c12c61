import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround, fenceOf, shopMigrations } from '../../../testbed/testing/dal-ground.ts'
import { type PlantedBug, systemClock } from '../model/index.ts'
import { Fences, ZoneDatabase } from './index.ts'

let dal: DalGround
let fences: Fences
const open: ZoneDatabase[] = []
beforeAll(async () => {
  dal = await DalGround.make({ bj: 58, sh: 59, edge: 60 })
  fences = Fences.open({ mysql: dal.access('fence'), clock: systemClock })
  await fences.seed([
    fenceOf(31),
    fenceOf(32, { zone: 'sh' }),
    fenceOf(33, { state: 'FROZEN' }),
    fenceOf(36, { leaseUntilMs: 1_000_000 }),
  ])
})
afterAll(async () => {
  await fences?.[Symbol.asyncDispose]()
  for (const db of open) await db[Symbol.asyncDispose]()
  await dal?.[Symbol.asyncDispose]()
})

async function database(sabotage: readonly PlantedBug[]): Promise<ZoneDatabase> {
  const db = ZoneDatabase.open({ mysql: dal.access('app'), zone: 'bj', clock: systemClock, sabotage })
  open.push(db)
  await db.migrate('shop', shopMigrations)
  return db
}

const orders = 'shop.orders'
const claims: readonly [string, { readonly shard: number; readonly epoch: number }][] = [
  ['a shard of another zone', { shard: 32, epoch: 5 }],
  ['an epoch that is over', { shard: 31, epoch: 4 }],
  ['a frozen shard', { shard: 33, epoch: 5 }],
  ['a lease that has ended', { shard: 36, epoch: 5 }],
]

describe('no-fence', () => {
  it.each(claims)('writes %s, which a sound service refuses', async (_, claim) => {
    const written = async (db: ZoneDatabase) => {
      const [alone, together] = [dal.id(), dal.id()]
      const ended = await Promise.allSettled([
        db.insert(claim, orders, { order_id: alone }),
        db.write(claim, (tx) => tx.insert(orders, { order_id: together })),
      ])
      const rows = await dal.query(`SELECT order_id FROM ${orders} WHERE order_id IN (${alone}, ${together})`)
      return { done: ended.filter(({ status }) => status === 'fulfilled').length, rows: rows.length }
    }
    expect(await written(await database([]))).toEqual({ done: 0, rows: 0 })
    expect(await written(await database(['no-fence']))).toEqual({ done: 2, rows: 2 })
  })

  it('does not make a freeze wait for a write that is on its way', async () => {
    const claim = { shard: 31, epoch: 5 }
    const killedBy = async (db: ZoneDatabase) => {
      const begun = Promise.withResolvers<void>()
      const ended = Promise.withResolvers<void>()
      const writing = db.write(claim, async (tx) => {
        await tx.insert(orders, { order_id: dal.id() })
        begun.resolve()
        await ended.promise
      })
      writing.catch(() => undefined)
      await begun.promise
      const frozen = fenceOf(31, { state: 'FROZEN', epoch: 6 })
      const { killed } = await fences.set({ row: frozen, fromEpoch: 5 }, { waitMs: 100 })
      ended.resolve()
      const { status } = (await Promise.allSettled([writing]))[0]
      await fences.set({ row: fenceOf(31), fromEpoch: 6 })
      return { killed, status }
    }
    expect(await killedBy(await database([]))).toEqual({ killed: 1, status: 'rejected' })
    expect(await killedBy(await database(['no-fence']))).toEqual({ killed: 0, status: 'fulfilled' })
  })
})
