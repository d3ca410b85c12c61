import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PlantedBug, unpackId } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OrdersGround } from '../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ bj: 58, sh: 59, edge: 60 })
  await ground.own(31, 'sh')
})
afterAll(() => ground?.[Symbol.asyncDispose]())

/** The order service of Shanghai anew, with these bugs and no order or rider of before. */
async function start(sabotage: readonly PlantedBug[]): Promise<void> {
  await ground.platform.start('sh', 'orders', { sabotage })
  for (const table of ['orders', 'riders']) await query(`DELETE FROM delivery.${table}`)
}
const end = () => ground.platform.program('sh', 'orders').end()
const query = (sql: string) => ground.platform.query('sh', sql)

describe('overlapping-ids', () => {
  it('makes ids of the second zone look like those of the first', async () => {
    const zoneInIds = async (sabotage: readonly PlantedBug[]) => {
      await start(sabotage)
      const ids = [await ground.orderIn('sh', []), await ground.riderIn('sh')]
      await end()
      return ids.map((id) => unpackId(BigInt(id)).zone)
    }
    expect(await zoneInIds([])).toEqual([2, 2])
    expect(await zoneInIds(['overlapping-ids'])).toEqual([1, 1])
  })
})

describe('double-dispatch', () => {
  it('sends a second rider after an order that has one, and then no third', async () => {
    const ridersOf = async (sabotage: readonly PlantedBug[], riders: number) => {
      await start(sabotage)
      for (let i = 0; i < 3; i++) await ground.riderIn('sh')
      const orderId = await ground.orderIn('sh', ['paid', 'accepted'])
      const busy = async () => (await query(`SELECT 1 FROM delivery.riders WHERE order_id = ${orderId}`)).length
      await expect.poll(busy, { timeout: 20_000, interval: 100 }).toBe(riders)
      await sleep(2_500)
      const last = await busy()
      await end()
      return last
    }
    expect(await ridersOf([], 1)).toBe(1)
    expect(await ridersOf(['double-dispatch'], 2)).toBe(2)
  })
})

describe('a service with planted bugs', () => {
  it('says so at its start, and refuses a name that nobody planted', async () => {
    const program = await ground.platform.start('sh', 'orders', { sabotage: ['no-fence', 'lying-lag'] })
    expect(program.lines.join('\n')).toContain('"sabotage":["no-fence","lying-lag"]')
    await program.end()
    const refused = await ground.platform.launch('sh', 'orders', { sabotage: ['no-brakes' as PlantedBug] })
    const [code] = await once(refused.child, 'close')
    expect(code).not.toBe(0)
    expect(refused.lines.join('\n')).toContain('sabotage')
  })
})
