import { newTrace } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GzsClient } from '../gzs/gzs-client.ts'
import { RouterClient } from '../orders/router-client.ts'
import { PlatformGround } from '../testing/platform-ground.ts'
import { explain } from './explain.ts'

let platform: PlatformGround
let router: RouterClient
const signal = new AbortController().signal
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 75, sh: 76, edge: 77 })
  await platform.startAll()
  router = new RouterClient(platform.addressOf('edge', 'router'))
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

const gzs = () => new GzsClient([platform.addressOf('edge', 'gzs')])
const ask = (orderId: string) => {
  const { blueprint, credentials, folder } = platform.ground
  return explain(orderId, { router, gzs: gzs(), blueprint, credentials, folder, signal })
}
const place = async () => {
  const trace = newTrace({ sampled: true })
  const { order } = await router.place({ tag: 'geo=31.23,121.47', trace, signal })
  return { orderId: order.orderId, traceId: trace.traceId }
}
const soon = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 100 })

describe('an explained order', () => {
  it('without replication is missing in the other zone, and only its own lets it be written', async () => {
    const { orderId, traceId } = await place()
    const explained = await ask(orderId)
    expect(explained).toMatchObject({
      orderId,
      rule: 'order',
      shard: 31,
      zone: 'sh',
      state: 'ACTIVE',
      moved: false,
      agreement: 'lagging',
      traceId,
      id: { cell: 1, madeIn: 'sh' },
    })
    const [sh, bj] = explained.zones
    expect(bj).toMatchObject({ zone: 'bj', row: null, decision: { kind: 'refuse', code: 'EZ_WRONG_ZONE_WRITE' } })
    expect(sh).toMatchObject({ zone: 'sh', behindMs: 0, decision: { kind: 'through' }, row: { writtenIn: 'sh' } })
    expect(bj?.behindMs).toBeGreaterThan(0)
  })

  it('says under which trace its event is on Kafka', async () => {
    const { orderId, traceId } = await place()
    await soon(async () => (await ask(orderId)).traces.map(({ where }) => where)).toContain('sh/kafka')
    expect((await ask(orderId)).traceId).toBe(traceId)
  })

  it('that nobody has is unknown, and what is no id is a usage error', async () => {
    const { orderId } = await place()
    const other = String(BigInt(orderId) + 1n)
    await expect(ask(other)).rejects.toMatchObject({ code: 'EZ_UNKNOWN_ORDER' })
    await expect(ask('abc')).rejects.toMatchObject({ code: 'EZ_USAGE' })
  })

  it('is the same everywhere once the replication has carried it', async () => {
    await platform.startAll(['drc'])
    const { orderId, traceId } = await place()
    await soon(async () => (await ask(orderId)).agreement).toBe('equal')
    const { zones, traces } = await ask(orderId)
    expect(traces.map(({ text }) => text)).toContainEqual(expect.stringContaining('drc.sh.mysql'))
    expect(zones[0]?.row).toEqual(zones[1]?.row)
    expect(zones[0]?.row?.traceId).toBe(traceId)
    await soon(async () =>
      (await ask(orderId)).traces.map(({ where, text }) => `${where} ${text.split(' ')[0]}`),
    ).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^sh\/drc.* logged$/),
        expect.stringMatching(/^bj\/drc.* applied$/),
      ]),
    )
  })

  it('that moved says by whom and why, and its new zone lets it be written', async () => {
    const { orderId } = await place()
    await soon(async () => (await ask(orderId)).agreement).toBe('equal')
    await gzs().beginMove({ shard: 31, to: 'bj', mode: 'planned', who: 'a test', why: 'to see it' }, signal)
    await soon(async () => (await ask(orderId)).zones.map(({ decision }) => decision?.kind)).toEqual([
      'through',
      'refuse',
    ])
    const explained = await ask(orderId)
    expect(explained).toMatchObject({ moved: true, zone: 'bj', id: { madeIn: 'sh' } })
    expect(explained.history[0]).toMatchObject({ who: 'a test', why: expect.stringContaining('to see it') })
  })

  it('is not known where a zone cannot be asked', async () => {
    const { orderId } = await place()
    await platform.stopStore('sh/mysql', 'kill')
    const explained = await ask(orderId)
    expect(explained.agreement).toBe('unknown')
    expect(explained.zones.find(({ zone }) => zone === 'sh')?.error).toContain('ECONNREFUSED')
  })
})
