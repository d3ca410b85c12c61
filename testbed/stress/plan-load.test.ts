import { describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { plannedOperations } from './builtin-load.ts'
import type { EdgeRequest } from './edge-client.ts'
import { type Mix, mixKinds, parseMix } from './mix.ts'
import { defaultMix } from './names.ts'
import { planLoad, plannedMax } from './plan-load.ts'
import { askFor, Newest } from './planned.ts'
import { noReply, type Reply } from './records.ts'
import type { World } from './world.ts'

const { cells, divisions } = await readGroundData()
const signal = new AbortController().signal
const half: Mix = { ...parseMix('place=50'), show: 30, pay: 20 }
const world: World = {
  riders: [{ id: '11', at: { lat: 31, lng: 121 } }],
  shops: ['21', '22'],
  users: ['31'],
  orders: ['41'],
}
const planned = (seed: number, mix: Mix, count: number) => planLoad({ cells, divisions, world, mix, seed, count })

/** A platform that acknowledges every order under the next number. */
async function asked(seed: number, mix: Mix, count: number, reply: (n: number) => Partial<Reply> = () => ({})) {
  const requests: EdgeRequest[] = []
  const send = async (request: EdgeRequest): Promise<Reply> => {
    requests.push(request)
    return { ...noReply, outcome: 'ok', orderId: String(requests.length), ...reply(requests.length) }
  }
  const operations = plannedOperations({ client: { send }, plan: planned(seed, mix, count), run: '1', nowMs: () => 7 })
  const kinds: string[] = []
  for (let i = 0; i < count; i++) {
    const operation = operations(i)
    kinds.push(operation.kind)
    await operation.send(signal)
  }
  return { requests, kinds }
}

describe('a mix', () => {
  it('is read from shares, and what is not named does not happen', () => {
    expect(parseMix('place=3, show=1')).toEqual({ place: 3, show: 1, pay: 0, position: 0, menu: 0, user: 0 })
  })

  it.each(['', 'place', 'place=x', 'place=1,eat=2', 'place=-1', 'show=1', 'toString=1'])('refuses %j', (text) => {
    expect(() => parseMix(text)).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
  })
})

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const mix = parseMix(defaultMix)
    expect(planned(7, mix, 300)).toEqual(planned(7, mix, 300))
    expect(planned(8, mix, 300)).not.toEqual(planned(7, mix, 300))
  })

  it('has every kind as often as the shares say', () => {
    const plan = planned(1, parseMix(defaultMix), 4_000)
    const share = (kind: string) => plan.filter((one) => one.kind === kind).length / plan.length
    const shares = { place: 0.3, show: 0.2, pay: 0.15, position: 0.2, menu: 0.1, user: 0.05 }
    for (const kind of mixKinds) expect(Math.abs(share(kind) - shares[kind])).toBeLessThan(0.02)
  })

  it('asks for riders, shops and users that are there', () => {
    const plan = planned(1, parseMix(defaultMix), 500)
    const paths = (kind: string) => new Set(plan.filter((one) => one.kind === kind).map(({ request }) => request.path))
    expect(paths('position')).toEqual(new Set(['/riders/11/position']))
    expect(paths('menu')).toEqual(new Set(['/merchants/21/menu', '/merchants/22/menu']))
    expect(paths('user')).toEqual(new Set(['/users/31']))
  })

  it('shows an order of before the run where its client knows none yet', () => {
    const memory = { known: new Newest(), unpaid: new Newest() }
    const show = planned(1, half, 50).find(({ kind }) => kind === 'show')
    const ask = () => show && askFor(show, { index: 0, run: '1', memory, nowMs: 7 })
    expect(ask()).toMatchObject({ kind: 'show', method: 'GET', path: '/orders/41', key: null })
    memory.known.add('99')
    expect(ask()?.path).toBe('/orders/99')
  })

  it('has a bound, and a longer run begins it again under new keys', async () => {
    expect(planned(1, half, plannedMax + 1)).toHaveLength(plannedMax)
    const send = async () => noReply
    const operations = plannedOperations({ client: { send }, plan: planned(1, half, 3), run: '1', nowMs: () => 7 })
    const keys = Array.from({ length: 9 }, (_, i) => operations(i).requestKey).filter((key) => key !== null)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('operations of a plan', () => {
  it('write under a key each, and read without one', async () => {
    const { requests } = await asked(1, half, 200)
    const keys = requests.filter(({ method }) => method === 'POST').map(({ requestKey }) => requestKey)
    expect(keys).not.toContain(undefined)
    expect(new Set(keys).size).toBe(keys.length)
    const reads = requests.filter(({ method }) => method === 'GET')
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.filter(({ requestKey }) => requestKey !== undefined)).toEqual([])
  })

  it('tell of a rider when it is there', async () => {
    const { requests } = await asked(1, { ...half, position: 100 }, 50)
    const report = requests.find(({ path }) => path.startsWith('/riders/'))
    expect(report?.body).toEqual({ lat: 31, lng: 121, atMs: 7 })
  })

  it('show and pay only what was acknowledged, and pay each once', async () => {
    const placedOk = new Set<string>()
    const { requests } = await asked(3, half, 500, (n) => {
      if (n % 3 === 0) return { outcome: 'unknown', orderId: null }
      placedOk.add(String(n))
      return {}
    })
    const named = requests.flatMap(({ path }) => /^\/orders\/(\d+)/.exec(path)?.[1] ?? [])
    expect(named.filter((id) => !placedOk.has(id) && !world.orders.includes(id))).toEqual([])
    const paid = requests.filter(({ path }) => path.endsWith('/advance')).map(({ path }) => path)
    expect(paid.length).toBeGreaterThan(50)
    expect(new Set(paid).size).toBe(paid.length)
  })
})
