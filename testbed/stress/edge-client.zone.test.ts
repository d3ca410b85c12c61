import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { serveDoor } from '../testing/link-ground.ts'
import { EdgeClient, type EdgeRequest } from './edge-client.ts'

const doors = [
  { host: '127.78.0.1', port: 8080 },
  { host: '127.78.0.2', port: 8080 },
]
const signal = new AbortController().signal
const route = 'x-ezone: sh; shard=31; epoch=5; rule=geo'

const open: AsyncDisposable[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one[Symbol.asyncDispose]()))
})

/** A router as far as a client sees one: each request is answered by its text, and remembered. */
async function serve(door: number, answer: (request: string, socket: Socket) => string | null) {
  const heard: string[] = []
  const onConnection = (socket: Socket) =>
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      const text = answer(chunk.toString(), socket)
      if (text !== null) socket.write(text)
    })
  open.push(await serveDoor(doors[door] ?? { host: '', port: 0 }, onConnection))
  return heard
}
const says = (status: number, body: object, ...headers: readonly string[]) => {
  const text = JSON.stringify(body)
  return [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(text)}`, ...headers, '', text].join('\r\n')
}
const created = () => says(201, { orderId: '7' }, route, 'x-ezone-version: 7:99')
const breaks = (_: string, socket: Socket) => {
  socket.destroy()
  return null
}

async function send(request: Partial<EdgeRequest> = {}) {
  await using client = new EdgeClient(doors)
  const all = { method: 'POST', path: '/orders', requestKey: 'k', body: {}, ...request } as const
  return await client.send(all, signal)
}

describe('a client of the routers', () => {
  it('tells what was done, where, and under which trace', async () => {
    const heard = await serve(0, created)
    const reply = await send({ tag: 'geo=31.23,121.47' })
    expect(reply).toMatchObject({
      outcome: 'ok',
      code: null,
      zone: 'sh',
      shard: 31,
      epoch: 5,
      orderId: '7',
      version: '99',
    })
    expect(heard[0]).toContain(`traceparent: 00-${reply.traceId}-`)
    expect(heard[0]).toContain('idempotency-key: k')
    expect(heard[0]).toContain('x-ezone-tag: geo=31.23,121.47')
  })

  it('uses every router in turn', async () => {
    const heard = [await serve(0, created), await serve(1, created)]
    await using client = new EdgeClient(doors)
    for (let i = 0; i < 4; i++) await client.send({ method: 'GET', path: '/orders/7' }, signal)
    expect(heard.map((requests) => requests.length)).toEqual([2, 2])
  })

  it.each([
    [503, 'EZ_SHARD_FROZEN', [], 'failed'],
    [421, 'EZ_WRONG_ZONE_WRITE', [], 'failed'],
    [504, 'EZ_OUTCOME_UNKNOWN', [], 'unknown'],
    [500, 'EZ_BUG', [], 'unknown'],
    [503, 'EZ_ZONE_UNREACHABLE', ['x-ezone-outcome: unknown'], 'unknown'],
  ] as const)('takes %i %s %j as %s, and does not ask again', async (status, code, headers, outcome) => {
    const heard = await serve(0, () => says(status, { error: { code } }, route, ...headers))
    expect(await send()).toMatchObject({ outcome, code, zone: 'sh' })
    expect(heard).toHaveLength(1)
  })

  it('goes to the other router where one is down', async () => {
    await serve(1, created)
    expect(await send()).toMatchObject({ outcome: 'ok', orderId: '7' })
  })

  it('says that nothing was done where none is up', async () => {
    expect(await send()).toMatchObject({ outcome: 'failed', code: 'EZ_NOT_RUNNING' })
  })

  it('asks once more under the same key where the connection broke', async () => {
    await serve(0, breaks)
    const second = await serve(1, created)
    expect(await send()).toMatchObject({ outcome: 'ok', orderId: '7' })
    expect(second[0]).toContain('idempotency-key: k')
  })

  it.each([
    ['a write', { method: 'POST' }, 'unknown', 'EZ_OUTCOME_UNKNOWN'],
    ['a read', { method: 'GET', path: '/orders/7' }, 'failed', 'EZ_ZONE_UNREACHABLE'],
  ] as const)('leaves %s open, or not, where both connections broke', async (_, request, outcome, code) => {
    await serve(0, breaks)
    await serve(1, breaks)
    expect(await send(request)).toMatchObject({ outcome, code })
  })

  it('keeps a write unknown where it may have arrived and the other router is down', async () => {
    await serve(0, breaks)
    expect(await send()).toMatchObject({ outcome: 'unknown' })
  })

  it('never repeats a write without a key', async () => {
    await serve(0, breaks)
    const second = await serve(1, created)
    await using client = new EdgeClient(doors)
    expect(await client.send({ method: 'POST', path: '/orders', body: {} }, signal)).toMatchObject({
      outcome: 'unknown',
    })
    expect(second).toEqual([])
  })
})
