import { describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import type { EdgeRequest } from './edge-client.ts'
import { type Mix, orderMix, parseMix } from './order-mix.ts'
import { noReply, type Reply } from './records.ts'

const { cells, divisions } = await readGroundData()
const signal = new AbortController().signal
const half: Mix = { place: 50, show: 30, pay: 20 }

/** A platform that acknowledges every order under the next number. */
async function asked(seed: number, mix: Mix, count: number, reply: (n: number) => Partial<Reply> = () => ({})) {
  const requests: EdgeRequest[] = []
  const send = async (request: EdgeRequest): Promise<Reply> => {
    requests.push(request)
    return { ...noReply, outcome: 'ok', orderId: String(requests.length), ...reply(requests.length) }
  }
  const operations = orderMix({ client: { send }, cells, divisions, mix, seed, run: 'r' })
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
    expect(parseMix('place=3, show=1')).toEqual({ place: 3, show: 1, pay: 0 })
  })

  it.each(['', 'place', 'place=x', 'place=1,eat=2', 'place=-1', 'show=1', 'toString=1'])('refuses %j', (text) => {
    expect(() => parseMix(text)).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
  })
})

describe('operations of a mix', () => {
  it('are the same for the same seed, and others for another', async () => {
    const [one, again, other] = await Promise.all([asked(7, half, 60), asked(7, half, 60), asked(8, half, 60)])
    expect(again.requests).toEqual(one.requests)
    expect(other.requests).not.toEqual(one.requests)
  })

  it('come about as often as the shares say', async () => {
    const { kinds } = await asked(1, half, 2_000)
    const share = (kind: string) => kinds.filter((one) => one === kind).length / kinds.length
    expect(share('place')).toBeGreaterThan(0.45)
    expect(share('place')).toBeLessThan(0.56)
    expect(share('show')).toBeGreaterThan(0.25)
    expect(share('pay')).toBeGreaterThan(0.15)
  })

  it('write under a key each, and read without one', async () => {
    const { requests } = await asked(1, half, 200)
    const keys = requests.filter(({ method }) => method === 'POST').map(({ requestKey }) => requestKey)
    expect(keys).not.toContain(undefined)
    expect(new Set(keys).size).toBe(keys.length)
    const reads = requests.filter(({ method }) => method === 'GET')
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.filter(({ requestKey }) => requestKey !== undefined)).toEqual([])
  })

  it('show and pay only what was acknowledged, and pay each once', async () => {
    const placedOk = new Set<string>()
    const { requests } = await asked(3, half, 500, (n) => {
      if (n % 3 === 0) return { outcome: 'unknown', orderId: null }
      placedOk.add(String(n))
      return {}
    })
    const named = requests.flatMap(({ path }) => /^\/orders\/(\d+)/.exec(path)?.[1] ?? [])
    expect(named.filter((id) => !placedOk.has(id))).toEqual([])
    const paid = requests.filter(({ path }) => path.endsWith('/advance')).map(({ path }) => path)
    expect(paid.length).toBeGreaterThan(50)
    expect(new Set(paid).size).toBe(paid.length)
  })
})
