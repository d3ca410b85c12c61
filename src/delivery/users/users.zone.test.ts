import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OrdersGround } from '../../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ bj: 70, sh: 71, edge: 72 })
  await ground.own(31, 'sh')
  await ground.own(11, 'bj')
  await ground.globalMaster('bj')
  await Promise.all([ground.start('bj'), ground.start('sh')])
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

const homes = { bj: { shard: 11, cell: 3 }, sh: { shard: 31, cell: 1 } } as const
const register = (zone: 'bj' | 'sh', phone: string, headers = {}) =>
  ground.ask(zone, 'POST', '/users', { tag: homes[zone], body: { phone }, headers })
const show = (zone: 'bj' | 'sh', userId: unknown) => ground.ask(zone, 'GET', `/users/${userId}`, { tag: homes[zone] })
const inCopy = async (zone: string) =>
  (await ground.platform.query(zone, 'SELECT COUNT(*) AS n FROM accounts.users', 'mysql-global'))[0]?.n

describe('a phone', () => {
  it('that is registered in both zones at once belongs to exactly one, every time', async () => {
    for (let i = 0; i < 20; i++) {
      const phone = `1380000${1000 + i}`
      const answers = await Promise.all([register('bj', phone), register('sh', phone)])
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      expect(answers.find(({ status }) => status === 409)?.body.error?.code).toBe('EZ_PHONE_TAKEN')
    }
    await expect.poll(() => inCopy('sh'), { timeout: 5_000 }).toBe('20')
    expect(await inCopy('bj')).toBe('20')
  })

  it('that is taken is not told to whoever asks, but for its last digits', async () => {
    await register('bj', '13999991111')
    const { body } = await register('sh', '13999991111')
    expect(body.error?.message).toContain('1111')
    expect(JSON.stringify(body)).not.toContain('13999991111')
  })

  it('is registered once however often the same key asks for it', async () => {
    const headers = { 'idempotency-key': 'me' }
    const [first, again] = [await register('sh', '13711112222', headers), await register('sh', '13711112222', headers)]
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
  })

  it.each(['', '123', '12a4567', '+123456789012345678'])('%j is none', async (phone) => {
    expect((await register('sh', phone)).body.error?.code).toBe('EZ_BAD_REQUEST')
  })
})

describe('a user', () => {
  it('is known in both zones as soon as it is registered, also where the copy lags behind', async () => {
    const { body } = await register('sh', '13655556666')
    expect(body).toMatchObject({ phone: '13655556666', zone: 'sh' })
    for (const zone of ['bj', 'sh'] as const) expect((await show(zone, body.userId)).body).toEqual(body)
  })

  it('is read from the own copy while the master is away; who is not there is not said to be nobody', async () => {
    const { body } = await register('bj', '13677778888')
    await expect.poll(() => inCopy('sh').then(Number), { timeout: 5_000 }).toBeGreaterThan(20)
    await ground.platform.query('sh', 'SELECT 1', 'mysql-global')
    const replicated = async () =>
      (await ground.platform.query('sh', `SELECT 1 FROM accounts.users WHERE user_id = ${body.userId}`, 'mysql-global'))
        .length
    await expect.poll(replicated, { timeout: 5_000 }).toBe(1)
    await ground.platform.stopStore('bj/mysql-global', 'kill')
    expect((await show('sh', body.userId)).body).toEqual(body)
    expect((await show('sh', '127913961550135296')).body.error?.code).toBe('EZ_GLOBAL_UNREACHABLE')
    expect((await register('sh', '13600000000')).body.error?.code).toBe('EZ_GLOBAL_UNREACHABLE')
  })
})
