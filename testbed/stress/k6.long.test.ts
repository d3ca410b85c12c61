import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import type { ServerHome } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import { folders } from '../surroundings/folders.ts'
import { markedProcesses } from '../surroundings/processes.ts'
import { type K6Options, runK6 } from './k6-load.ts'
import { parseMix } from './mix.ts'
import { planLoad } from './plan-load.ts'
import { profileOf } from './profile.ts'
import type { LoadRecord } from './records.ts'

const testbedId = `k6-test-${process.pid}`
const ground = await readGroundData()
const world = { riders: [], shops: [], users: [], orders: ['41'] }
const mix = parseMix('place=50,show=30,pay=20')
const plan = planLoad({ ...ground, world, mix, seed: 7, count: 500 })
const nothingThere = { host: '127.0.0.1', port: 9 }

/** A platform of one router: it acknowledges what it is asked, and leaves some without an answer. */
const heard: {
  readonly method: string | undefined
  readonly url: string
  readonly key: string
  readonly tag: string
}[] = []
const platform = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const said = (name: string) => String(request.headers[name] ?? '')
    heard.push({
      method: request.method,
      url: request.url ?? '',
      key: said('idempotency-key'),
      tag: said('x-ezone-tag'),
    })
    if (heard.length % 20 === 0) return void request.socket.destroy()
    if (heard.length % 33 === 0) return
    response.statusCode = isWrite(request) ? 201 : 200
    response.setHeader('x-ezone', 'sh; shard=31; epoch=5; rule=geo')
    response.end(JSON.stringify({ orderId: String(1_000 + heard.length) }))
  })
})
const isWrite = ({ method }: IncomingMessage) => method === 'POST'

let home: ServerHome
beforeAll(async () => {
  const homes = await provide(['k6'], { cacheDir: folders().cache, signal: AbortSignal.timeout(170_000) })
  home = homes.get('k6') as ServerHome
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void platform.close())

async function load(folder: string, more: Partial<K6Options> & { readonly forMs?: number } = {}) {
  const records: LoadRecord[] = []
  const { port } = platform.address() as AddressInfo
  const run = runK6({
    ...{ home, testbedId, folder, plan, run: '12345678', onBegun: () => {}, onRecord: (one) => records.push(one) },
    routers: [{ host: '127.0.0.1', port }, nothingThere],
    profile: profileOf('steady', { qps: 60, forMs: more.forMs ?? 4_000 }),
    ...{ signal: new AbortController().signal, until: new AbortController().signal, ...more },
  })
  return { run: await run, records }
}

describe('k6', () => {
  it('sends the plan at its times, agrees with its own summary, and leaves nothing behind', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'k6-'))
    heard.length = 0
    const { run, records } = await load(folder.path)
    expect(run.sent).toBeGreaterThanOrEqual(238)
    expect(run).toMatchObject({ dropped: 0, k6: { agrees: true, version: home.version } })
    // Half of the requests go to a router that is not there first, and are sent again to the other one.
    expect(run.k6.requests).toBeGreaterThan(run.sent * 1.3)
    expect(records.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(records.map((_, i) => i))
    const ok = records.filter(({ outcome }) => outcome === 'ok')
    expect(ok.length).toBeGreaterThan(run.sent * 0.85)
    expect(ok[0]).toMatchObject({ zone: 'sh', shard: 31, epoch: 5 })
    const wrong = records.filter(({ outcome }) => outcome !== 'ok')
    expect(wrong.length).toBeGreaterThan(0)
    for (const { kind, outcome } of wrong)
      expect([kind, outcome]).toEqual([kind, kind === 'show' ? 'failed' : 'unknown'])
    const placed = heard.find(({ url }) => url === '/orders')
    expect(placed).toMatchObject({
      method: 'POST',
      tag: expect.stringMatching(/^geo=/),
      key: expect.stringMatching(/^12345678-/),
    })
    expect(await readdir(folder.path)).toEqual([])
  })

  it('that is told to end does so, and what was sent is still counted', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'k6-'))
    const until = new AbortController()
    let begun = 0
    const onRecord = () => {
      if (++begun === 40) until.abort()
    }
    const { run } = await load(folder.path, { forMs: 60_000, until: until.signal, onRecord })
    expect(run.k6.agrees).toBeNull()
    expect(run.sent).toBeGreaterThanOrEqual(40)
    expect(run.ranMs).toBeLessThan(10_000)
  })

  it('carries the mark of its testbed, and dies with its signal', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'k6-'))
    const end = new AbortController()
    let seen = 0
    const onBegun = async () => {
      seen = (await markedProcesses(testbedId)).filter(({ spec, leader }) => spec === 'k6' && leader).length
      end.abort(new Error('interrupted'))
    }
    const options = { forMs: 60_000, signal: end.signal, onBegun: () => void onBegun() }
    await expect(load(folder.path, options)).rejects.toThrow('interrupted')
    expect(seen).toBe(1)
    expect(await markedProcesses(testbedId)).toEqual([])
    expect(await readdir(folder.path)).toEqual([])
  })

  it('that cannot do its work is a void run, with its own words', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'k6-'))
    const profile = [
      { atMs: 0, qps: 5 },
      { atMs: -1, qps: 5 },
    ]
    await expect(load(folder.path, { profile })).rejects.toMatchObject({ code: 'EZ_STRESS_VOID' })
  })

  it('whose files have no room is told before it begins', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'k6-'))
    const huge = { length: 2 ** 45 } as unknown as K6Options['plan']
    await expect(load(folder.path, { plan: huge })).rejects.toMatchObject({ code: 'EZ_NO_DISK' })
    expect(await readdir(folder.path)).toEqual([])
  })
})
