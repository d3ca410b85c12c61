import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, Cli } from '../../testbed/testing/cli.ts'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
  expect((await cli.up()).exit).toBe(0)
})
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]()
})

const seen = ({ exit, error }: Answer) => [exit, error?.code]
const data = (answer: Answer) => answer.data as Record<string, unknown>

describe('ezone order', () => {
  it.each([
    [['--city', 'Shanghai'], { zone: 'sh', shard: 31, rule: 'geo' }],
    [['--city', 'beijing'], { zone: 'bj', shard: 11, rule: 'geo' }],
    [['--city', 'Yichun,Jiangxi'], { zone: 'sh', shard: 36, rule: 'geo' }],
    [['--city', 'Yichun,黑龙江'], { zone: 'bj', shard: 23, rule: 'geo' }],
    [['--loc', '24.45,118.08'], { zone: 'sh', shard: 35, rule: 'geo-nearest-fence' }],
  ])('places an order with %j and shows it again', async (where, expected) => {
    const placed = data(await cli.run('order', 'place', ...where))
    expect(placed).toEqual({ orderId: expect.stringMatching(/^\d+$/), epoch: 1, state: 'created', ...expected })
    const shown = data(await cli.run('order', 'show', String(placed.orderId)))
    expect(shown).toEqual({ ...placed, rule: 'order' })
  })

  it('moves an order on, and says what it refuses', async () => {
    const { orderId } = data(await cli.run('order', 'place', '--city', 'Shanghai'))
    const advance = (...args: string[]) => cli.run('order', 'advance', String(orderId), ...args)
    expect(data(await advance('--to', 'paid', '--key', 'pay'))).toMatchObject({ orderId, state: 'paid', rule: 'order' })
    expect(data(await advance('--to', 'paid', '--key', 'pay'))).toMatchObject({ orderId, state: 'paid' })
    expect(seen(await advance('--to', 'delivered'))).toEqual([11, 'EZ_BAD_TRANSITION'])
    expect(data(await advance('--to', 'cancelled'))).toMatchObject({ state: 'cancelled' })
  })

  it('places one order however often a key is repeated', async () => {
    const once = data(await cli.run('order', 'place', '--city', 'Shanghai', '--key', 'k1'))
    expect(data(await cli.run('order', 'place', '--city', 'Shanghai', '--key', 'k1'))).toEqual(once)
  })

  it.each([
    [
      ['order', 'place', '--city', 'Yichun'],
      [2, 'EZ_AMBIGUOUS_CITY'],
    ],
    [
      ['order', 'place', '--city', 'Shangai'],
      [2, 'EZ_UNKNOWN_CITY'],
    ],
    [
      ['order', 'place', '--loc', '99,1'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'place', '--loc', '40.7,-74.0'],
      [11, 'EZ_NO_ROUTE'],
    ],
    [
      ['order', 'place'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'place', '--city', 'Shanghai', '--loc', '1,2'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'advance', 'abc', '--to', 'paid'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'advance', '127913961550135296', '--to', 'created'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'advance', '127913961550135296', '--to', 'assigned', '--rider', 'bob'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'advance', '127913961550135296', '--to', 'paid'],
      [11, 'EZ_UNKNOWN_ORDER'],
    ],
    [
      ['simulate', '--minutes', '0'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['simulate', '--minutes', '60', '--qps', '100'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'show', 'abc'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['order', 'show', '127913961550135296'],
      [11, 'EZ_UNKNOWN_ORDER'],
    ],
    [
      ['order', 'place', '--city', 'Shanghai', '--name', 'nowhere'],
      [3, 'EZ_NO_TESTBED'],
    ],
    [
      ['route', 'explain'],
      [2, 'EZ_USAGE'],
    ],
    [
      ['demo', '--orders', '0'],
      [2, 'EZ_USAGE'],
    ],
  ])('ends %j with %j', async (args, expected) => {
    expect(seen(await cli.run(...args))).toEqual(expected)
  })
})

describe('ezone route explain', () => {
  it('says where a position leads, and why', async () => {
    expect(data(await cli.run('route', 'explain', '--loc', '31.23,121.47'))).toMatchObject({
      tag: 'geo=31.23,121.47',
      shard: 31,
      zone: 'sh',
      epoch: 1,
      rule: 'geo',
      candidates: [{ shard: 31, name: 'Shanghai', zone: 'sh', distanceKm: 0 }],
    })
  })
})

describe('ezone demo', () => {
  it('places as many orders as it says, each in the zone of its shard', async () => {
    const result = data(await cli.run('demo', '--orders', '50', '--seed', '7'))
    const { perZone } = result as { perZone: Record<string, number> }
    expect(result).toMatchObject({ seed: 7, orders: 50 })
    expect(Object.keys(perZone)).toEqual(['bj', 'sh'])
    expect(Object.values(perZone).reduce((a, b) => a + b)).toBe(50)
  })
})
